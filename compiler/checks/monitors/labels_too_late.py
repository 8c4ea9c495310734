"""Labels that come when nobody looks any more."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column, Dataset
from ...model.monitors import Monitor
from ...model.resolved import Project, ResolvedModel
from ..base import Check, Surroundings
from ..firings import gaps
from ..logs import OUTLASTS, shortest, spelled
from ..sections import monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every performance monitor that fires before its labels exist, or after their predictions are gone."""
    for monitor in monitors(project):
        model, spec = monitor.model, monitor.spec
        last = _last(project, spec, model) if spec.kind == "performance" and model is not None else None
        if model is None or last is None or last.available_after is None:
            continue
        known = Mark(path=(*last.path, "available_after"), text=f"'{last.name}' is known only then", at="value")
        delay = last.available_after
        log = shortest(model.spec)
        if log is not None and delay.seconds >= log[1].seconds + OUTLASTS:
            yield Finding(
                message=f"labels of '{model.name}' come after {delay.text}, and predictions are kept for {log[1].text}",
                mark=Mark(path=(*log[0].path, "retention"), text="gone before their labels come", at="value"),
                related=(known, Mark(path=spec.path, text=f"'{spec.name}' joins them")),
                help=f"keep them for longer: retention: {spelled(delay.seconds + spec.window.seconds)}",
            )
        elif _labelled(spec, delay.seconds) < spec.breaches[0]:
            yield Finding(
                message=f"monitor '{spec.name}' looks back {spec.window.text}, and labels come after {delay.text}",
                mark=Mark(path=(*spec.path, "window"), text="none of these predictions has a label yet", at="value"),
                related=(known,),
                help=f"look back further than that: window: {spelled(delay.seconds + spec.window.seconds)}",
            )


def _last(project: Project, monitor: Monitor, model: ResolvedModel) -> Column | None:
    """The column of the label that is known last."""
    labels = project.spec.data.get(monitor.labels.name) if monitor.labels is not None else model.dataset
    if not isinstance(labels, Dataset) or model.label is None:
        return None
    columns = [labels.columns.get(name) for name in model.label.columns]
    late = [column for column in columns if isinstance(column, Column) and column.available_after is not None]
    return max(late, key=lambda column: column.available_after.seconds if column.available_after else 0, default=None)


def _labelled(monitor: Monitor, delay: int) -> int:
    """How many of the windows that decide begin long enough ago to have a label; old ones are judged anew each time."""
    found = gaps(monitor.schedule.cron)
    apart = found[1] * 60 if found else 0
    return sum(number * apart + monitor.window.seconds > delay for number in range(monitor.breaches[1]))


CHECK = Check(
    code="MLC508",
    title="labels come too late for the monitor",
    explanation="A performance monitor judges the predictions of its window that have a label by the time it runs. "
    "`available_after` says how long a label takes. A window that is not longer than that has no label in it, and the "
    "verdict is insufficient for ever; and predictions that `retention` removes before their labels come are never "
    "judged.",
    run=find,
)
