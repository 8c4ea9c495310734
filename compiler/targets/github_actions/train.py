"""The workflow ``train``: one job per model, since a chain of steps keeps its rows on one machine."""

from __future__ import annotations

from itertools import groupby

from ...model.values import valid_items
from ...planning.plan import Plan, Step, Trigger
from ..base import Context
from ..deployed import deployed_models
from .ci import local_file
from .expressions import chosen
from .schedules import in_turn, schedules
from .shared import shared_view
from .views import Phase, TrainedModel, TrainView

PHASES = {
    "ingest": "Read and check the data",
    "validate": "Read and check the data",
    "features": "Build features and train",
    "split": "Build features and train",
    "train": "Build features and train",
    "evaluate": "Evaluate and judge",
    "gate": "Evaluate and judge",
    "register": "Register and package",
    "package": "Register and package",
}


def train_view(context: Context) -> TrainView:
    """All that the template sees."""
    deployed = frozenset(deployed_models(context.project))
    triggers = _schedules(context.plan)
    crons = {trigger.target: trigger.cron for trigger in triggers}
    models = (
        TrainedModel(
            name=name,
            after=f"train-{before}" if before else None,
            when=chosen("model", name, crons.get(name), pushes=True, waits=before is not None),
            phases=_phases(context.plan.steps_of(name)),
            served=name in deployed,
        )
        for before, name in in_turn(context.plan.models)
    )
    return TrainView(
        shared=shared_view(context),
        paths=_paths(context),
        schedules=schedules(triggers),
        models=tuple(models),
    )


def _schedules(plan: Plan) -> tuple[Trigger, ...]:
    return tuple(item for item in plan.triggers if item.kind == "schedule" and item.target in plan.models)


def _phases(steps: tuple[Step, ...]) -> tuple[Phase, ...]:
    groups = groupby((step.name for step in steps), key=PHASES.__getitem__)
    return tuple(Phase(title=title, steps=" ".join(names)) for title, names in groups)


def _paths(context: Context) -> tuple[str, ...]:
    folder = f"{context.project_dir}/" if context.project_dir else ""
    generated = [f"{folder}mlops/{part}/**" for part in ("features", "models", "runtime")]
    code = [f"{folder}{reference.name}/**" for reference in context.project.spec.project.code]
    data = [local_file(model, context) for _, model in valid_items(context.project.models)]
    files = {path for path in data if path}
    if context.project.spec.stack.data_versioning == "dvc":  # Git has the pointer to a file, or to its folder
        folders = {path.rpartition("/")[0] for path in files} - {""}
        files |= {f"{path}.dvc" for path in (*files, *folders)}
    return tuple(generated + sorted(code) + sorted(files))
