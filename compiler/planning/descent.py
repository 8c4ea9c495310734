"""The lineage of a project: from files over columns and features to models, and to what watches and serves them."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.data import Column, DataCheck, Dataset, Source
from ..model.models import Api, Batch, Evaluate, Gate, Split
from ..model.resolved import Project, ResolvedFeature, ResolvedFeatureSet, ResolvedModel, ResolvedMonitor
from ..model.values import is_valid, valid_items
from ..records import record
from .lineage import RUNNING, Lineage, Thing
from .plan import Plan, Step


@record
class Found:
    """A thing, and the ids of what it is made of."""

    thing: Thing
    of: tuple[str, ...] = ()


def lineage_of(project: Project, plan: Plan) -> Lineage:
    """Everything that the spec and its plan name."""
    found = [*_data(project), *_features(project), *_models(project), *_monitors(project), *_steps(plan)]
    return Lineage((one.thing for one in found), ((before, one.thing.id) for one in found for before in one.of))


def _data(project: Project) -> Iterator[Found]:
    for name, dataset in valid_items(project.spec.data):
        source = dataset.source
        from_ = []
        if isinstance(source, Source):
            place = source.location or f"{(source.url or '').partition('://')[0]} query of {name}"
            from_.append(f"file:{place}")
            yield Found(thing=Thing(kind="file", name=place, what=source.kind, path=source.path))
        what = f"{len(dataset.columns)} columns"
        yield Found(thing=Thing(kind="dataset", name=name, what=what, path=dataset.path), of=tuple(from_))
        for column_name, column in valid_items(dataset.columns):
            yield _column(name, column_name, column)
        for check in dataset.checks:
            if is_valid(check):
                yield _check(name, check)


def _column(dataset: str, name: str, column: Column) -> Found:
    known = f", known at {column.known_at.name}" if column.known_at else ""
    known += f", known {_days(column.available_after.seconds)} later" if column.available_after else ""
    pii = ", personal" if column.pii else ""
    thing = Thing(kind="column", name=f"{dataset}.{name}", what=f"{column.type}{known}{pii}", path=column.path)
    return Found(thing=thing, of=(f"dataset:{dataset}",))


def _check(dataset: str, check: DataCheck) -> Found:
    column = f" {check.column.name}" if check.column else ""
    thing = Thing(
        kind="check", name=f"{dataset}.{check.name or check.kind}{column}", what=check.severity, path=check.path
    )
    return Found(thing=thing, of=(f"column:{dataset}.{check.column.name}" if check.column else f"dataset:{dataset}",))


def _days(seconds: float) -> str:
    return f"{seconds / 86400:g} d" if seconds >= 86400 else f"{seconds / 3600:g} h"  # noqa: PLR2004


def _features(project: Project) -> Iterator[Found]:
    for _, found in valid_items(project.feature_sets):
        for feature in found.features:
            yield Found(thing=_feature(found, feature), of=_columns(found.dataset, _reads(found, feature)))


def _feature(found: ResolvedFeatureSet, feature: ResolvedFeature) -> Thing:
    text = feature.feature.sql or feature.feature.aggregate
    by = f" by {', '.join(reference.name for reference in feature.feature.by)}" if feature.feature.by else ""
    what = f"{_line(text.text)}{by}" if text else "the column as it is"
    return Thing(kind="feature", name=f"{found.name}.{feature.name}", what=what, path=feature.path)


def _reads(found: ResolvedFeatureSet, feature: ResolvedFeature) -> tuple[str, ...]:
    if feature.kind != "window":
        return feature.columns
    time = (found.dataset.time.name,) if found.dataset.time else ()
    return (*feature.columns, *(reference.name for reference in feature.feature.by), *time)


def _columns(dataset: Dataset | None, names: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of the columns of ``dataset`` among ``names``; of another one's, the name says whose they are."""
    if dataset is None:
        return ()
    own = dataset.columns
    return tuple(f"column:{dataset.name}.{name}" if name in own else f"column:{name}" for name in dict.fromkeys(names))


