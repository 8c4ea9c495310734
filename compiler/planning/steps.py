"""What each step of a model reads, writes and depends on: the table that caches, CI and pictures are made from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..model.data import Source
from ..model.resolved import Project, ResolvedModel, trained_on
from ..records import record
from .plan import Step

RUNTIME = "mlops/runtime"
_REFERENCE = re.compile(r"\$\{(\w+)\}")


@record
class Shape:
    """One kind of step; paths are relative to the model's work folder, code to the runtime."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    code: tuple[str, ...]
    config: tuple[str, ...]  # keys of config.json, dotted where only a part matters
    weight: int = 1


DATA = ("dataset", "datasets")
EVERYTHING = (
    *(
        "api",
        "batch",
        "data_quality",
        "dataset",
        "datasets",
        "decision",
        "evaluate",
        "features",
        "gates",
        "label",
        "model",
        "online",
    ),
    *("owner", "predict_at", "project", "registry", "request", "split", "task", "tracking", "train", "tune", "version"),
)
"""Every key but the steps themselves: a package carries the whole configuration."""

SHAPES: Mapping[str, Shape] = {
    "ingest": Shape(inputs=(), outputs=("ingest",), code=("core", "data"), config=DATA, weight=2),
    "validate": Shape(
        inputs=("ingest",), outputs=("validate",), code=("core", "data"), config=(*DATA, "data_quality", "model")
    ),
    "features": Shape(
        inputs=("ingest", "validate/validation.json"),
        outputs=("features",),
        code=("core", "features"),
        config=(
            *(*DATA, "features", "label", "predict_at", "request"),
            *("evaluate", "gates", "split.group", "train.sample_weight"),
        ),
        weight=2,
    ),
    "split": Shape(
        inputs=("features/features.parquet",),
        outputs=("split",),
        code=("core", "train"),
        config=(*DATA, "label", "split", "task", "train.last_seconds"),
    ),
    "train": Shape(
        inputs=("split/train.parquet", "split/validation.parquet", "split/split.json"),
        outputs=("train",),
        code=("core", "train"),
        config=(*DATA, "task", "features", "label", "split", "train", "tune", "decision", "evaluate.business"),
        weight=6,
    ),
    "evaluate": Shape(
        inputs=("split/test.parquet", "train"),
        outputs=("evaluate",),
        code=("core", "features", "train"),
        config=(*DATA, "task", "features", "label", "request", "evaluate", "gates", "decision", "tune"),
        weight=2,
    ),
    "gate": Shape(
        inputs=("evaluate", "split/test.parquet", "train", "ingest", "promoted.json"),  # the last: who is champion
        outputs=("gate",),
        code=("core", "features", "train"),
        config=(*DATA, "model", "project", "task", "features", "label", "evaluate", "gates", "tracking", "registry"),
    ),
    "register": Shape(
        inputs=("gate", "evaluate/metrics.json", "train", "split/train.parquet", "split/test.parquet", "ingest"),
        outputs=("register",),
        code=("core", "features", "train"),
        config=EVERYTHING,
        weight=2,
    ),
    "package": Shape(inputs=("register",), outputs=("package",), code=("core", "train"), config=("model",)),
}
"""The steps in order."""


def steps_of(project: Project, model: ResolvedModel) -> tuple[Step, ...]:
    """The steps of one model, each waiting for the one before it."""
    names = list(SHAPES)
    before = [None, *names[:-1]]
    return tuple(_step(project, model, name, previous) for name, previous in zip(names, before, strict=True))


def _step(project: Project, model: ResolvedModel, name: str, previous: str | None) -> Step:
    shape = SHAPES[name]
    work = f".mlops/work/{model.name}"
    return Step(
        id=f"{model.name}/{name}",
        model=model.name,
        name=name,
        needs=(f"{model.name}/{previous}",) if previous else (),
        inputs=(*(f"{work}/{path}" for path in shape.inputs), *(_sources(project, model) if name == "ingest" else ())),
        outputs=tuple(f"{work}/{path}" for path in shape.outputs),
        code=_code(project, model, name),
        config=shape.config,
        env=_environment(project, model, name),
        weight=shape.weight,
    )


def _sources(project: Project, model: ResolvedModel) -> tuple[str, ...]:
    """Where ingest reads, ``${NAME}`` in it not yet replaced.

    Whoever caches must take a URL for changed, since nobody can look.
    """
    places = (source.location or source.url for source in _read(project, model))
    return tuple(dict.fromkeys(place for place in places if place))


def _read(project: Project, model: ResolvedModel) -> list[Source]:
    """The sources of all that ingest reads."""
    datasets = trained_on(project, model)
    return [dataset.source for dataset in datasets if isinstance(dataset.source, Source)]


def _code(project: Project, model: ResolvedModel, name: str) -> tuple[str, ...]:
    paths = [f"{RUNTIME}/{part}" for part in SHAPES[name].code]
    if name in {"features", "register"}:
        paths += sorted({f"mlops/features/{prepared.feature.module}.py" for prepared in model.features})
    if name in {"train", "evaluate", "gate"}:
        paths += [reference.name for reference in project.spec.project.code]
    return tuple(paths)


def _environment(project: Project, model: ResolvedModel, name: str) -> tuple[str, ...]:
    """The environment variables that decide what a step does."""
    if name == "ingest":
        texts = [text or "" for source in _read(project, model) for text in (source.location, source.url)]
        return tuple(sorted({match for text in texts for match in _REFERENCE.findall(text)}))
    if name in {"gate", "register"} and "mlflow" in {project.spec.stack.tracking, project.spec.stack.registry}:
        return ("MLFLOW_TRACKING_URI",)
    return ()
