"""``plan.json``: what the models of a project share."""

from __future__ import annotations

from ...artifact import Json
from ...model.resolved import Project, ResolvedMonitor
from ...model.values import valid_items
from ...planning.plan import Plan, Trigger
from .goals import goal_of

VERSION = 1


def project_plan(project: Project, plan: Plan) -> Json:
    """What ``ProjectPlan`` in ``runtime/core/config.py`` reads back."""
    spec = project.spec
    return {
        "version": VERSION,
        "project": plan.project,
        "models": list(plan.models),
        "monitors": {name: _monitor(monitor) for name, monitor in sorted(valid_items(project.monitors))},
        "triggers": [_trigger(trigger) for trigger in plan.triggers if trigger.kind in {"schedule", "breach"}],
        "storage": spec.storage.url if spec.storage else None,
        "variables": sorted(reference.name for reference in spec.variables),
        "secrets": sorted(reference.name for reference in spec.secrets),
        "alerts": [reference.name for reference in spec.stack.alerts],
        "code": [reference.name for reference in spec.project.code],
    }


def _monitor(monitor: ResolvedMonitor) -> Json:
    spec = monitor.spec
    found: dict[str, Json] = {
        "name": spec.name,
        "model": spec.model.name,
        "kind": spec.kind,
        "cron": spec.schedule.cron,
        "timezone": spec.schedule.timezone,
        "window_seconds": spec.window.seconds,
        "on_breach": [reference.name for reference in spec.on_breach],
        "min_rows": spec.min_rows,
        "breaches": list(spec.breaches),
        "cooldown_seconds": spec.cooldown.seconds if spec.cooldown else 0,
    }
    return found | _drift(monitor) | _performance(monitor)


def _drift(monitor: ResolvedMonitor) -> dict[str, Json]:
    spec = monitor.spec
    if spec.kind not in {"data-drift", "prediction-drift"}:
        return {}
    columns = [reference.name for reference in spec.columns or ()]
    return {"columns": columns, "method": spec.method, "threshold": spec.threshold}


def _performance(monitor: ResolvedMonitor) -> dict[str, Json]:
    spec, model = monitor.spec, monitor.model
    if spec.kind != "performance" or spec.metric is None or model is None:
        return {}
    own = model.dataset.name if model.dataset else None
    return {
        "metric": spec.metric.name,
        "goal": goal_of(spec.metric.name, model),
        "min": spec.min,
        "max": spec.max,
        "labels": spec.labels.name if spec.labels else own,
    }


def _trigger(trigger: Trigger) -> Json:
    return {
        "kind": trigger.kind,
        "model": trigger.target,
        "cron": trigger.cron,
        "timezone": trigger.timezone,
        "monitor": trigger.monitor,
    }
