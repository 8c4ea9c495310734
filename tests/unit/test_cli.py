"""The command line as a whole: instant help, completion, and messages instead of tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlopsc.cli import COMMANDS, cli
from mlopsc.cli.crash import report

HEAVY = (
    "yaml",
    "jinja2",
    "jsonschema",
    "jsonschema_rs",
    "networkx",
    "sqlglot",
    "docker",
    "duckdb",
    "pandas",
    "sklearn",
)


def loaded_after(code: str) -> set[str]:
    """The heavy packages that a fresh interpreter has imported after running ``code``."""
    script = f"import sys\n{code}\nprint(*sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_imports_nothing_heavy() -> None:
    """`mlopsc --help` and completion are instant."""
    run = "from mlopsc.cli import cli\ncli(['--help'], standalone_mode=False)\nprint()"
    assert loaded_after(run) == set()
    assert loaded_after("import mlopsc\nprint()") == set()


def test_check_imports_no_library_of_the_generated_code(tmp_path: Path) -> None:
    """Checking a spec neither needs nor imports what the generated code runs on."""
    (tmp_path / "mlops.yaml").write_text("version: 1\n")
    run = f"from mlopsc import check\ncheck({str(tmp_path)!r})\nprint()"
    assert not loaded_after(run) & {"jinja2", "networkx", "docker", "duckdb", "pandas", "sklearn"}


def test_help_lists_every_command() -> None:
    """Each command has one line that says what it does."""
    text = CliRunner().invoke(cli, ["--help"]).output
    for name, line in COMMANDS.items():
        assert f"{name} " in text
        assert line.split()[0] in text


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_of_each_command_says_what_it_does(name: str) -> None:
    """Every command explains itself."""
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: cli {name} ")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    """The script completes `mlopsc` in that shell."""
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0
    assert "_MLOPSC_COMPLETE" in result.output


def test_crash_report_keeps_the_traceback_in_a_file() -> None:
    """A crash of ours shows no traceback and says how to report it."""
    try:
        int("x")
    except ValueError as error:
        text = report(error)
    lines = text.splitlines()
    assert lines[0].endswith("crashed: ValueError: invalid literal for int() with base 10: 'x'")
    assert lines[1] == "This is a mistake in mlopsc, not in your spec."
    file = Path(lines[2].removeprefix("Please report it, with the file ").split(" and the spec")[0])
    assert "Traceback (most recent call last)" in file.read_text()
    file.unlink()


def test_check_formats_agree(tmp_path: Path) -> None:
    """Every format reports the same diagnostics, and the exit code is the same."""
    spec = tmp_path / "mlops.yaml"
    spec.write_text("version: 1\ndata: {}\ndata: {}\n")
    runner = CliRunner()
    found = runner.invoke(cli, ["check", str(spec), "--format", "json"])
    assert found.exit_code == 1
    diagnostics = json.loads(found.output)["diagnostics"]
    codes = [one["code"] for one in diagnostics]
    sarif = json.loads(runner.invoke(cli, ["check", str(spec), "--format", "sarif"]).output)
    assert [one["ruleId"] for one in sarif["runs"][0]["results"]] == codes
    github = runner.invoke(cli, ["check", str(spec), "--format", "github"]).output
    assert [line.split("title=")[1].split("::")[0].split(",")[0] for line in github.splitlines()] == codes
    text = runner.invoke(cli, ["check", str(spec)]).output
    assert [line.split("[")[1].split("]")[0] for line in text.splitlines() if line.startswith("error[")] == codes
