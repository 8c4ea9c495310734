# mypy: disable-error-code="import-untyped"
"""Personal data: what is marked ``pii: true`` is nowhere but in the data, the model that is given it, and by name.

Real penguins get an observer, a keeper and a fee, whose values occur nowhere else in the world. Everything is run on
them, mistakes included, and then every file that was written and every word that was printed is searched.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytestmark = pytest.mark.slow

PENGUINS = Path(__file__).parents[2] / "examples" / "penguins" / "data" / "penguins.csv"
MLOPSC = str(Path(sys.executable).with_name("mlopsc"))
SECRET = re.compile(rb"CANARY\w*|7714\d{3}")
DATA = re.compile(
    r"data/.*|\.mlops/work/species/(ingest|features|split)/.*\.parquet|\.mlops/work/species/evaluate/scored\.parquet"
)
"""Where the rows themselves lie: never in an artifact, an image or a commit."""

SPEC = """\
version: 1
project: {name: watched}
stack: {alerts: [github-issue]}
images: {registry: ghcr.io/acme}
data:
  penguins:
    source: data/penguins.csv
    key: tag
    time: seen_at
    columns:
      tag: {type: string, unique: true}
      seen_at: timestamp
      observer: {type: string, pii: true, unique: true, pattern: "C.*x"}
      keeper: {type: string, pii: true}
      fee: {type: float, pii: true, min: 100}
      species: string
      bill_length_mm: float?
      body_mass_g: float?
    checks:
      - {kind: duplicate_keys}
      - {kind: sql, name: paid, violations: "select * from penguins where fee < 100"}
features:
  looks:
    from: penguins
    columns:
      keeper: {}
      fee: {}
      bill_length_mm: {}
      body_mass_g: {}
models:
  species:
    features: [looks]
    label: species
    split: {by: random, validation: 15%, test: 25%}
    train: {estimator: sklearn.ensemble.RandomForestClassifier, params: {n_estimators: 20}, seed: 7}
    evaluate: {metrics: [accuracy], slices: [keeper]}
    gates:
      - {metric: accuracy, min: 0.5}
      - {metric: accuracy, slice: keeper, min: 0.2, insufficient: warn}
    deploy:
      api: {port: 8080, log_predictions: KEEP}
      batch: {schedule: "0 3 * * *", input: penguins, output: out/species.parquet, log_predictions: KEEP}
monitors:
  drift:
    {model: species, kind: data-drift, schedule: "0 6 * * *", window: 60d, threshold: 0.000001, min_rows: 5,
     columns: all, on_breach: [alert]}
  contract:
    {model: species, kind: data-quality, schedule: "0 6 * * *", window: 60d, min_rows: 5, on_breach: [alert]}
  accuracy:
    {model: species, kind: performance, schedule: "0 6 * * *", window: 60d, metric: accuracy, min: 0.999999,
     labels: penguins, on_breach: [alert]}
