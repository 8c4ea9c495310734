"""The command line of a generated project: help, exit codes, messages instead of tracebacks."""

from __future__ import annotations

from typing import Any


def test_help_names_steps_models_and_exit_codes(penguins: Any) -> None:
    """Without arguments the command explains itself with what this project has."""
    shown = penguins.run().stdout
    assert "ingest validate features split train evaluate gate register package" in shown
    assert "Models:   species\n" in shown
    assert "exit codes: 0 done, 1 a step failed, 2 wrong usage, 5 a gate failed" in shown


def test_unknown_model_suggests_the_nearest_one(penguins: Any) -> None:
    """A misspelt model is wrong usage with the name that was meant."""
    done = penguins.run("specis", "ingest", code=2)
    assert done.stderr == "error: unknown model or command 'specis'\n  help: did you mean 'species'?\n"


def test_unknown_step_is_refused_before_anything_runs(penguins: Any) -> None:
    """Steps are looked up first, so a typo in the last one costs nothing."""
    done = penguins.step("ingest", "splitt", code=2)
    assert done.stderr == "error: unknown step 'splitt'\n  help: did you mean 'split'?\n"
    assert not penguins.work.exists()


def test_step_without_its_input_names_the_step_to_run(penguins: Any) -> None:
    """A step whose predecessor has not run says which."""
    done = penguins.step("split", code=1)
    path = penguins.work / "features" / "features.parquet"
    assert done.stderr == f"error[species split]: {path} does not exist\n  help: run the step 'features' first\n"


def test_unforeseen_failure_is_one_line_and_a_log_file(penguins: Any) -> None:
    """A crash of a feature module shows no traceback; the log file that is named has it."""
    (penguins.folder / "mlops" / "features" / "penguin.py").write_text("SOURCE = 1 / 0\n")
    done = penguins.step("ingest", "features", code=1)
    assert "Traceback" not in done.stderr
    first, second = done.stderr.splitlines()
    assert first == "error[species features]: ZeroDivisionError: division by zero"
    log = second.removeprefix("  help: the traceback is in ")
    with open(log, encoding="utf-8") as file:  # noqa: PTH123
        assert file.readlines()[-2] == "ZeroDivisionError: division by zero\n"


def test_configuration_of_another_compiler_says_compile_again(penguins: Any) -> None:
    """A key that this runtime does not know is a message about the file, not a crash."""
    penguins.config["flavour"] = "sweet"
    penguins.write()
    done = penguins.step("ingest", code=1)
    file = penguins.folder / "mlops" / "models" / "species" / "config.json"
    assert done.stderr == f"error: {file}: unknown key 'flavour'; compile the spec again\n"


def test_home_is_never_committed(penguins: Any) -> None:
    """The first step writes a .gitignore into the home."""
    penguins.step("ingest")
    assert (penguins.folder / ".mlops" / ".gitignore").read_text() == "*\n"


def test_home_can_be_moved(penguins: Any) -> None:
    """MLOPS_HOME moves everything that steps write."""
    penguins.run("species", "ingest", MLOPS_HOME="elsewhere")
    assert (penguins.folder / "elsewhere" / "work" / "species" / "ingest" / "penguins.parquet").exists()
    assert not (penguins.folder / ".mlops").exists()