def _models(project: Project) -> Iterator[Found]:
    sets = project.sets_by_module
    for name, model in sorted(valid_items(project.models)):
        label = f"label:{name}.label"
        columns = model.label.columns if model.label else ()
        said = _line(model.spec.label.sql.text) if is_valid(model.spec.label) else ""
        thing = Thing(kind="label", name=f"{name}.label", what=said, path=(*model.spec.path, "label"))
        yield Found(thing=thing, of=_columns(model.dataset, columns))
        features = (
            f"feature:{sets[prepared.feature.module].name}.{prepared.feature.name}" for prepared in model.features
        )
        what = f"{model.task or 'model'}, {len(model.features)} features"
        thing = Thing(kind="model", name=name, what=what, path=model.spec.path)
        yield Found(thing=thing, of=(*features, label, *_columns(model.dataset, _rows(model))))
        yield from _judged(model)
        yield from _deployed(project, model)


def _rows(model: ResolvedModel) -> tuple[str, ...]:
    """The columns that decide which rows a model learns from, how much each counts, and when it is asked."""
    split, names = model.spec.split, [model.spec.predict_at.name] if model.spec.predict_at else []
    if isinstance(split, Split) and split.group is not None and model.split_by == "group":
        names.append(split.group.name)
    if model.split_by == "time" and model.dataset and model.dataset.time:
        names.append(model.dataset.time.name)
    weights = (typed for path, typed, _ in model.other_sql if typed and "sample_weight" in path)
    return (*names, *(name for typed in weights for name in typed.columns))


def _judged(model: ResolvedModel) -> Iterator[Found]:
    """The business metrics, the slices and the gates: they read columns, and judge the model."""
    evaluate, itself = model.spec.evaluate, f"model:{model.name}"
    metrics = dict(valid_items(evaluate.business)) if isinstance(evaluate, Evaluate) else {}
    for name, metric in metrics.items():
        typed = next((one for path, one, _ in model.other_sql if path[: len(metric.path)] == metric.path), None)
        thing = Thing(kind="metric", name=f"{model.name}.{name}", what=_line(metric.sql.text), path=metric.path)
        yield Found(thing=thing, of=(itself, *_columns(model.dataset, typed.columns if typed else ())))
    for column in evaluate.slices if isinstance(evaluate, Evaluate) else ():
        thing = Thing(kind="metric", name=f"{model.name}.all by {column.name}", path=column.path)
        yield Found(thing=thing, of=(itself, *_sliced(model, column.name)))
    for gate in (one for one in model.spec.gates if is_valid(one)):
        of = [itself, *(_sliced(model, gate.slice.name) if gate.slice else ())]
        if gate.metric is not None and gate.metric.name in metrics:
            of.append(f"metric:{model.name}.{gate.metric.name}")
        yield Found(thing=Thing(kind="gate", name=f"{model.name}.{_gate(gate)}", path=gate.path), of=tuple(of))


def _sliced(model: ResolvedModel, name: str) -> tuple[str, ...]:
    """What a slice cuts by: a column, or else a feature."""
    if model.dataset is not None and name in model.dataset.columns:
        return _columns(model.dataset, (name,))
    return tuple(_id(one.feature) for one in model.features if one.feature.name == name)


def _gate(gate: Gate) -> str:
    name = gate.metric.name if gate.metric else gate.kind
    by = f" by {gate.slice.name}" if gate.slice else ""
    if gate.kind == "champion":
        return f"{name}{by} vs champion"
    low = f" >= {gate.min:g}" if gate.min is not None else ""
    high = f" <= {gate.max:g}" if gate.max is not None else ""
    return f"{name}{by}{low}{high}"


def _id(feature: ResolvedFeature) -> str:
    return f"feature:{feature.set_name}.{feature.name}"


