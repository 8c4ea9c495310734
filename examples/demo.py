"""The whole life of one model on real flights, from the spec to a verdict on a later month: ``make demo``.

Run as ``python examples/demo.py FOLDER`` with an interpreter that has ``mlopsc[local]``. The folder keeps the table,
the cache of the run and the prediction log, so a second demo takes seconds.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).resolve().parent / "flight-delays"
FILES = ("mlops.yaml", "data.py", "Makefile", "README.md", ".gitignore")
MODEL = "late-arrival"
PYTHON = sys.executable
MLOPSC = str(Path(PYTHON).with_name("mlopsc"))
AFTERWARDS = "2013-11-01T12:00:00"
"""When the monitors look: October is over."""
START_SECONDS = 60
GATE_FAILED = 5


def main(folder: Path) -> None:
    """Go through all of it; the first command that fails ends the demo with its exit code."""
    started = time.monotonic()
    prepare(folder)
    title("1", "Check and compile one mlops.yaml")
    run(folder, MLOPSC, "check")
    run(folder, MLOPSC, "compile")
    title("2", "Run what was compiled: ingest, validate, features, split, train, evaluate, gate, register, package")
    run(folder, MLOPSC, "run")
    title("3", "Serve the model, and ask it about one real flight")
    ask(folder)
    title("4", "October arrives: score it in batch, then look for drift, and at the accuracy now that labels are in")
    run(folder, PYTHON, "-m", "mlops", MODEL, "batch")
    run(folder, PYTHON, "-m", "mlops", "monitor", "drift", "--at", AFTERWARDS)
    run(folder, PYTHON, "-m", "mlops", "monitor", "accuracy", "--at", AFTERWARDS)
    say(NEXT.format(folder=relative(folder), model=MODEL, seconds=time.monotonic() - started))


def prepare(folder: Path) -> None:
    """A repository of its own with the example in it, and the flights."""
    title("0", f"The example flight-delays in {relative(folder)}, and its data: all flights from New York City in 2013")
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        content = (EXAMPLE / name).read_bytes()
        if not (folder / name).exists() or (folder / name).read_bytes() != content:
            (folder / name).write_bytes(content)
    if not (folder / ".git").exists():
        subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    if all((folder / "data" / name).exists() for name in ("flights.parquet", "later.parquet")):
        say("data/flights.parquet and data/later.parquet are there already")
    else:
        run(folder, PYTHON, "data.py")


def ask(folder: Path) -> None:
    """Start the service on a free port, send one flight of the test rows, print the answer, stop the service."""
    show = [PYTHON, "-m", "mlops", MODEL, "show-request"]
    request = subprocess.run(show, cwd=folder, check=True, capture_output=True, text=True).stdout
    command = [PYTHON, "-m", "mlops", MODEL, "serve", "--port", "0"]
    say("$ " + readable(command))
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment()) as server:
        try:
            url = address(server)
            say(f"$ curl -H 'content-type: application/json' --data @request.json {url}/predict")
            say(f"request: {json.dumps(json.loads(request))}")
            say(f"answer:  {json.dumps(post(f'{url}/predict', request))}")
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)


def address(server: subprocess.Popen[str]) -> str:
    """Where the service says that it listens."""
    for line in server.stdout or ():
        say(line.rstrip())
        found = re.search(r"http://\S+:\d+", line)
        if found:
            return found.group()
    sys.exit(f"error: the service ended with exit code {server.wait()} before it listened")


def post(url: str, body: str) -> Any:
    """The JSON that comes back."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, data=body.encode(), headers=headers)  # noqa: S310  (our own service)
    with urllib.request.urlopen(request, timeout=START_SECONDS) as answer:  # noqa: S310
        return json.load(answer)


def run(folder: Path, *command: str) -> None:
    """Show a command and what it prints."""
    say("$ " + readable(command))
    done = subprocess.run(list(command), cwd=folder, env=environment(), check=False)
    if done.returncode == GATE_FAILED:
        say("A gate failed, so nothing was registered: that is what gates are for.")
    if done.returncode:
        sys.exit(done.returncode)


def environment() -> dict[str, str]:
    """This environment, without what would make a step act as if it ran in CI, and with bytecode that is kept."""
    hidden = {"GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "PYTHONDONTWRITEBYTECODE", "MLOPS_HOME"}
    return {**{name: value for name, value in os.environ.items() if name not in hidden}, "MLOPSC_PYTHON": PYTHON}


def readable(command: Sequence[str]) -> str:
    """A command as one would type it in an activated virtual environment."""
    return " ".join({PYTHON: "python", MLOPSC: "mlopsc"}.get(word, word) for word in command)


def title(number: str, text: str) -> None:
    """A line above what follows."""
    say(f"\n== {number}. {text}")


def say(text: str) -> None:
    """Print at once, so that the lines stand in the order of what happens."""
    print(text, flush=True)  # noqa: T201  (this talks to whoever runs it)


def relative(path: Path) -> Path:
    """The path as seen from here, where it lies below."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


NEXT = """
== Done in {seconds:.0f} s. What to look at next, in {folder}:
  mlops.yaml                                   the 130 lines that all of this was compiled from
  mlops/README.md                              every generated file, and how to run everything without mlopsc
  mlops/features/flight_features.py            each feature as SQL and as Python
  .github/workflows/                           ci, train, deploy and monitor
  .mlops/work/{model}/gate/gates.json    why the model was let through
  .mlops/monitors/drift/report.html            what moved in October
  .mlops/predictions/{model}/            the prediction log
Change a line of mlops.yaml, then: mlopsc plan, mlopsc compile, mlopsc run (only what the change reaches runs again)."""


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: python examples/demo.py FOLDER")
    main(Path(sys.argv[1]).resolve())
