"""A project becomes its plan: the graph of all steps, cut into jobs, and what starts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.models import Batch, Retrain
from ..model.resolved import Project, ResolvedModel, ResolvedMonitor
from ..model.values import valid_items
from .jobs import fuse, in_order
from .plan import Job, Plan, Step, Trigger
from .steps import steps_of

if TYPE_CHECKING:
    import networkx as nx


def build(project: Project) -> Plan:
    """The plan of a project without errors; the same project gives the same plan."""
    models = sorted(valid_items(project.models))
    monitors = sorted(valid_items(project.monitors))
    steps = {step.id: step for _, model in models for step in steps_of(project, model)}
    if len(in_order(steps)) < len(steps):
        graph_of(steps)  # says which steps
    jobs = (*fuse(steps), *(_monitor_job(name, monitor) for name, monitor in monitors))
    return Plan(
        project=project.spec.project.name,
        steps=tuple(steps.values()),
        jobs=jobs,
        triggers=(
            *(trigger for _, model in models for trigger in _model_triggers(model)),
            *(trigger for _, monitor in monitors for trigger in _monitor_triggers(monitor)),
        ),
        models=tuple(name for name, _ in models),
        monitors=tuple(name for name, _ in monitors),
    )


def graph_of(steps: dict[str, Step]) -> nx.DiGraph[str]:
    """Every step and what it waits for; a cycle would be a mistake of ours, and stops here."""
    import networkx as nx  # noqa: PLC0415  (slow to import, and a compile needs only the order)

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(steps))
    graph.add_edges_from((before, step.id) for step in steps.values() for before in step.needs)
    if not nx.is_directed_acyclic_graph(graph):
        raise AssertionError(f"the steps wait for one another: {nx.find_cycle(graph)}")
    return graph


def _monitor_job(name: str, monitor: ResolvedMonitor) -> Job:
    return Job(id=f"monitor/{name}", model=monitor.spec.model.name, monitor=name, steps=(), needs=())


def _model_triggers(model: ResolvedModel) -> list[Trigger]:
    retrain, batch = model.spec.retrain, model.spec.deploy.batch
    found = []
    if isinstance(retrain, Retrain) and retrain.schedule:
        schedule = retrain.schedule
        found.append(Trigger(kind="schedule", target=model.name, cron=schedule.cron, timezone=schedule.timezone))
    if isinstance(batch, Batch) and batch.schedule:
        schedule = batch.schedule
        found.append(Trigger(kind="batch", target=model.name, cron=schedule.cron, timezone=schedule.timezone))
    return found


def _monitor_triggers(monitor: ResolvedMonitor) -> list[Trigger]:
    spec = monitor.spec
    found = [Trigger(kind="monitor", target=spec.name, cron=spec.schedule.cron, timezone=spec.schedule.timezone)]
    if any(reference.name == "retrain" for reference in spec.on_breach):
        found.append(Trigger(kind="breach", target=spec.model.name, monitor=spec.name))
    return found
