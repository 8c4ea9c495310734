"""Correct specs of twelve teams, as they would write them: an expert finds nothing to say, and neither does check."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsc.phases import analyse, compilation
from mlopsc.reporters.text import report

SPECS = sorted(path.name for path in (Path(__file__).parents[1] / "specs").iterdir() if path.is_dir())


@pytest.mark.parametrize("name", SPECS)
def test_correct_spec_has_no_diagnostic_and_compiles(name: str, repository: Path) -> None:
    """Not even a warning, of the checks or of the targets; each model gets its configuration."""
    analysis = analyse(repository / "tests" / "specs" / name / "mlops.yaml")
    assert report(analysis.diagnostics, analysis.sources) == ""
    compiled = compilation(analysis)
    assert report(compiled.diagnostics, analysis.sources) == ""
    models = analysis.project.spec.models if analysis.project is not None else {}
    wanted = {f"mlops/models/{model}/config.json" for model in models}
    assert not wanted - set(compiled.rendered)


def test_specs_are_as_varied_as_teams() -> None:
    """The specs that are tested, by name, so that none is lost."""
    assert [
        *("churn", "credit", "ctr", "demand", "fraud", "included"),
        *("monitors", "multi", "styles", "tickets", "triage", "weather"),
    ] == SPECS
