"""Words that no target turns into files: each has a spec that meets it, its exact words, and a twin that compiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsc import phases
from mlopsc.reporters.text import report
from mlopsc.targets.codes import CODES, TargetCode

CASES = Path(__file__).parents[3] / "compiler" / "targets" / "cases"


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_target_code_prints_what_its_case_expects(code: TargetCode) -> None:
    """The failing spec gives exactly the expected text, with the severity of the code."""
    folder = CASES / code.code
    analysis = phases.analyse(folder / "bad.yaml")
    found = phases.compilation(analysis).diagnostics
    assert report(found, analysis.sources) == (folder / "expected.txt").read_text(encoding="utf-8")
    assert [(one.code, str(one.severity)) for one in found] == [(code.code, code.severity)]


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.code)
def test_target_code_is_silent_about_the_twin(code: TargetCode) -> None:
    """The passing spec has no diagnostic at all, and compiles to files."""
    compiled = phases.compilation(phases.analyse(CASES / code.code / "good.yaml"))
    assert compiled.diagnostics == ()
    assert "mlops/plan.json" in compiled.rendered


def test_every_case_has_a_code() -> None:
    """No folder of cases is left behind when a code goes."""
    assert sorted(folder.name for folder in CASES.iterdir()) == [code.code for code in CODES]
