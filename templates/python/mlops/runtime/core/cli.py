"""The command line: find out what is meant, run it, turn a failure into a message and an exit code."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from . import paths, personal
from .config import ModelConfig, ProjectPlan, load_model, load_plan
from .errors import StepError, UsageError
from .files import write_json

STEPS: dict[str, tuple[str, str]] = {
    "ingest": ("data.ingest", "ingest"),
    "validate": ("data.validate", "validate"),
    "features": ("features.batch", "build_features"),
    "split": ("train.split", "split"),
    "train": ("train.fit", "train"),
    "evaluate": ("train.evaluate", "evaluate"),
    "gate": ("train.gate", "gate"),
    "register": ("train.register", "register"),
    "package": ("train.package", "package"),
}
"""Each step, in order: the module below ``runtime`` and the function that runs it."""

ACTIONS = ("serve", "batch", "show-request")
COMMANDS = ("monitor", "models", "features", "data", "lineage", "state")

HELP = """\
usage: python -m mlops MODEL STEP [STEP...]
       python -m mlops MODEL serve|batch|show-request [options]
       python -m mlops monitor|models|features|data|lineage|state ...

Run it from the project folder, the one that holds mlops/.

  MODEL STEP [STEP...]      run steps of a model; "all" runs every one, in this order:
                            {steps}
  MODEL serve               answer requests over HTTP        [--host H] [--port P]
  MODEL batch               score a file or a dataset        [--input FILE] [--output FILE] [--log | --no-log]
  MODEL show-request        one real request, as JSON
  monitor NAME              check a model in production      [--at ISO_TIME]
  models list               the registered versions
  models show MODEL         one model: versions, aliases, metrics
  models promote MODEL      move the alias "champion"        [--version N] --by WHO --why TEXT
  features refresh [SET...] compute the stored features again [--at ISO_TIME]
  features status           what the online stores hold
  lineage [MODEL[@VERSION]] what each version was made of, and what has changed since    [--json]
  data profile [DATASET]    what the data look like          [--format text|json|html] [--output FILE]
  state pull|push           copy the home from or to the storage

  --params FILE MODEL STEP  with the values of a YAML file in place of the compiled ones

Models:   {models}
Monitors: {monitors}

