"""What each step of a model reads, writes and depends on: the table that caches, CI and pictures are made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..model.resolved import Project, ResolvedModel
from .plan import Step

RUNTIME = "mlops/runtime"
_REFERENCE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of step; paths are relative to the model's work folder, code to the runtime."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    code: tuple[str, ...]
    config: tuple[str, ...]  # keys of config.json, dotted where only a part matters
    weight: int = 1


SPLIT = ("split/train.parquet", "split/validation.parquet")
TRAINED = ("train/model.skops", "train/model.json")

SHAPES: Mapping[str, Shape] = {
    "ingest": Shape(inputs=(), outputs=("ingest",), code=("core", "data"), config=("dataset", "datasets"), weight=2),
    "validate": Shape(
        inputs=("ingest",), outputs=("validate",), code=("core", "data"), config=("dataset", "datasets"), weight=1
    ),
    "features": Shape(
        inputs=("ingest", "validate/validation.json"),
        outputs=("features",),
        code=("core", "features"),
        config=(
            *("dataset", "datasets", "features", "label", "predict_at"),
            *("evaluate.slices", "evaluate.business", "split.group", "train.sample_weight"),
        ),
        weight=2,
    ),
    "split": Shape(
        inputs=("features/features.parquet",),
        outputs=("split",),
        code=("core", "train"),
        config=("dataset", "datasets", "label", "split", "train.last_seconds"),
    ),
    "train": Shape(
        inputs=SPLIT,
        outputs=("train",),
        code=("core", "train"),
        config=("task", "features", "label", "split", "train", "tune", "decision", "evaluate.business"),
        weight=6,
    ),
    "evaluate": Shape(
        inputs=("split/test.parquet", *TRAINED),
        outputs=("evaluate",),
        code=("core", "train"),
        config=("task", "features", "label", "request", "evaluate"),
        weight=2,
    ),
    "gate": Shape(
        inputs=("evaluate", "split/test.parquet", *TRAINED),
        outputs=("gate",),
        code=("core", "train"),
        config=("task", "evaluate", "gates", "registry"),
    ),
    "register": Shape(
        inputs=("gate/gates.json", "evaluate/metrics.json", "train"),
        outputs=("register",),
        code=("core", "train"),
        config=("project", "model", "owner", "tracking", "registry"),
        weight=2,
    ),
    "package": Shape(
        inputs=("register/registered.json", "gate/gates.json", "evaluate/metrics.json", *SPLIT[:1], "train"),
        outputs=("package",),
        code=("core", "features", "train"),
        config=("dataset", "datasets", "features", "request", "api", "batch", "online"),
    ),
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
        inputs=(*(f"{work}/{path}" for path in shape.inputs), *(_sources(model) if name == "ingest" else ())),
        outputs=tuple(f"{work}/{path}" for path in shape.outputs),
        code=_code(project, model, name),
        config=shape.config,
        env=_environment(project, model, name),
        weight=shape.weight,
    )


def _sources(model: ResolvedModel) -> tuple[str, ...]:
    """The files that the model's dataset is read from; a URL is no file whose content could be looked at."""
    source = model.dataset.source if model.dataset else None
    location = getattr(source, "location", None)
    return (location,) if location and "://" not in location else ()


def _code(project: Project, model: ResolvedModel, name: str) -> tuple[str, ...]:
    paths = [f"{RUNTIME}/{part}" for part in SHAPES[name].code]
    if name in {"features", "package"}:
        paths += sorted({f"mlops/features/{prepared.feature.module}.py" for prepared in model.features})
    if name in {"train", "evaluate"}:
        paths += [reference.name for reference in project.spec.project.code]
    return tuple(paths)


def _environment(project: Project, model: ResolvedModel, name: str) -> tuple[str, ...]:
    """The environment variables that decide what a step does."""
    if name == "ingest":
        source = model.dataset.source if model.dataset else None
        texts = (getattr(source, "location", None) or "", getattr(source, "url", None) or "")
        return tuple(sorted({match for text in texts for match in _REFERENCE.findall(text)}))
    if name in {"gate", "register"} and "mlflow" in {project.spec.stack.tracking, project.spec.stack.registry}:
        return ("MLFLOW_TRACKING_URI",)
    return ()
