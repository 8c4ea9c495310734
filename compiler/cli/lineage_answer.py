"""Put together what ``mlopsc lineage`` knows: the spec, the plan, the steps that ran, the versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..diagnostics import UsageError
from ..planning.descent import lineage_of
from ..planning.lineage import RUNNING, Lineage, Thing
from ..reporters.lineage import Answer
from ..runner.states import CURRENT, STALE, State, content_of, states
from ..runner.versions import Version, last_registered, registered
from ..suggest import suggest

if TYPE_CHECKING:
    from ..model.resolved import Project
    from ..phases import Analysis, Compilation

SHORT = 12
"""Characters of a hash that people read."""

PARTS = {"code": "code", "config": "config", "spec": "spec", "git_commit": "commit"}


def answer(analysis: Analysis, artifact: str | None) -> Answer:
    """What is known about ``artifact``, or about everything; UsageError where there is no such thing."""
    from ..phases import compilation, plan_of  # noqa: PLC0415  (what is slow to import comes when it is needed)

    project = analysis.project
    assert project is not None  # noqa: S101  (a spec without errors has one)
    lineage = lineage_of(project, plan_of(analysis))
    compiled = compilation(analysis)
    steps = states(analysis.folder)
    content = content_of(analysis.folder, _local_files(lineage))
    known = _states(lineage, steps, analysis.folder, content)
    lineage = _with_versions(lineage, _last_versions(lineage, analysis.folder, content), known)
    subjects: tuple[Thing, ...] = ()
    if artifact is not None:
        lineage, subjects = _asked(lineage, artifact, analysis.folder, compiled, known)
    return Answer(
        project=project.spec.project.name,
        subjects=subjects,
        lineage=lineage,
        states=known,
        sources=analysis.sources,
        compiled=_is_compiled(compiled),
    )


def _asked(
    lineage: Lineage, artifact: str, folder: Path, compiled: Compilation, known: dict[str, str]
) -> tuple[Lineage, tuple[Thing, ...]]:
    found = lineage.called(artifact) or lineage.holding(artifact)
    if found:
        return lineage, found
    model, at, _ = artifact.partition("@")
    if at and f"model:{model}" in lineage.things:
        versions = registered(folder, artifact)
        lineage = _with_versions(lineage, versions, known)
        return lineage, tuple(lineage.things[f"version:{version.name}"] for version in versions)
    if artifact in compiled.rendered:
        lineage = _with_generated(lineage, artifact, compiled.context.project)
        return lineage, (lineage.things[f"generated:{artifact}"],)
    raise UsageError(_unknown(lineage, artifact))


def _unknown(lineage: Lineage, artifact: str) -> str:
    near = suggest(artifact, lineage.names())
    hint = f"did you mean '{near}'?" if near else "`mlopsc lineage` without a name says what there is"
    return f"nothing here is called '{artifact}'\n  help: {hint}"


def _is_compiled(compiled: Compilation) -> bool:
    from ..writer import WRITES, Action, compare  # noqa: PLC0415

    if compiled.failed:
        return False
    changes = compare(compiled.rendered, compiled.roots)
    return not any(change.action in WRITES or change.action is Action.REMOVE for change in changes)


def _local_files(lineage: Lineage) -> list[str]:
    """The data that is one file of this machine."""
    names = [thing.name for thing in lineage.things.values() if thing.kind == "file"]
    return [name for name in names if "://" not in name and not set("*?[$") & set(name)]


def _states(lineage: Lineage, steps: Mapping[str, State], folder: Path, content: Mapping[str, str]) -> dict[str, str]:
    """What is known of the steps, of what they write, of the models, and of files that are not here."""
    found = {f"step:{name}": state.text for name, state in steps.items()}
    found |= {f"file:{name}": _of_file(folder, name, content.get(name)) for name in _local_files(lineage)}
    for thing in lineage.things.values():
        if thing.kind == "output":
            found[thing.id] = found.get(lineage.parents[thing.id][0], "")
        elif thing.kind == "model":
            found[thing.id] = _of_model(steps, thing.name)
    return {name: text for name, text in found.items() if text}


def _of_model(steps: Mapping[str, State], model: str) -> str:
    """The state of its first step that is not current."""
    own = [(name, state) for name, state in steps.items() if name.startswith(f"{model}/")]
    late = [(name, state) for name, state in own if state.word != CURRENT]
    if not own:
        return "not compiled"
    if not late:
        return CURRENT
    name, state = late[0]
    return f"{state.text} ({name.rpartition('/')[2]})" if state.word == STALE else state.text


def _of_file(folder: Path, name: str, content: str | None) -> str:
    pointer = (folder / name).with_name(f"{Path(name).name}.dvc").exists()
    if content is not None:
        return f"SHA-256 {content[:SHORT]}{', tracked by DVC' if pointer else ''}"
    return "" if (folder / name).exists() else f"not here: dvc pull {name}.dvc" if pointer else "not here"


def _last_versions(lineage: Lineage, folder: Path, content: Mapping[str, str]) -> tuple[Version, ...]:
    """The last version of each model on this machine, held against the files that are here."""
    datasets = [thing for thing in lineage.things.values() if thing.kind == "dataset"]
    read = {dataset.name: lineage.things[file].name for dataset in datasets for file in lineage.parents[dataset.id]}
    one_file = {dataset: content[file] for dataset, file in read.items() if file in content}
    models = [thing.name for thing in lineage.things.values() if thing.kind == "model"]
    found = (last_registered(folder, model, one_file) for model in models)
    return tuple(version for version in found if version is not None)


def _with_versions(lineage: Lineage, versions: Iterable[Version], known: dict[str, str]) -> Lineage:
    """The same with each version: made of its model, and of what its tags say."""
    things, pairs = dict(lineage.things), list(lineage.pairs)
    for version in versions:
        thing = _version(version)
        things[thing.id] = thing
        pairs.append((f"model:{version.model}", thing.id))
        for part in _parts(version):
            things[part.id] = part
            pairs.append((part.id, thing.id))
        if version.changed:
            known[thing.id] = f"stale: {', '.join(version.changed)} changed since"
    return Lineage(things.values(), pairs)


def _version(version: Version) -> Thing:
    words = [*version.aliases, *([f"registered {version.registered}"] if version.registered else [])]
    words += [f"gates {version.made_of['gates']}"] if version.made_of.get("gates") else []
    called = (f"{version.model}@{alias}" for alias in version.aliases)
    run = (version.run_id,) if version.run_id else ()
    return Thing(kind="version", name=version.name, what=", ".join(words), layer=RUNNING, called=(*called, *run))


def _parts(version: Version) -> Iterable[Thing]:
    """What a version was made of, as it was recorded."""
    made = version.made_of
    for name, value in made.items():
        kind, _, label = name.partition(".")
        if kind == "data" and label:
            dvc = f", DVC {made[f'dvc.{label}']}" if f"dvc.{label}" in made else ""
            yield Thing(
                kind="data", name=f"{label} {value[:SHORT]}", what=f"SHA-256 of what was read{dvc}", layer=RUNNING
            )
    for name, kind in PARTS.items():
        if made.get(name):
            dirty = ", with changes" if name == "git_commit" and made.get("git_changed") == "yes" else ""
            yield Thing(kind="recorded", name=f"{kind} {made[name][:SHORT]}{dirty}", layer=RUNNING)
    if made.get("parameters"):
        yield Thing(kind="recorded", name="parameters", what=made["parameters"], layer=RUNNING)
    if made.get("environment"):
        yield Thing(kind="recorded", name="environment", what=made["environment"], layer=RUNNING)
    if version.run_id:
        yield Thing(kind="recorded", name=f"run {version.run_id}", layer=RUNNING)


def _with_generated(lineage: Lineage, path: str, project: Project) -> Lineage:
    """The same with a generated file: made of the model or the features that it is about, else of the whole spec."""
    parts = path.split("/")
    of: list[str] = []
    if path.startswith("mlops/models/"):
        of = [f"model:{parts[2]}"]
    elif path.startswith("mlops/features/"):
        name = {module: found.name for module, found in project.sets_by_module.items()}.get(Path(path).stem, "")
        of = [one for one in lineage.things if one.startswith(f"feature:{name}.")]
    thing = Thing(kind="generated", name=path, what="by mlopsc compile", layer=RUNNING)
    spec = Thing(kind="spec", name="mlops.yaml", layer=RUNNING)
    pairs = [*lineage.pairs, *((one, thing.id) for one in of or [spec.id])]
    return Lineage([*lineage.things.values(), spec, thing], pairs)