exit codes: 0 done, 1 a step failed, 2 wrong usage, 5 a gate failed
"""


def main(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code says how it ended."""
    # OpenMP threads that wait by spinning slow one another down twentyfold when models train side by side.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        return _dispatch(list(arguments))
    except StepError as error:
        print(f"error{_place(error)}: {personal.message(error)}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except Exception as error:  # noqa: BLE001 - the one place where an unforeseen failure becomes a message
        print(_unexpected(error, arguments), file=sys.stderr)
        return 1


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(_help(), end="")
        return 0
    plan = _load_plan()
    _add_user_code(plan)
    if arguments[0] == "--params":
        arguments = _varied(arguments)
    first, rest = arguments[0], arguments[1:]
    if first in COMMANDS:
        commands = {
            "monitor": _monitor,
            "models": _models,
            "features": _features,
            "data": _data,
            "lineage": _lineage,
            "state": _state,
        }
        return commands[first](plan, rest)
    return _model(first, rest)


def _varied(arguments: list[str]) -> list[str]:
    """Take the parameters from the file that is named; the arguments after it come back."""
    if len(arguments) < 3:  # noqa: PLR2004 - the option, its file, and what to do
        raise UsageError("--params needs a file, and then a model with its steps", "--params params.yaml MODEL STEP")
    try:
        use = load("core.params", "use")
    except ModuleNotFoundError as error:
        raise UsageError("this project keeps no parameters in a file", "stack: {data_versioning: dvc} does") from error
    use(arguments[1])
    return arguments[2:]


def _help() -> str:
    plan = _load_plan()
    return HELP.format(
        steps=" ".join(STEPS),
        models=", ".join(paths.model_names()) or "none",
        monitors=", ".join(sorted(plan.monitors)) or "none",
    )


def _model(name: str, arguments: list[str]) -> int:
    config = load_config(name)
    if not arguments:
        message = f"what should be done with '{name}'?"
        raise UsageError(message, f"name steps ({' '.join(STEPS)}, all) or one of {', '.join(ACTIONS)}")
    paths.prepare_home()
    if arguments[0] in ACTIONS:
        actions = {"serve": _serve, "batch": _batch, "show-request": _show_request}
        return actions[arguments[0]](config, arguments[1:])
    steps = list(STEPS) if arguments == ["all"] else arguments
    for step in steps:
        if step not in STEPS:
            raise UsageError(f"unknown step '{step}'", closest(step, [*STEPS, "all", *ACTIONS]))
    _know_who_is_champion(paths.Work.of(config.model))
    for step in steps:
        _run_step(config, step)
    return 0


def _know_who_is_champion(work: paths.Work) -> None:
    """Say that nobody was promoted yet: what watches files cannot depend on one that is not there."""
    if not work.promoted.exists():
        write_json(work.promoted, {})


def load_config(name: str) -> ModelConfig:
    """The configuration of the model ``name``; UsageError suggests a name that exists."""
    names = paths.model_names()
    if name not in names:
        raise UsageError(f"unknown model or command '{name}'", closest(name, [*names, *COMMANDS]))
    try:
        return load_model(paths.config_file(name))
    except ValueError as error:
        raise StepError(str(error)) from error


def _run_step(config: ModelConfig, step: str) -> None:
    started = time.perf_counter()
    run: Callable[[ModelConfig, paths.Work], str] = load(*STEPS[step])
    try:
        result = run(config, paths.Work.of(config.model))
    except Exception as error:
        error.add_note(f"{config.model} {step}")  # which of several steps it was
        raise
    print(f"{config.model}  {step:<9} {result}  ({time.perf_counter() - started:.1f} s)", flush=True)


def load(module: str, name: str) -> Any:
    """A function of the runtime, imported only now: no command pays for the libraries of another."""
    try:
        found = import_module(f"..{module}", package=__package__)
    except ModuleNotFoundError as error:
        raise _not_there(error) from error
    return getattr(found, name)


def _not_there(error: ModuleNotFoundError) -> StepError:
    package = __package__.rpartition(".")[0]
    if (error.name or "").startswith(package):
        part = (error.name or "").removeprefix(f"{package}.").split(".")[0]
        return StepError(f"this project was compiled without '{part}'", "add it to mlops.yaml and compile again")
    return StepError(
        f"the package '{error.name}' is not installed",
        "install mlops/models/<model>/requirements-train.txt (or requirements-serve.txt) into this environment",
    )


def _serve(config: ModelConfig, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"python -m mlops {config.model} serve")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=None, help="port; 0 takes a free one and prints it")
    options = parser.parse_args(arguments)
    port = options.port if options.port is not None else (config.api.port if config.api else 8080)
    load("serve.app", "serve")(config, host=options.host, port=port)
    return 0


def _batch(config: ModelConfig, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"python -m mlops {config.model} batch")
    parser.add_argument("--input", default=None, help="a CSV, Parquet or JSON file; else the dataset of the spec")
    parser.add_argument("--output", default=None, help="the Parquet file to write; else the one of the spec")
    parser.add_argument("--log", action=argparse.BooleanOptionalAction, default=True, help="append to the log")
    options = parser.parse_args(arguments)
    print(load("serve.batch", "score_batch")(config, input=options.input, output=options.output, log=options.log))
    return 0


def _show_request(config: ModelConfig, arguments: list[str]) -> int:
    argparse.ArgumentParser(prog=f"python -m mlops {config.model} show-request").parse_args(arguments)
    print(load("train.package", "sample_request")(config, paths.Work.of(config.model)))
    return 0


