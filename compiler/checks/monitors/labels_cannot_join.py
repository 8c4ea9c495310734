"""Labels that cannot be joined to predictions."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Dataset
from ...model.resolved import Project, ResolvedModel, ResolvedMonitor
from ..base import Check, Surroundings
from ..sections import columns, monitors


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every performance monitor whose labels have neither the key nor the columns of the label."""
    for monitor in monitors(project):
        model = monitor.model
        if monitor.spec.kind != "performance" or model is None or model.dataset is None:
            continue
        if not model.dataset.key and surroundings.written((*model.dataset.path, "key")):
            continue
        if not model.dataset.key:
            yield Finding(
                message=f"monitor '{monitor.spec.name}' joins labels on the key, and '{model.dataset.name}' has none",
                mark=Mark(path=monitor.spec.path),
                related=(Mark(path=model.dataset.path, text=f"'{model.dataset.name}' is declared here"),),
                help="say which columns tell rows apart: key: [a column]",
            )
            continue
        yield from _missing(project, monitor, model, model.dataset)


def _missing(project: Project, monitor: ResolvedMonitor, model: ResolvedModel, own: Dataset) -> Iterator[Finding]:
    name = monitor.spec.labels
    labels = project.spec.data.get(name.name) if name is not None else own
    if name is None or not isinstance(labels, Dataset):
        return
    needed = [*(reference.name for reference in own.key), *(model.label.columns if model.label else ())]
    missing = [column for column in dict.fromkeys(needed) if column in own.columns and column not in labels.columns]
    if missing:
        yield Finding(
            message=f"labels from '{labels.name}' lack {', '.join(repr(column) for column in missing)}",
            mark=Mark(path=name.path, text=f"'{labels.name}' has no column '{missing[0]}'", at="value"),
            related=(Mark(path=labels.path, text=f"'{labels.name}' is declared here"),),
            help=f"labels are joined on the key of '{own.name}' and computed as in training; "
            f"declare below the columns of '{labels.name}': {_declared(missing, own)}",
        )


def _declared(missing: list[str], own: Dataset) -> str:
    """The missing columns as the dataset of the model declares them."""
    known = {column.name: column.type for column in columns(own)}
    return ", ".join(f"{name}: {known.get(name, 'string')}" for name in missing)


CHECK = Check(
    code="MLC505",
    title="labels cannot be joined",
    explanation="A performance monitor waits for labels: it joins the dataset that brings them to the prediction log "
    "on the key, and computes the label as in training. Both need columns.",
    run=find,
)
