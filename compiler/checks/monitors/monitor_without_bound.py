"""A monitor that can never breach."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.monitors import Monitor
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitor_specs

FROM_NONE_TO_ALL = ("ks", "js")
"""The drift methods whose distance is 0 for equal distributions and 1 for those that share nothing."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every monitor without a bound, or that waits for more windows than it looks at."""
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
