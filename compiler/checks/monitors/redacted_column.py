"""A column that a monitor needs and the log leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.monitors import Monitor
from ...model.resolved import Project, ResolvedModel
from ...model.values import valid_items
from ...source import YamlPath
from ..base import Check, Surroundings
from ..logs import hidden_everywhere, logs, personal_columns
from ..sections import monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every monitor that names, or joins on, what is redacted wherever predictions are logged."""
    for monitor in monitors(project):
        model, spec = monitor.model, monitor.spec
        hidden = hidden_everywhere(model) if model is not None else frozenset()
        if model is None or not hidden:
            continue
        if spec.kind == "performance" and model.dataset is not None:
            keys = [name.name for name in model.dataset.key if name.name in hidden]
            if keys:
                yield _finding(f"monitor '{spec.name}' joins labels on", keys, spec.path, model, at_key=True)
        elif spec.columns is not None:
            yield from _named(spec, model, hidden)


def _named(monitor: Monitor, model: ResolvedModel, hidden: frozenset[str]) -> Iterator[Finding]:
    reads = {item.feature.name: item.feature.columns for item in model.features if item.feature.kind != "window"}
    for column in monitor.columns or ():
        raw = (column.name,) if monitor.kind == "data-quality" else reads.get(column.name, ())
        gone = [name for name in raw if name in hidden]
        if gone:
            computed = f"'{column.name}', which is computed from" if gone != [column.name] else ""
            said = f"monitor '{monitor.name}' watches {computed}".rstrip()
            yield _finding(said, gone, column.path, model)


def _finding(said: str, names: list[str], path: YamlPath, model: ResolvedModel, *, at_key: bool = False) -> Finding:
    redacted = [name for log in logs(model.spec) for name in log.redact if name.name in names]
    listed = " and ".join(f"'{name}'" for name in names)
    return Finding(
        message=f"{said} {listed}, which the log leaves out",
        mark=Mark(path=path, text="nothing is there to look at", at="key" if at_key else "value"),
        related=(
            *(Mark(path=name.path, text="redacted here", at="value") for name in redacted),
            *_personal(names, model),
        ),
        help=_help(names, model, listed),
    )


def _personal(names: list[str], model: ResolvedModel) -> Iterator[Mark]:
    columns = dict(valid_items(model.dataset.columns)) if model.dataset is not None else {}
    for name in sorted(personal_columns(model).intersection(names)):
        yield Mark(path=(*columns[name].path, "pii"), text="personal, so not logged")


def _help(names: list[str], model: ResolvedModel, listed: str) -> str:
    kept = sorted(personal_columns(model).intersection(names))
    if not kept:
        return f"leave {listed} out of redact, or out of the monitor"
    return f"log it by name (log_predictions: {{keep: [{', '.join(kept)}]}}), or leave it out of the monitor"


CHECK = Check(
    code="MLC511",
    title="redacted column that a monitor needs",
    explanation="`redact` keeps raw columns, and every feature computed from them for a request, out of the prediction "
    "log. A monitor that reads the log then has nothing to compare, and without the key no label finds its "
    "prediction: the verdict would be insufficient for ever.",
    run=find,
)
