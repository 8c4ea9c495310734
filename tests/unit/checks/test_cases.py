"""Every diagnostic code has a spec that fails with exactly the shown words, and a twin that passes.

``MLOPSC_UPDATE_GOLDEN=1 pytest tests/unit/checks`` writes the words and docs/diagnostics.md again; CI refuses to.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mlopsc.cli.codes import Code, all_codes, document
from mlopsc.cli.explain import command as explain
from mlopsc.phases import analyse, compilation
from mlopsc.reporters.text import report

CASES = Path(__file__).resolve().parents[3] / "compiler" / "checks" / "cases"


def update() -> bool:
    """Whether the expected words are written again."""
    wanted = os.environ.get("MLOPSC_UPDATE_GOLDEN") == "1"
    if wanted and os.environ.get("CI"):
        pytest.fail("golden files are reviewed, so CI does not write them")
    return wanted


def said(code: str, name: str, folder: Path) -> str:
    """What check, or for the codes of targets compile, says about one file of a case."""
    shutil.copytree(CASES / code, folder / name)
    spec = (folder / name / f"{name}.yaml").rename(folder / name / "mlops.yaml")
    analysis = analyse(spec)
    targets = code.startswith("MLC7") and not analysis.failed
    found = compilation(analysis).diagnostics if targets else analysis.diagnostics
    return report(found, analysis.sources)


@pytest.mark.parametrize("code", all_codes(), ids=lambda code: code.code)
def test_code_says_what_its_case_expects(code: Code, tmp_path: Path) -> None:
    """The failing spec gives exactly the expected words, all under this code."""
    text = said(code.code, "bad", tmp_path)
    if update():
        (CASES / code.code / "expected.txt").write_text(text)
    assert text == (CASES / code.code / "expected.txt").read_text()
    heads = [line.partition(":")[0] for line in text.splitlines() if line.startswith(("error[", "warning["))]
    assert heads == [f"{code.severity}[{code.code}]"]
    assert "= help: " in text


@pytest.mark.parametrize("code", all_codes(), ids=lambda code: code.code)
def test_code_is_silent_about_the_twin(code: Code, tmp_path: Path) -> None:
    """The passing twin has no problem at all, not even another one."""
    assert said(code.code, "good", tmp_path) == ""


def test_codes_and_cases_are_the_same() -> None:
    """No case is left of a code that is gone, and no code is there twice."""
    codes = [code.code for code in all_codes()]
    assert codes == sorted(set(codes))
    assert codes == sorted(folder.name for folder in CASES.iterdir())


def test_diagnostics_page_is_current(repository: Path) -> None:
    """docs/diagnostics.md is what the codes say today."""
    page = repository / "docs" / "diagnostics.md"
    if update():
        page.write_text(document())
    assert page.read_text() == document()


@pytest.mark.parametrize("code", all_codes(), ids=lambda code: code.code)
def test_code_has_a_page_and_an_entry(code: Code, repository: Path) -> None:
    """``explain`` shows its title, why it is there and its case; the page of all codes has a section of it."""
    shown = CliRunner().invoke(explain, [code.code])
    assert shown.exit_code == 0
    assert shown.output.startswith(f"{code.code}: {code.title} ({code.severity})\n")
    assert " ".join(code.explanation.split()) in " ".join(shown.output.split())
    assert f"    {code.severity}[{code.code}]: " in shown.output
    page = document() if update() else (repository / "docs" / "diagnostics.md").read_text()
    assert f'\n### <a id="{code.anchor}"></a>{code.code}: {code.title}' in page
