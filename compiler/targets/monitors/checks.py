"""What the generated monitoring cannot express."""

from __future__ import annotations

from collections.abc import Iterable

from ...diagnostics import Finding, Mark
from ...model.monitors import Monitor
from ...model.values import valid_items
from ..base import Context, TargetFinding
from ..codes import MONITOR

KINDS = ("data-drift", "performance", "data-quality")
METHODS = ("psi", "ks")


def findings(context: Context) -> Iterable[TargetFinding]:
    """Kinds and methods that the runtime does not compute, and actions that nothing carries out."""
    automatic = context.project.spec.stack.ci != "none"
    for name, monitor in sorted(valid_items(context.project.monitors)):
        for finding in _problems(name, monitor.spec, automatic=automatic):
            yield MONITOR.found(finding)


def _problems(name: str, monitor: Monitor, *, automatic: bool) -> Iterable[Finding]:
    if monitor.kind not in KINDS:
        yield Finding(
            message=f"unsupported kind '{monitor.kind}' of monitor '{name}'",
            mark=Mark(path=(*monitor.path, "kind"), at="value"),
            help=f"what works today: {', '.join(KINDS)}",
        )
    if monitor.kind == "data-drift" and monitor.method not in METHODS:
        yield Finding(
            message=f"unsupported method '{monitor.method}' of monitor '{name}'",
            mark=Mark(path=(*monitor.path, "method"), at="value"),
            help=f"what works today: {', '.join(METHODS)}",
        )
    retrain = next((action for action in monitor.on_breach if action.name == "retrain"), None)
    if retrain is not None and not automatic:
        yield Finding(
            message=f"a breach of '{name}' cannot start a training without CI",
            mark=Mark(path=retrain.path, at="value"),
            help="set 'ci: github-actions' under 'stack', or remove 'retrain' and give the model a schedule",
        )