"""


@dataclass
class Project:
    """A folder with a spec, what its commands printed, and what its alerts said."""

    folder: Path
    printed: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str, code: int = 0) -> str:
        """One command; its exit code must be ``code``, and its words are kept."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "MLOPS_"))}
        summary = {
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_OUTPUT": str(self.folder / "output.txt"),
        }
        env = {**kept, **summary, **self.environment, "MLOPSC_PYTHON": sys.executable}
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        self.printed[f"{len(self.printed)} {' '.join(command[-3:])}"] = said
        assert done.returncode == code, said
        return said

    def mlops(self, *arguments: str, code: int = 0) -> str:
        """``python -m mlops`` with these arguments."""
        return self.run(sys.executable, "-m", "mlops", *arguments, code=code)

    def write(self, **changes: dict[int, str]) -> None:
        """The penguins with their persons; ``changes`` are cells by column and row."""
        with PENGUINS.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        start = datetime(2026, 1, 1)  # noqa: DTZ001 - the spec's times are UTC without saying so
        for number, row in enumerate(rows):
            row |= {
                "tag": f"p{number}",
                "seen_at": (start + timedelta(hours=2 * number)).isoformat(),
                "observer": f"CANARYobserver{number:03}x",
                "keeper": f"CANARYkeeper{number % 5}x",
                "fee": f"{7714000 + number}",
            }
            row |= {column: cells[number] for column, cells in changes.items() if number in cells}
        target = self.folder / "data" / "penguins.csv"
        target.parent.mkdir(exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


class Issues(BaseHTTPRequestHandler):
    """Answers as GitHub does where alerts go, and keeps what they say."""

    seen: list[str]

    def do_GET(self) -> None:
        """No issue is open."""
        self._answer(200, [])

    def do_POST(self) -> None:
        """One more issue."""
        self.seen.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer(201, {"number": len(self.seen)})

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""

    def _answer(self, status: int, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def issues() -> Iterator[tuple[dict[str, str], list[str]]]:
    """A repository on loopback: the environment that names it, and the alerts that it got."""
    handler = type("Kept", (Issues,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    yield {"GITHUB_API_URL": address, "GITHUB_REPOSITORY": "acme/watched", "GITHUB_TOKEN": "x"}, handler.seen  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


@contextmanager
def served(project: Project) -> Iterator[str]:
    """The model's service, until it is told to stop."""
    output = project.folder / "server.log"
    with output.open("wb") as log:
        command = [sys.executable, "-m", "mlops", "species", "serve", "--port", "0"]
        process = subprocess.Popen(command, cwd=project.folder, stdout=log, stderr=log)
    try:
        for _ in range(300):
            found = re.search(r"serving on (http://\S+)", output.read_text(encoding="utf-8"))
            if found or process.poll() is not None:
                break
            time.sleep(0.1)
        assert found, output.read_text(encoding="utf-8")
        yield found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def ask(address: str, body: str) -> str:
    """What the service answers, whatever it is."""
    request = urllib.request.Request(
        f"{address}/predict", data=body.encode(), headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()


def texts(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what they say where they are packed or columnar."""
    content = path.read_bytes()
    yield content
    if content.startswith(b"PAR1"):
        rows = duckdb.connect().execute("FROM read_parquet(?)", [str(path)]).fetchall()
        yield repr(rows).encode()
    elif content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as database:
            yield "\n".join(database.iterdump()).encode()
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def leaks(folder: Path) -> dict[str, set[bytes]]:
    """The files below ``folder`` that have a secret, with what was found of it."""
    found: dict[str, set[bytes]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        hits = {hit for text in texts(path) for hit in SECRET.findall(text)}
        if hits:
            found[path.relative_to(folder).as_posix()] = hits
    return found


def through_everything(folder: Path, keep: str) -> tuple[Project, dict[str, str], list[str]]:
    """A project that has gone through every command, the answers to its requests, and its alerts."""
    project = Project(folder=folder)
    (folder / "mlops.yaml").write_text(SPEC.replace("KEEP", keep), encoding="utf-8")
    project.write(fee={7: "CANARYfree"})
    project.run(MLOPSC, "compile")
    project.run(MLOPSC, "data", "profile", code=1)
    project.mlops("species", "ingest", code=1)
    project.run(MLOPSC, "run", code=1)
    project.write(fee={7: "7.714"}, observer={3: "CANARYobserver004x", 5: "anonymousCANARY"})
    project.mlops("species", "ingest")
    project.mlops("species", "validate", code=1)
    project.run(MLOPSC, "data", "profile", "--format", "html", "--output", "broken.html")
    project.write()
    project.mlops("species", "all")
    project.mlops("models", "promote", "species", "--by", "test", "--why", "first")
    project.mlops("models", "show", "species")
    project.mlops("species", "show-request")
    project.mlops("species", "batch")
    good = {"tag": "p1", "keeper": "CANARYkeeper1x", "fee": 7714001.0, "bill_length_mm": 40.1, "body_mass_g": 3800.0}
    bodies = {
        "good": json.dumps(good),
        "unknown keeper": json.dumps({**good, "keeper": "CANARYstranger"}),
        "wrong type": json.dumps({**good, "fee": "CANARYfee", "keeper": 7714001}),
        "unknown field": json.dumps({**good, "observer": "CANARYobserver001x"}),
        "broken": '{"keeper": "CANARYkeeper1x", "fee": CANARY',
    }
    with served(project) as address:
        answers = {name: ask(address, body) for name, body in bodies.items()}
    with issues() as (environment, alerts):
        project.environment |= environment
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        for monitor in ("drift", "contract", "accuracy"):
            project.mlops("monitor", monitor, "--at", tomorrow)
    for form in ("text", "json", "html"):
        project.run(MLOPSC, "data", "profile", "penguins", "--format", form)
    project.environment["MLOPS_STORAGE"] = str(folder / "state")
    project.mlops("state", "push")
    return project, answers, alerts


def test_personal_values_are_nowhere_but_in_the_data_and_the_model(tmp_path: Path) -> None:
    """No message, log, report, alert, page, metric or state has one; a monitor still breaches, and says so."""
    project, answers, alerts = through_everything(tmp_path, "true")
    printed = {name: SECRET.findall(text.encode()) for name, text in project.printed.items()}
    assert {name: hits for name, hits in printed.items() if hits} == {}
    assert {name: text for name, text in answers.items() if SECRET.search(text.encode())} == {}
    assert len(alerts) >= 2
    assert [text for text in alerts if SECRET.search(text.encode())] == []
    found = leaks(tmp_path)
    assert {name: hits for name, hits in found.items() if not DATA.fullmatch(name)} == {}
    assert found["data/penguins.csv"]  # the search does find what is there
    logged = [json.loads(line) for line in _log(tmp_path)]
    assert all(sorted(line["request"]) == ["bill_length_mm", "body_mass_g", "tag"] for line in logged)
    assert all(sorted(line["features"]) == ["bill_length_mm", "body_mass_g"] for line in logged)
    said = "\n".join(project.printed.values())
    assert "column 'fee' is not float: (personal: not shown) in row 8" in said
    assert "value 1" in (tmp_path / ".mlops/work/species/evaluate/metrics.json").read_text(encoding="utf-8")


def test_personal_columns_are_logged_where_the_spec_names_them(tmp_path: Path) -> None:
    """The compiled log leaves out every personal column that is not kept by name."""
    project = Project(folder=tmp_path)
    project.write()
    redacted = {}
    for keep in ("true", "{keep: [keeper]}", "{redact: [body_mass_g], keep: [keeper, fee]}"):
        (tmp_path / "mlops.yaml").write_text(SPEC.replace("KEEP", keep), encoding="utf-8")
        project.run(MLOPSC, "compile")
        config = json.loads((tmp_path / "mlops" / "models" / "species" / "config.json").read_text(encoding="utf-8"))
        redacted[keep] = config["api"]["log"]["redact"]
    assert redacted == {
        "true": ["keeper", "fee"],
        "{keep: [keeper]}": ["fee"],
        "{redact: [body_mass_g], keep: [keeper, fee]}": ["body_mass_g"],
    }


def test_no_artifact_of_a_workflow_has_the_rows(tmp_path: Path) -> None:
    """What the jobs upload are reports by name, and never a folder of data."""
    project = Project(folder=tmp_path)
    (tmp_path / "mlops.yaml").write_text(SPEC.replace("KEEP", "true"), encoding="utf-8")
    project.write()
    project.run(MLOPSC, "compile")
    uploaded: set[str] = set()
    for workflow in sorted(tmp_path.rglob(".github/workflows/*.yml")):
        text = workflow.read_text(encoding="utf-8")
        for block in re.findall(r"upload-artifact@.*?(?=\n      - |\n  \w|\Z)", text, re.DOTALL):
            uploaded.update(re.findall(r"(?m)^\s+(\S*\.mlops/\S+)$", block))
    assert uploaded
    assert [name for name in uploaded if not name.endswith((".json", ".html"))] == []
    assert [name for name in uploaded if DATA.search(name)] == []


def _log(folder: Path) -> list[str]:
    lines: list[Any] = [
        file.read_text(encoding="utf-8").splitlines()
        for file in sorted((folder / ".mlops" / "predictions" / "species").rglob("*.jsonl"))
    ]
    return [line for file in lines for line in file]
