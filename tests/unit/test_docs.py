"""The README: the commands that it names exist, and what it shows is what is printed."""

from __future__ import annotations

import re
from pathlib import Path

from mlopsc.cli import COMMANDS
from mlopsc.cli.codes import all_codes
from mlopsc.phases import analyse
from mlopsc.reporters.text import report


def test_readme_names_every_command(repository: Path) -> None:
    """The table of commands has all of them, and none that is not there."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    table = text[text.index("## Commands") : text.index("## The promises")]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = [word for row in rows for word in re.findall(r"`(?:mlopsc )?([a-z]+)", row)]
    assert sorted(named) == sorted(COMMANDS)


def test_readme_spec_is_the_quick_start(repository: Path) -> None:
    """The smallest spec that the README shows is the example, and at most 12 lines long."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    [shown] = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "penguin" in block]
    assert shown == (repository / "examples" / "penguins" / "mlops.yaml").read_text(encoding="utf-8")
    assert len(shown.splitlines()) <= 12


def test_readme_shows_what_check_prints(repository: Path, tmp_path: Path) -> None:
    """The diagnostics of the README are, to the letter, those of the spec that they quote."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    [block] = [block for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL) if "error[" in block]
    spec = tmp_path / "mlops.yaml"
    spec.write_text(README_SPEC, encoding="utf-8")
    analysis = analyse(spec)
    printed = report(analysis.diagnostics, analysis.sources)
    assert block.removeprefix("$ mlopsc check\n").strip() in printed


def test_readme_counts_what_there_is(repository: Path) -> None:
    """The numbers of rules, real mistakes and correct specs are those of today."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    assert f"There are {len(all_codes())} rules" in text
    assert f"to {len(list((repository / 'tests/mistakes').glob('*/about.yaml')))} mistakes" in text
    assert len(list((repository / "tests/specs").glob("*/mlops.yaml"))) == 12  # "twelve others"


README_SPEC = """\
version: 1
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: scheduled_departure
    columns:
      flight_id: string
      scheduled_departure: timestamp
      departed_at: timestamp?
      carrier: string
      distance: float
      air_time: {type: float, nullable: true, available_after: 1d}
      arr_delay: {type: float, nullable: true, available_after: 1d}
features:
  flight_features:
    from: flights
    columns:
      speed: {sql: "distanc / 60"}
      air_time: {}
      carrier_delay_7d: {aggregate: "avg(arr_delay)", by: [carrier], window: 7d, lag: 6h}
models:
  late-arrival:
    features: [flight_features]
    predict_at: departed_at
    label: {sql: "arr_delay > 15"}
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
    evaluate: {metrics: [roc_auc]}
    gates: [{metric: average_precision, min: 0.7}]
"""
