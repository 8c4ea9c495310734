"""A window that reaches back further than the prediction log."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import PredictionLog
from ...model.monitors import Monitor
from ...model.resolved import Project, ResolvedModel
from ...model.values import Duration
from ..base import Check, Surroundings
from ..firings import gaps
from ..logs import OUTLASTS, shortest, spelled
from ..sections import monitors


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every window, and every number of windows, of which the oldest rows are already removed."""
    for monitor in monitors(project):
        model, spec = monitor.model, monitor.spec
        log = shortest(model.spec) if model is not None else None
        if model is None or log is None or spec.kind == "service" or not _by_the_clock(model):
            continue
        kept = log[1]
        if spec.window.seconds > kept.seconds:
            yield _window(spec, *log)
        else:
            seen = _seen(spec, kept)
            if seen < spec.breaches[1]:
                yield _windows(spec, seen, *log)


def _by_the_clock(model: ResolvedModel) -> bool:
    """Whether rows are logged about when they happen; a batch may score, and log, rows of long ago."""
    return model.spec.deploy.api is not None or all(field.role != "time" for field in model.request)


def _seen(monitor: Monitor, kept: Duration) -> int:
    """How many of the last windows can still have rows."""
    found = gaps(monitor.schedule.cron)
    apart = found[0] * 60 if found else 0
    return sum(number * apart < kept.seconds + OUTLASTS for number in range(monitor.breaches[1]))


def _window(monitor: Monitor, log: PredictionLog, kept: Duration) -> Finding:
    return Finding(
        message=f"monitor '{monitor.name}' looks at {monitor.window.text}, and predictions are kept for {kept.text}",
        mark=Mark(path=(*monitor.path, "window"), at="value"),
        related=(_retention(log),),
        help=f"keep them for longer: retention: {monitor.window.text}; or look at less: window: {kept.text}",
    )


def _windows(monitor: Monitor, seen: int, log: PredictionLog, kept: Duration) -> Finding:
    needed, windows = monitor.breaches
    found = gaps(monitor.schedule.cron)
    reach = (windows - 1) * (found[1] if found else 0) * 60 + monitor.window.seconds
    wrong = "can never act" if needed > seen else "never sees the oldest of them"
    return Finding(
        message=f"monitor '{monitor.name}' {wrong}: of the last {windows} windows, {seen} can have predictions",
        mark=Mark(path=(*monitor.path, "breaches"), text=f"kept for {kept.text} only", at="value"),
        related=(_retention(log),),
        help=f"keep them for longer: retention: {spelled(reach)}; or look back less: breaches: {min(needed, seen)} "
        f"of {seen}",
    )


def _retention(log: PredictionLog) -> Mark:
    return Mark(path=(*log.path, "retention"), text="they are removed after this", at="value")


CHECK = Check(
    code="MLC507",
    title="window longer than the prediction log",
    explanation="Monitors compute everything from the prediction log, and `retention` removes what is older. A window "
    "that reaches back further is judged by fewer rows than it says; windows that are wholly gone are never more than "
    "insufficient. With an API and a batch the shorter retention counts, since both keep one log.",
    run=find,
)