def _deployed(project: Project, model: ResolvedModel) -> Iterator[Found]:
    itself, deploy = f"model:{model.name}", model.spec.deploy
    if isinstance(deploy.api, Api):
        what = f"HTTP on port {deploy.api.port}"
        yield Found(
            thing=Thing(kind="service", name=f"{model.name}.api", what=what, path=deploy.api.path), of=(itself,)
        )
    if isinstance(deploy.batch, Batch):
        batch = f"batch:{model.name}.batch"
        read = tuple(field.name for field in model.request)
        thing = Thing(kind="batch", name=f"{model.name}.batch", what="scores a dataset", path=deploy.batch.path)
        yield Found(thing=thing, of=(itself, *_of_dataset(project, deploy.batch.input.name, read)))
        yield Found(thing=Thing(kind="file", name=deploy.batch.output, what="predictions"), of=(batch,))


def _of_dataset(project: Project, name: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``columns`` that a dataset has, under the same names; the dataset itself where it has none."""
    dataset = project.spec.data.get(name)
    own = tuple(column for column in columns if isinstance(dataset, Dataset) and column in dataset.columns)
    return tuple(f"column:{name}.{column}" for column in own) or (f"dataset:{name}",)


def _monitors(project: Project) -> Iterator[Found]:
    for name, monitor in sorted(valid_items(project.monitors)):
        thing = Thing(kind="monitor", name=name, what=monitor.spec.kind, path=monitor.spec.path)
        yield Found(thing=thing, of=(f"model:{monitor.spec.model.name}", *_watched(project, monitor)))


def _watched(project: Project, monitor: ResolvedMonitor) -> tuple[str, ...]:
    """The features that a monitor names, and the columns of the labels that it joins."""
    spec, model = monitor.spec, monitor.model
    if model is None:
        return ()
    wanted = {reference.name for reference in spec.columns or ()}
    features = tuple(_id(one.feature) for one in model.features if one.feature.name in wanted)
    if spec.labels is None or model.label is None:
        return features
    key = tuple(reference.name for reference in model.dataset.key) if model.dataset else ()
    return (*features, *_of_dataset(project, spec.labels.name, (*key, *model.label.columns)))


def _steps(plan: Plan) -> Iterator[Found]:
    made = {path: step for step in plan.steps for path in step.outputs}
    for step in plan.steps:
        for path in (*step.inputs, *step.code):
            if _maker(path, made) is None:
                yield Found(thing=_read(step, path))
        what = f"with {', '.join(step.config)} of the spec"
        thing = Thing(kind="step", name=step.id, what=what, layer=RUNNING)
        yield Found(thing=thing, of=tuple(_origin(path, made, step) for path in (*step.inputs, *step.code)))
        for path in step.outputs:
            yield Found(thing=Thing(kind="output", name=path, layer=RUNNING), of=(f"step:{step.id}",))


def _read(step: Step, path: str) -> Thing:
    """Something that no step makes: the file of a dataset is there already, others are code or state."""
    return Thing(kind="code" if path in step.code else "input", name=path, layer=RUNNING, what=_origin_of(path))


def _origin(path: str, made: dict[str, Step], step: Step) -> str:
    maker = _maker(path, made)
    if maker is not None:
        return f"output:{maker}"
    return f"{'code' if path in step.code else 'input'}:{path}"


def _maker(path: str, made: dict[str, Step]) -> str | None:
    """The output that a path is, or lies in."""
    return next((output for output in made if path == output or path.startswith(f"{output}/")), None)


def _origin_of(path: str) -> str:
    if path.startswith("mlops/features/"):
        return "compiled from the features of the spec"
    if path.startswith("mlops/"):
        return "copied by the compiler"
    return "who is champion" if path.endswith("/promoted.json") else ""


def _line(text: str) -> str:
    return " ".join(text.split())
