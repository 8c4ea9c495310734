"""A personal column that a report is cut by, or a monitor watches."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.models import Evaluate, Gate
from ...model.resolved import Project, ResolvedModel
from ...model.values import Reference, is_valid, valid_items
from ..base import Check, Surroundings
from ..logs import personal_columns
from ..sections import models, monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every slice and every monitor that names a personal column, or a feature that is made of one."""
    for model in models(project):
        personal = personal_columns(model)
        for name in _slices(model):
            if name.name in personal:
                said = f"'{model.name}' is judged for each value of the personal column '{name.name}'"
                yield _finding(said, name, name.name, model)
    for monitor in monitors(project):
        if monitor.model is None:
            continue
        personal = personal_columns(monitor.model)
        made_of = {one.feature.name: one.feature.columns for one in monitor.model.features}
        for name in monitor.spec.columns or ():
            read = personal.intersection(made_of.get(name.name, (name.name,)))
            for column in sorted(read):
                yield _finding(
                    f"monitor '{monitor.spec.name}' watches the personal column '{column}'", name, column, monitor.model
                )


def _slices(model: ResolvedModel) -> Iterator[Reference]:
    if isinstance(model.spec.evaluate, Evaluate):
        yield from (name for name in model.spec.evaluate.slices if is_valid(name))
    for gate in model.spec.gates:
        if isinstance(gate, Gate) and gate.slice is not None:
            yield gate.slice


def _finding(message: str, name: Reference, column: str, model: ResolvedModel) -> Finding:
    columns = dict(valid_items(model.dataset.columns)) if model.dataset is not None else {}
    return Finding(
        message=message,
        mark=Mark(path=name.path, at="value"),
        related=(Mark(path=(*columns[column].path, "pii"), text="personal"),) if column in columns else (),
        help="its values are not shown, so the figures have numbers for names: take another column",
    )


CHECK = Check(
    code="MLC623",
    title="personal column in a report",
    explanation="Reports, alerts and CI artifacts show no value of a column with `pii: true`. A slice of such a column "
    "is called by a number, a monitor has nothing of it to compare with, and a finding says how many rows at most.",
    severity=Severity.WARNING,
    run=find,
)
