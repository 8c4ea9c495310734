"""Mistakes that people really made with other tools, transposed to this language: each is found at its place.

``MLOPSC_UPDATE_GOLDEN=1 pytest tests/unit/checks`` writes the words and docs/mistakes.md again; CI refuses to.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from mlopsc.cli.codes import all_codes
from mlopsc.cli.mistakes import Mistake, document, mistakes
from mlopsc.phases import analyse
from mlopsc.reporters.text import report

MISTAKES = mistakes(Path(__file__).resolve().parents[2] / "mistakes")
KNOWN = {code.code for code in all_codes()}
WAITING = pytest.mark.xfail(strict=True, reason="its check is not there yet")


def update() -> bool:
    """Whether the expected words are written again."""
    wanted = os.environ.get("MLOPSC_UPDATE_GOLDEN") == "1"
    if wanted and os.environ.get("CI"):
        pytest.fail("golden files are reviewed, so CI does not write them")
    return wanted


def case(mistake: Mistake) -> object:
    """The mistake as a parameter; one whose code nobody owns yet has to fail."""
    marks = () if mistake.code in KNOWN else (WAITING,)
    return pytest.param(mistake, id=mistake.folder.name, marks=marks)


def copied(mistake: Mistake, folder: Path, name: str) -> Path:
    """The folder of a mistake with the spec ``name``."""
    shutil.copytree(mistake.folder, folder / "spec")
    if name != "mlops.yaml":
        shutil.copy(mistake.folder / name, folder / "spec" / "mlops.yaml")
    return folder / "spec" / "mlops.yaml"


@pytest.mark.parametrize("mistake", [case(mistake) for mistake in MISTAKES])
def test_mistake_is_found_at_its_place_with_its_fix(mistake: Mistake, tmp_path: Path) -> None:
    """One diagnostic and no follow-on: its code, file, line and column, the fix in its help, and exactly its words."""
    analysis = analyse(copied(mistake, tmp_path, "mlops.yaml"))
    [found] = analysis.diagnostics
    span = found.primary.span
    assert (found.code, span.file, span.line, span.column) == (mistake.code, mistake.file, mistake.line, mistake.column)
    assert mistake.mends in (found.help or "")
    text = report(analysis.diagnostics, analysis.sources)
    expected = mistake.folder / "expected.txt"
    if update():
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.folder.name)
def test_mended_spec_has_no_problem(mistake: Mistake, tmp_path: Path) -> None:
    """What the help asks for is all that is wrong: with it, the spec passes."""
    analysis = analyse(copied(mistake, tmp_path, "mended.yaml"))
    assert report(analysis.diagnostics, analysis.sources) == ""


def test_mistakes_come_from_five_projects() -> None:
    """At least thirty in all, at least five of each project."""
    owners = Counter(mistake.repository.partition("/")[0] for mistake in MISTAKES)
    assert sum(owners.values()) >= 30
    assert {owner: count for owner, count in owners.items() if count < 5} == {}
    assert set(owners) == {"dbt-labs", "treeverse", "kedro-org", "zenml-io", "databricks"}


def test_mistakes_page_is_current(repository: Path) -> None:
    """docs/mistakes.md is what the folders say today."""
    page, text = repository / "docs" / "mistakes.md", document(repository / "tests" / "mistakes")
    if update():
        page.write_text(text, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == text
