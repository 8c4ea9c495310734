"""A monitor that can never breach."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalogue import metrics
from ...diagnostics import Finding, Mark
from ...model.monitors import Monitor
from ...model.resolved import Project, ResolvedMonitor
from ..base import Check, Surroundings
from ..sections import monitor_specs, monitors

FROM_NONE_TO_ALL = ("ks", "js")
"""The drift methods whose distance is 0 for equal distributions and 1 for those that share nothing."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every monitor without a bound, or that waits for more windows than it looks at."""
    for resolved in monitors(project):
        yield from _out_of_range(resolved)
    for monitor in monitor_specs(project):
        yield from _bounds(monitor)
        yield from _never(monitor)
        needed, windows = monitor.breaches
        if needed > windows or needed < 1:
            yield Finding(
                message=f"monitor '{monitor.name}' waits for {needed} breaches among {windows} windows",
                mark=Mark(path=(*monitor.path, "breaches"), at="value"),
                help="such as: breaches: 2 of 3",
            )


def _out_of_range(monitor: ResolvedMonitor) -> Iterator[Finding]:
    """A bound that every figure keeps, or none: a metric has a smallest and a largest value."""
    spec, task = monitor.spec, monitor.model.task if monitor.model is not None else None
    metric = metrics().get(spec.metric.name) if spec.metric is not None else None
    if spec.kind != "performance" or metric is None or task is None or task not in metric.tasks:
        return
    low, high = metric.ranges.get(task, (None, None))
    for key, bound, least, most in (("min", spec.min, low, high), ("max", spec.max, low, high)):
        other = spec.max if key == "min" else spec.min
        if bound is None:
            continue
        above, below = most is not None and bound > most, least is not None and bound < least
        edge = least if key == "min" else most
        harmless = other is None and edge is not None and (bound <= edge if key == "min" else bound >= edge)
        if (above if key == "min" else below) or harmless:
            yield _beyond(spec, key, bound, f"no window breaches: '{metric.name}' is" if harmless else "", metric.name)


def _beyond(spec: Monitor, key: str, bound: float, never: str, metric: str) -> Finding:
    share = bound / 100 if key == "min" and 2 <= bound <= 100 else None  # noqa: PLR2004  (a percentage)
    if never:
        message = f"{never} never {'below' if key == 'min' else 'above'} {bound:g}"
        help_ = "ask for what a useful model keeps to"
    else:
        message = f"every window breaches: '{metric}' is never {'above' if key == 'min' else 'below'} {bound:g}"
        help_ = f"as a share, write: {key}: {share:g}" if share else "ask for what a useful model keeps to"
    return Finding(message=message, mark=Mark(path=(*spec.path, key), at="value"), help=help_)


def _bounds(monitor: Monitor) -> Iterator[Finding]:
    if monitor.kind == "performance" and monitor.min is None and monitor.max is None:
        yield Finding(
            message=f"monitor '{monitor.name}' has no bound",
            mark=Mark(path=monitor.path),
            help="say what is too bad: min for a metric that should be high, max for one that should be low",
        )
    if monitor.kind == "service" and monitor.latency_p99 is None and monitor.error_rate is None:
        yield Finding(
            message=f"monitor '{monitor.name}' has no bound",
            mark=Mark(path=monitor.path),
            help="say what is too much: latency_p99: 250ms, or error_rate: 1%",
        )
    if monitor.min is not None and monitor.max is not None and monitor.min > monitor.max:
        yield Finding(
            message=f"every window breaches: min {monitor.min:g} is above max {monitor.max:g}",
            mark=Mark(path=(*monitor.path, "min")),
            help=f"exchange them: min: {monitor.max:g}, max: {monitor.min:g}; or leave one out",
        )


def _never(monitor: Monitor) -> Iterator[Finding]:
    """What no window reaches: distances from 0 to 1 breach above their threshold, a share above its bound."""
    if monitor.kind.endswith("-drift") and monitor.method in FROM_NONE_TO_ALL and monitor.threshold >= 1:
        yield Finding(
            message=f"no window breaches: '{monitor.method}' is 1 at most, and the threshold is {monitor.threshold:g}",
            mark=Mark(path=(*monitor.path, "threshold"), at="value"),
            help="write: threshold: 0.1",
        )
    if monitor.kind.endswith("-drift") and monitor.threshold == 0:
        yield Finding(
            message=f"every window breaches: '{monitor.method}' is never below 0, and the threshold is 0",
            mark=Mark(path=(*monitor.path, "threshold"), at="value"),
            help=f"write: threshold: {0.2 if monitor.method == 'psi' else 0.1}",
        )
    if monitor.error_rate is not None and monitor.error_rate >= 1:
        yield Finding(
            message="no window breaches: more than all requests cannot fail",
            mark=Mark(path=(*monitor.path, "error_rate"), at="value"),
            help="write: error_rate: 1%",
        )


CHECK = Check(
    code="MLC504",
    title="monitor without a bound",
    explanation="A monitor gives a verdict by a bound: `min` or `max` of a metric, a latency, a share of errors. "
    "Without one, or with one that nothing can reach, it would always be content.",
    run=find,
)
