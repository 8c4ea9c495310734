"""The page of ``mlopsc graph --format html`` as text: what is in it, and what can never be."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mlopsc.cli import cli
from mlopsc.model.models import Gate
from mlopsc.model.values import Reference, Schedule
from mlopsc.phases import analyse
from mlopsc.planning.build import build
from mlopsc.planning.page import page
from mlopsc.planning.page.lettering import cut, width
from mlopsc.planning.page.words import gate, when

HOSTILE = "</script><script>alert(1)</script><!-- \" ' & ${{ x }}"
SPEC = f"""\
version: 1
project: {{name: birds, description: {json.dumps(HOSTILE)}}}
data:
  penguins:
    source: data/penguins.csv
    columns: {{species: string, mass: "float?"}}
models:
  kind:
    description: {json.dumps(HOSTILE)}
    label: species
    train: {{estimator: sklearn.ensemble.RandomForestClassifier}}
    gates: [{{metric: accuracy, min: 0.9}}]
"""


def drawn(spec: Path) -> str:
    """The page of a spec, as the command prints it."""
    done = CliRunner().invoke(cli, ["graph", str(spec), "--format", "html"])
    assert done.exit_code == 0, done.output
    return done.output


def data_of(text: str) -> dict[str, Any]:
    """The data that a page carries."""
    [found] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    data: dict[str, Any] = json.loads(found)
    return data


@pytest.fixture(scope="module")
def flights(repository: Path) -> str:
    """The page of the flights example."""
    return drawn(repository / "examples" / "flight-delays" / "mlops.yaml")


def test_page_of_the_flights_is_small_and_the_same_every_time(flights: str, repository: Path) -> None:
    """Under 200 KB, and the same bytes again."""
    assert len(flights.encode()) < 200_000
    assert drawn(repository / "examples" / "flight-delays" / "mlops.yaml") == flights


def test_page_refers_to_nothing_outside(flights: str) -> None:
    """No address of the network and no file but what is in the page; the SVG namespace is a name, no address."""
    assert re.findall(r"(?:src|href)=\"(?!#|data:,)[^\"]*\"", flights) == []
    assert set(re.findall(r"https?://[^\s\"'<]+", flights)) == {"http://www.w3.org/2000/svg"}
    assert "@import" not in flights
    assert "url(" not in flights.replace("url(#to-", "")


def test_policy_allows_exactly_the_style_and_the_script_of_the_page(flights: str) -> None:
    """The digests are those of the two elements, and nothing else may run: no inline handler, no style attribute."""
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', flights)
    [script] = re.findall(r"<script>(.*?)</script>", flights, re.DOTALL)
    [style] = re.findall(r"<style>(.*?)</style>", flights, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (script, style)]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digests[0]}'; style-src 'sha256-{digests[1]}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    markup = flights.replace(script, "").replace(style, "")
    assert re.findall(r"<[^>]*\s(?:on\w+|style)=", markup) == []


def test_every_box_says_where_it_comes_from(flights: str) -> None:
    """Each item of the flights has lines of the spec; the gates step shows the six gates."""
    data = data_of(flights)
    assert [item["id"] for item in data["items"] if "spec" not in item] == []
    by_id = {item["id"]: item for item in data["items"]}
    (file, first, last, where) = by_id["late-arrival/gate"]["spec"][0]
    lines = data["sources"][file][first - 1 : last]
    assert (lines[0], len(lines), where) == ("    gates:", 7, "models.late-arrival.gates")
    assert by_id["late-arrival/train"]["command"] == "python -m mlops late-arrival train"


def test_every_file_of_the_page_is_written(flights: str, repository: Path, tmp_path: Path) -> None:
    """What the page calls generated is what a compile writes."""
    done = CliRunner().invoke(cli, ["compile", str(repository / "examples/flight-delays"), "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    data = data_of(flights)
    named = {path for item in data["items"] if "files" in item for path in data["lists"][item["files"]]}
    assert {path for path in named if not (tmp_path / path).exists()} == set()
    assert ".github/workflows/flight-delays-train.yml" in named
    assert "mlops/features/flight_features.py" in named


def test_arrows_of_the_flights(flights: str) -> None:
    """Two monitors start training again, four watch the service, and every step follows the one before it."""
    data = data_of(flights)
    ids = [item["id"].removeprefix("late-arrival/") for item in data["items"]]
    kinds: dict[str, list[tuple[str, str]]] = {}
    for source, target, kind in data["links"]:
        kinds.setdefault(kind, []).append((ids[source], ids[target]))
    assert kinds["retrain"] == [("monitor/accuracy", "ingest"), ("monitor/drift", "ingest")]
    assert kinds["watches"] == [("api", f"monitor/{name}") for name in ("accuracy", "contract", "drift", "shape")]
    assert {("data/flights", "ingest"), ("features/flight_features", "features"), ("package", "batch")} <= set(
        kinds["flow"]
    )


def test_hostile_text_is_text(tmp_path: Path) -> None:
    """Markup in a description ends no element: it is escaped where it is drawn and data elsewhere."""
    spec = tmp_path / "mlops.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    analysis = analyse(spec)
    assert analysis.project is not None
    text = page(build(analysis.project), analysis.project, analysis.sources)
    assert text.count("<script") == text.count("</script>") == 2
    assert "alert(1)</script>" not in text
    assert "<!--" not in text
    [model] = [item for item in data_of(text)["items"] if item["kind"] == "model"]
    assert model["says"] == HOSTILE


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 2 * * 1", "Mondays 02:00"),
        ("30 6 * * *", "daily 06:30"),
        ("5 * * * *", "hourly at :05"),
        ("0 6 1 * *", "monthly, day 1, 06:00"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0 6 1 1 *", "0 6 1 1 *"),
        ("0 9-17 * * *", "0 9-17 * * *"),
        ("0 6 1 * 1", "0 6 1 * 1"),
        ("0 6 * * mon", "0 6 * * mon"),
    ],
)
def test_schedule_in_words(cron: str, words: str) -> None:
    """What is simple is said in words, everything else is the expression itself."""
    assert when(Schedule(cron=cron, timezone="UTC", path=())) == words


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"kind": "metric", "min": 0.75}, "roc_auc ≥ 0.75"),
        ({"kind": "metric", "min": 0.1, "max": 0.9}, "roc_auc ≥ 0.1, ≤ 0.9"),
        ({"kind": "champion"}, "roc_auc vs champion"),
        ({"kind": "latency_p95", "max": 0.02}, "p95 latency ≤ 20 ms"),
        ({"kind": "model_size", "max": 20_000_000}, "size ≤ 20 MB"),
    ],
)
def test_gate_in_words(asked: dict[str, Any], words: str) -> None:
    """Seconds and bytes are shown as people write them."""
    assert gate(Gate(path=(), metric=Reference(name="roc_auc", path=()), **asked)) == words


def test_long_names_are_cut_to_the_room() -> None:
    """Wide characters count as wide, and what is cut says so."""
    assert cut("short", 13, 100) == "short"
    assert cut("average_precision vs champion", 12, 100) == "average_preci…"
    assert width("日本", 10) == 21
    assert width("e\u0301", 10) == width("e", 10)
