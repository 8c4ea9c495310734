"""A project and its plan become the lanes of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ...model.data import Dataset
from ...model.models import Api, Batch, Edge, Retrain
from ...model.resolved import Project, ResolvedFeatureSet, ResolvedModel, ResolvedMonitor
from ...model.values import Schedule, is_valid, valid_items
from ...source import Sources, YamlPath
from ..plan import Plan, Step
from . import words
from .excerpts import excerpts
from .files import Written
from .items import Box, Excerpt, Item, Lane, Link


@dataclass(frozen=True, kw_only=True)
class Scene:
    """All that the page is made from, each part looked up once for all lanes."""

    project: Project
    plan: Plan
    sources: Sources
    written: Written

    @cached_property
    def datasets(self) -> dict[str, Dataset]:
        """The datasets by name."""
        return dict(valid_items(self.project.spec.data))

    @cached_property
    def feature_sets(self) -> dict[str, ResolvedFeatureSet]:
        """The feature sets by name."""
        return dict(valid_items(self.project.feature_sets))

    @cached_property
    def steps(self) -> dict[str, list[Step]]:
        """The steps of each model, in order."""
        found: dict[str, list[Step]] = {}
        for step in self.plan.steps:
            found.setdefault(step.model, []).append(step)
        return found

    @cached_property
    def monitors(self) -> dict[str, list[ResolvedMonitor]]:
        """The monitors of each model, by name."""
        found: dict[str, list[ResolvedMonitor]] = {}
        for _, monitor in sorted(valid_items(self.project.monitors)):
            found.setdefault(monitor.spec.model.name, []).append(monitor)
        return found


def lanes(scene: Scene) -> tuple[Lane, ...]:
    """One lane for each model, in the order of the plan."""
    models = dict(valid_items(scene.project.models))
    return tuple(_Lane(scene, models[name]).drawn() for name in scene.plan.models)


class _Lane:
    """One model while its lane is put together."""

    def __init__(self, scene: Scene, model: ResolvedModel) -> None:
        self._scene = scene
        self._model = model
        self._name = model.name
        self._boxes: dict[str, Box] = {}
        self._links: list[Link] = []

    def drawn(self) -> Lane:
        """The lane with everything in it."""
        steps = tuple(self._scene.steps[self._name])
        for box in (self._step(step) for step in steps):
            self._boxes[box.item.id] = box
        self._links += [Link(source=before, target=step.id) for step in steps for before in step.needs]
        self._data_and_features(steps)
        ends = self._deployments(steps[-1].id)
        for monitor in self._monitors():
            self._monitor(monitor, ends or [steps[-1].id], steps[0].id)
        spine = tuple(step.id for step in steps)
        return Lane(item=self._head(), boxes=tuple(self._boxes.values()), links=tuple(self._links), spine=spine)

    def _spec(self, *paths: YamlPath) -> tuple[Excerpt, ...]:
        return excerpts(self._scene.sources, *paths, otherwise=self._model.spec.path)

    def _id(self, *parts: str) -> str:
        return "/".join((self._name, *parts))

    def _head(self) -> Item:
        train = self._model.spec.train
        fitted = (train.estimator or train.entrypoint) if is_valid(train) else None
        facts = (self._model.task, fitted.name.rpartition(".")[2] if fitted else None, self._model.spec.owner)
        return Item(
            id=self._name,
            kind="model",
            title=self._name,
            note=" · ".join(fact for fact in facts if fact),
            says=self._model.spec.description or "A model: its data, features, steps, gates, deployment and monitors.",
            spec=self._spec(self._model.spec.path),
            files=self._scene.written.of("model", self._name),
            command=f"mlopsc run {self._name}",
            starts=tuple(self._started()),
        )

    def _started(self) -> Iterator[str]:
        retrain = self._model.spec.retrain
        if retrain and is_valid(retrain) and retrain.schedule:
            yield _schedule_text(retrain.schedule)
        for monitor in self._monitors():
            if any(action.name == "retrain" for action in monitor.spec.on_breach):
                yield f"a breach of the monitor {monitor.spec.name}"
        yield f"a person: mlopsc run {self._name}"

    def _schedule(self, schedule: Schedule | None, *parts: str, does: str) -> Item | None:
        if schedule is None:
            return None
        return Item(
            id=self._id("schedule", *parts),
            kind="schedule",
            title=words.when(schedule),
            says=f"{does}: {_schedule_text(schedule)}.",
            spec=self._spec(schedule.path),
        )

    def _step(self, step: Step) -> Box:
        first = step.name == "ingest"
        retrain = self._model.spec.retrain
        schedule = retrain.schedule if first and isinstance(retrain, Retrain) else None
        before = [f"when {need} is done" for need in step.needs]
        item = Item(
            id=step.id,
            kind="step",
            title=step.name,
            says=words.STEPS.get(step.name, "A step."),
            spec=self._spec(*self._step_paths(step.name)),
            files=self._scene.written.of("train", self._name, *step.code),
            reads=step.inputs,
            writes=step.outputs,
            command=f"python -m mlops {self._name} {step.name}",
            starts=tuple(before or self._started()),
        )
        chips = tuple(self._gates()) if step.name == "gate" else ()
        return Box(item=item, schedule=self._schedule(schedule, "ingest", does="Trains the model again"), chips=chips)

    def _step_paths(self, step: str) -> tuple[YamlPath, ...]:
        own = self._model.spec.path
        dataset = self._model.dataset.path if self._model.dataset else own
        return {
            "ingest": ((*dataset, "source"), (*dataset, "time")),
            "validate": ((*dataset, "key"), (*dataset, "columns"), (*dataset, "checks")),
            "features": (*(found.path for found in self._feature_sets()), (*own, "label"), (*own, "predict_at")),
            "split": ((*own, "split"),),
            "train": ((*own, "preprocess"), (*own, "train"), (*own, "tune")),
            "evaluate": ((*own, "decision"), (*own, "evaluate")),
            "gate": ((*own, "gates"),),
            "register": (("stack",),),
            "package": ((*own, "deploy"),),
        }.get(step, ())

    def _gates(self) -> Iterator[Item]:
        asked = [gate for gate in self._model.spec.gates if is_valid(gate)]
        for number, gate in enumerate(asked, 1):
            yield Item(
                id=self._id("gate", str(number)),
                kind="gate",
                title=words.gate(gate),
                says=f"A gate: {words.gate(gate)}, or the run stops and nothing is registered.",
                spec=self._spec(gate.path),
                files=self._scene.written.of("gate", self._name),
                command=f"python -m mlops {self._name} gate",
            )

    def _feature_sets(self) -> list[ResolvedFeatureSet]:
        sets = self._scene.feature_sets
        return [sets[ref.name] for ref in self._model.spec.features if ref.name in sets]

    def _data_and_features(self, steps: tuple[Step, ...]) -> None:
        by_name = {step.name: step.id for step in steps}
        if self._model.dataset:
            self._links.append(Link(source=self._data(self._model.dataset), target=steps[0].id))
        for found in self._feature_sets():
            identity = self._id("features", found.name)
            self._boxes[identity] = Box(item=self._features(identity, found))
            self._links.append(Link(source=self._data(found.dataset), target=identity))
            self._links.append(Link(source=identity, target=by_name.get("features", steps[0].id)))
            self._links += [Link(source=self._data(join.dataset), target=identity) for join in found.joins]

    def _features(self, identity: str, found: ResolvedFeatureSet) -> Item:
        code = f"mlops/features/{found.module}.py"
        return Item(
            id=identity,
            kind="features",
            title=found.name,
            note=f"{len(found.features)} features",
            says=f"Features of {found.dataset.name}, written once: SQL for tables, Python for one request.",
            spec=self._spec(found.path),
            files=self._scene.written.of("features", self._name, code),
        )

    def _data(self, dataset: Dataset) -> str:
        identity = self._id("data", dataset.name)
        source = dataset.source if is_valid(dataset.source) else None
        place = (source.location or source.url or "") if source else ""
        self._boxes[identity] = Box(
            item=Item(
                id=identity,
                kind="data",
                title=dataset.name,
                note=f"{len(dataset.columns)} columns",
                says="A dataset: where its rows come from, and the contract that they keep.",
                spec=self._spec(dataset.path),
                reads=(place,) if place else (),
            )
        )
        return identity

    def _deployments(self, last: str) -> list[str]:
        deploy, found = self._model.spec.deploy, []
        for kind, target in (("api", deploy.api), ("batch", deploy.batch), ("edge", deploy.edge)):
            if isinstance(target, Api | Batch | Edge):
                box = self._deployment(kind, target)
                self._boxes[box.item.id] = box
                self._links.append(Link(source=last, target=box.item.id))
                found.append(box.item.id)
        batch = deploy.batch
        datasets = self._scene.datasets
        if isinstance(batch, Batch) and batch.input.name in datasets:
            self._links.append(Link(source=self._data(datasets[batch.input.name]), target=self._id("batch")))
        return found

    def _deployment(self, kind: str, target: Api | Batch | Edge) -> Box:
        batch = target if isinstance(target, Batch) else None
        says, note, command = {
            "api": ("Answers requests over HTTP.", f"port {getattr(target, 'port', '')}", "serve"),
            "batch": ("Scores a whole dataset.", batch.output if batch else "", "batch"),
            "edge": ("An export for devices.", getattr(target, "format", ""), None),
        }[kind]
        item = Item(
            id=self._id(kind),
            kind=kind,
            title={"api": "service", "batch": "batch", "edge": "edge"}[kind],
            note=note,
            says=says,
            spec=self._spec(target.path),
            files=self._scene.written.of(kind, self._name),
            reads=(f"the dataset {batch.input.name}",) if batch else (),
            writes=(batch.output,) if batch else (),
            command=f"python -m mlops {self._name} {command}" if command else None,
        )
        schedule = self._schedule(batch.schedule if batch else None, "batch", does="Scores the dataset")
        return Box(item=item, schedule=schedule, chips=tuple(self._environments()) if kind == "api" else ())

    def _environments(self) -> Iterator[Item]:
        for name, environment in valid_items(self._scene.project.spec.environments):
            approved = environment.approval == "required"
            yield Item(
                id=self._id("environment", name),
                kind="environment",
                title=f"{name} · approval" if approved else name,
                says=f"A release to {name}" + (", after a person approved it." if approved else "."),
                spec=self._spec(environment.path),
                files=self._scene.written.of("environment", self._name),
            )

    def _monitors(self) -> list[ResolvedMonitor]:
        return self._scene.monitors.get(self._name, [])

    def _monitor(self, monitor: ResolvedMonitor, watched: list[str], first: str) -> None:
        spec = monitor.spec
        identity = self._id("monitor", spec.name)
        item = Item(
            id=identity,
            kind="monitor",
            title=spec.name,
            note=spec.kind,
            says=f"{words.MONITORS.get(spec.kind, 'A monitor.')} {words.breach(spec)}",
            spec=self._spec(spec.path),
            files=self._scene.written.of("monitor", self._name),
            command=f"python -m mlops monitor {spec.name}",
            starts=(_schedule_text(spec.schedule),),
        )
        schedule = self._schedule(spec.schedule, spec.name, does="Runs the monitor")
        self._boxes[identity] = Box(item=item, schedule=schedule)
        self._links += [Link(source=source, target=identity, kind="watches") for source in watched[:1]]
        if any(action.name == "retrain" for action in spec.on_breach):
            self._links.append(Link(source=identity, target=first, kind="retrain"))
        datasets = self._scene.datasets
        if spec.labels and spec.labels.name in datasets:
            self._links.append(Link(source=self._data(datasets[spec.labels.name]), target=identity))


def _schedule_text(schedule: Schedule) -> str:
    said = words.when(schedule)
    cron = f"{schedule.cron} ({schedule.timezone})"
    return cron if said == schedule.cron else f"{said} {schedule.timezone}, cron {schedule.cron}"