def _monitor(plan: ProjectPlan, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mlops monitor")
    parser.add_argument("name", help=f"one of: {', '.join(sorted(plan.monitors)) or 'none'}")
    parser.add_argument("--at", type=_moment, default=None, help="as of this ISO 8601 time; else now")
    options = parser.parse_args(arguments)
    if options.name not in plan.monitors:
        raise UsageError(f"unknown monitor '{options.name}'", closest(options.name, list(plan.monitors)))
    paths.prepare_home()
    monitor = plan.monitors[options.name]
    print(load("monitor.run", "run_monitor")(plan, monitor, load_config(monitor.model), at=options.at))
    return 0


def _models(plan: ProjectPlan, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mlops models")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the registered versions of every model")
    show = commands.add_parser("show", help="one model at length")
    show.add_argument("model")
    promote = commands.add_parser("promote", help="make a version the champion")
    promote.add_argument("model")
    promote.add_argument("--version", default=None, help="the version; else the challenger")
    promote.add_argument("--by", required=True, help="who decides")
    promote.add_argument("--why", required=True, help="for the record")
    options = parser.parse_args(arguments)
    paths.prepare_home()
    if options.command == "list":
        print(load("train.registry", "list_models")([load_config(name) for name in plan.models]))
    elif options.command == "show":
        print(load("train.registry", "show_model")(load_config(options.model)))
    else:
        config = load_config(options.model)
        print(load("train.registry", "promote")(config, version=options.version, by=options.by, why=options.why))
    return 0


def _features(plan: ProjectPlan, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mlops features")
    commands = parser.add_subparsers(dest="command", required=True)
    refresh = commands.add_parser("refresh", help="compute the latest values and write them to the online store")
    refresh.add_argument("sets", nargs="*", metavar="SET", help="feature sets; else all")
    refresh.add_argument("--at", type=_moment, default=None, help="as of this ISO 8601 time; else the newest row's")
    commands.add_parser("status", help="what the online stores hold, and how old it is")
    options = parser.parse_args(arguments)
    paths.prepare_home()
    configs = [load_config(name) for name in plan.models]
    if options.command == "status":
        print(load("features.refresh", "show_status")(configs))
    else:
        print(load("features.refresh", "refresh")(configs, options.sets, at=options.at))
    return 0


def _lineage(plan: ProjectPlan, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mlops lineage")
    parser.add_argument("model", nargs="?", default=None, metavar="MODEL[@VERSION]", help="a number, an alias or a run")
    parser.add_argument("--json", action="store_true", help="for scripts")
    options = parser.parse_args(arguments)
    name, _, version = (options.model or "").partition("@")
    configs = [load_config(name)] if name else [load_config(model) for model in plan.models]
    paths.prepare_home()
    print(load("train.provenance", "report")(configs, version or None, as_json=options.json))
    return 0


def _data(plan: ProjectPlan, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mlops data")
    commands = parser.add_subparsers(dest="command", required=True)
    look = commands.add_parser("profile", help="what a dataset looks like")
    look.add_argument("dataset", nargs="?", default=None, help="a dataset of the spec; else the only one")
    look.add_argument("--format", choices=["text", "json", "html"], default=None, help="text, unless --output says")
    look.add_argument("--output", default=None, help="a file to write")
    options = parser.parse_args(arguments)
    paths.prepare_home()
    configs = [load_config(name) for name in plan.models]
    print(load("data.profile", "profile")(configs, options.dataset, form=options.format, output=options.output))
    return 0


def _state(plan: ProjectPlan, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m mlops state")
    parser.add_argument("direction", choices=["pull", "push"])
    options = parser.parse_args(arguments)
    paths.prepare_home()
    print(load("core.storage", options.direction)(plan))
    return 0


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _load_plan() -> ProjectPlan:
    if not paths.plan_file().exists():
        raise StepError(f"{paths.plan_file()} does not exist", "compile the spec again")
    return load_plan(paths.plan_file())


def _add_user_code(plan: ProjectPlan) -> None:
    for entry in plan.code:
        folder = str((paths.root() / entry).parent)
        if folder not in sys.path:
            sys.path.insert(0, folder)


def closest(name: str, known: Sequence[str]) -> str:
    """A hint that names the nearest of the ``known`` names, or all of them."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{near[0]}'?" if near else f"there is: {', '.join(known) or 'none'}"


def _place(error: Exception) -> str:
    notes = getattr(error, "__notes__", [])
    return f"[{notes[0]}]" if notes else ""


def _unexpected(error: Exception, arguments: Sequence[str]) -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    what = f"{type(error).__name__}: {personal.masked(str(error))}".splitlines()[0]
    command = (getattr(error, "__notes__", None) or [" ".join(arguments)])[0]
    file = paths.logs() / f"{command.replace(' ', '-').replace('/', '_')[:100]}-{stamp}.log"
    try:
        paths.prepare_home()
        file.parent.mkdir(exist_ok=True)
        file.write_text(personal.trace(error), encoding="utf-8")
    except OSError:  # a full or read-only disk must not hide the failure itself
        return f"error{_place(error)}: {what}"
    return f"error{_place(error)}: {what}\n  help: the traceback is in {file}"
