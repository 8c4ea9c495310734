"""A dataset or feature set that nothing reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ...model.values import is_valid, valid_items
from ...source import YamlPath
from ...suggest import suggest
from ..base import Check, Surroundings
from ..readers import all_known, datasets_read, words
from ..sections import datasets, specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every definition that no model, monitor or check leads to."""
    if not all_known(project):
        return  # what reads it may be what is broken
    spec = project.spec
    wanted = {name.name for model in specs(project) for name in model.features}
    used = _meant(wanted, spec.features)
    for name, found in valid_items(spec.features):
        if name not in used:
            yield _finding("feature set", name, found.path, "no model lists it", f"list it: features: [{name}]")
    read = _meant(datasets_read(project), spec.data) | _in_checks(project)
    for dataset in datasets(project):
        if dataset.name not in read:
            yield _finding(
                "dataset",
                dataset.name,
                dataset.path,
                "no model, monitor or check reads it",
                f"read it: from: {dataset.name}, under features",
            )


def _meant(names: Iterable[str], known: Iterable[str]) -> set[str]:
    """The definitions that names stand for, mistyped ones too: the slip itself has been said."""
    there = set(known)
    return {name if name in there else suggest(name, there) or "" for name in names}


def _in_checks(project: Project) -> set[str]:
    """The datasets that the SQL of another one's check reads."""
    found: set[str] = set()
    for dataset in datasets(project):
        texts = [check.violations.text for check in dataset.checks if is_valid(check) and check.violations is not None]
        for text in texts:
            named = words(text)
            found |= {name for name in project.spec.data if name.lower() in named and name != dataset.name}
    return found


def _finding(kind: str, name: str, path: YamlPath, why: str, use: str) -> Finding:
    return Finding(
        message=f"{kind} '{name}' is used by nothing", mark=Mark(path=path, text=why), help=f"remove it, or {use}"
    )


CHECK = Check(
    code="MLC317",
    title="unused definition",
    explanation="A feature set is there for the models that list it, a dataset for the features, models, batches and "
    "monitors that read it. One that nothing reads compiles to nothing: mostly a name was forgotten "
    "where it is needed.",
    run=find,
    severity=Severity.WARNING,
)
