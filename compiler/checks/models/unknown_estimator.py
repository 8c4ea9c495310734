"""An estimator that no library has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...catalogue import estimators
from ...diagnostics import Finding, Mark
from ...model.models import Train
from ...model.resolved import Project
from ...model.values import Reference
from ...suggest import certain, renamed, suggest
from ..base import Check, Surroundings
from ..sections import specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every estimator of a known library that it does not have, and of a library that nobody installs."""
    for model in specs(project):
        train = model.train
        if isinstance(train, Train) and train.estimator is not None and train.estimator.name not in estimators():
            yield from _judged(project, train.estimator)


def _judged(project: Project, name: Reference) -> Iterator[Finding]:
    library = name.name.partition(".")[0]
    catalogued = {estimator.package for estimator in estimators().values()}
    if library not in catalogued and "." in name.name and library in _installed(project):
        return
    near = _near(name.name, library, catalogued)
    missing = "has no such estimator" if library in catalogued else "is not installed by this project"
    mark = Mark(path=name.path, text=f"'{library}' {missing}", at="value")
    yield Finding(
        message=f"unknown estimator '{name.name}'",
        mark=mark,
        fix=renamed(mark, name.name, estimators()) if library in catalogued else (),
        help=f"did you mean '{near}'?" if near else _help(library, catalogued),
    )


def _near(name: str, library: str, catalogued: set[str]) -> str | None:
    """The estimator that is meant: of the same library, or of another where the class has exactly this name."""
    short = {path.rpartition(".")[2]: path for path in estimators()}
    known = short.get(name.rpartition(".")[2]) or certain(name, estimators())
    if known is not None:
        return known
    meant = library if library in catalogued else certain(library, catalogued) if "." in name else ""
    if meant is None:
        return None
    own = {word: path for word, path in short.items() if path.startswith(f"{meant}.") or not meant}
    return own.get(suggest(name.rpartition(".")[2], own) or "")


def _help(library: str, catalogued: set[str]) -> str:
    if library not in catalogued:
        return f"add the package to project.requirements, or use one of {', '.join(sorted(catalogued))}"
    some = [path for path in sorted(estimators()) if path.startswith(f"{library}.")]
    return f"name a class that learns and predicts, such as {some[0]}"


def _installed(project: Project) -> set[str]:
    """The import names that the project may bring: its own packages, and its requirements by their names."""
    own = {reference.name.rstrip("/").rpartition("/")[2].removesuffix(".py") for reference in project.spec.project.code}
    listed = {re.split(r"[^\w-]", wanted.strip())[0].replace("-", "_") for wanted in project.spec.project.requirements}
    return own | listed


CHECK = Check(
    code="MLC403",
    title="unknown estimator",
    explanation="An estimator is named by its import path. Those of scikit-learn, LightGBM and XGBoost are known to "
    "the compiler, which imports nothing; another library has to be among `project.requirements`, or the "
    "project's own.",
    run=find,
)
