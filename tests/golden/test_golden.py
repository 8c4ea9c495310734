"""One small repository, whole: a change of what is generated is seen in review.

``MLOPSC_UPDATE_GOLDEN=1 pytest tests/golden`` writes the files again; CI refuses to.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlopsc import compile as compile_spec

SPEC = """\
version: 1
project: {name: trees, description: How tall do cherry trees grow?, python: "3.12"}
images: {registry: ghcr.io/example}
data:
  cherries:
    source: data/cherries.csv
    columns: {girth: float, volume: float, height: float}
models:
  tree-height:
    label: height
    train: {estimator: sklearn.linear_model.LinearRegression}
    gates: [{metric: mae, max: 5}]
    deploy: {api: {port: 8081}}
"""
VERBATIM = ("mlops/runtime/", "mlops/__main__.py", "mlops/__init__.py", "mlops/requirements-mlopsc.txt")
EXPECTED = Path(__file__).with_name("trees")


@pytest.fixture
def trees(tmp_path: Path) -> dict[str, str]:
    """Every file that is not copied as it stands, by path."""
    project = tmp_path / "spec"
    project.mkdir()
    (project / "mlops.yaml").write_text(SPEC)
    out = tmp_path / "out"
    written = [change.path for change in compile_spec(project, out=out)]
    return {path: (out / path).read_text() for path in written if not path.startswith(VERBATIM)}


def test_golden_repository_is_what_it_was(trees: dict[str, str]) -> None:
    """Every generated line is the reviewed one."""
    if os.environ.get("MLOPSC_UPDATE_GOLDEN") == "1":
        _update(trees)
    expected = {
        path.relative_to(EXPECTED).as_posix().removesuffix(".golden"): path.read_text()
        for path in EXPECTED.rglob("*.golden")
    }
    assert sorted(trees) == sorted(expected)
    for path, text in trees.items():
        assert text == expected[path], path


def _update(trees: dict[str, str]) -> None:
    if os.environ.get("CI"):
        pytest.fail("golden files are reviewed, so CI does not write them")
    for old in EXPECTED.rglob("*.golden"):
        old.unlink()
    for path, text in trees.items():
        target = EXPECTED / f"{path}.golden"  # the ending keeps linters and pytest away
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
