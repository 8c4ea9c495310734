"""The phases in order: a spec becomes a project, a project a plan, a plan artifacts, artifacts bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from . import structure
from .compose import compose, composed, environment_names
from .diagnostics import Diagnostic, MlopscError, Severity, UsageError, has_errors, locate, ordered
from .inputs import Inputs
from .model.build import build
from .places import places
from .records import record
from .source import Sources

if TYPE_CHECKING:
    from .artifact import Artifact
    from .model.resolved import Project
    from .model.spec import Spec
    from .pins import Pins
    from .planning.plan import Plan
    from .targets.base import Context, Target
    from .writer import Rendered, Roots


@record
class Analysis:
    """What checking found; ``project`` is None where the text could not even be read."""

    spec: Path
    project: Project | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Sources
    inputs: Inputs
    included: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by pattern

    @property
    def folder(self) -> Path:
        """The project folder: the one that holds the spec."""
        return self.spec.parent

    @property
    def failed(self) -> bool:
        """Whether there is an error, so that nothing can be planned."""
        return self.project is None or has_errors(self.diagnostics)


@record
class Compilation:
    """All that a compile would write, and where."""

    analysis: Analysis
    context: Context
    diagnostics: tuple[Diagnostic, ...]  # the analysis' and the targets'
    rendered: Mapping[str, Rendered]  # by path relative to the project folder; empty where there are errors
    roots: Roots

    @property
    def plan(self) -> Plan:
        """The plan that everything is rendered from."""
        return self.context.plan

    @property
    def failed(self) -> bool:
        """Whether the targets found an error."""
        return has_errors(self.diagnostics)


def analyse(spec: Path, edited: Mapping[str, bytes] | None = None) -> Analysis:
    """Every diagnostic of a spec; nothing is written, and nothing of the user's is executed.

    Files in ``edited``, by name, are read from there instead of the disk: what a fix would make of them.
    """
    loaded, inputs = compose(spec, edited), Inputs(folder=spec.parent)
    if loaded.data is None:
        diagnostics, sources = ordered(loaded.diagnostics), loaded.sources
        return Analysis(spec=spec, project=None, diagnostics=diagnostics, sources=sources, inputs=inputs)
    shape, project, found = _checked(loaded.data, loaded.sources, inputs)
    return Analysis(
        spec=spec,
        project=project,
        diagnostics=ordered((*loaded.diagnostics, *found, *_environments(shape, inputs, found))),
        sources=shape.sources,
        inputs=inputs,
        included=loaded.included,
    )


def in_environment(spec: Path, environment: str) -> Analysis:
    """The same for the spec as one of its environments changes it; UsageError where there is no such environment."""
    base = analyse(spec)
    if base.project is None:
        return base
    known = base.project.spec.environments
    if environment not in known:
        raise UsageError(f"no environment '{environment}'; there is: {', '.join(known) or 'none'}")
    shape = structure.check(*_text(spec))
    if environment not in environment_names(shape.data):
        return base
    changed = composed(shape.data, shape.sources, environment)
    _, project, _ = _checked(changed.data or {}, changed.sources, base.inputs)
    return replace(base, project=project, sources=changed.sources)


def _text(spec: Path) -> tuple[Mapping[str, Any], Sources]:
    loaded = compose(spec)
    return loaded.data or {}, loaded.sources


def plan_of(analysis: Analysis) -> Plan:
    """The plan of a spec without errors."""
    from .planning.build import build as build_plan  # noqa: PLC0415  (`check` needs none)

    if analysis.project is None or analysis.failed:
        raise MlopscError("a spec with errors has no plan")
    return build_plan(analysis.project)


def compilation(analysis: Analysis, *, out: Path | None = None, target: str | None = None) -> Compilation:
    """What a spec without errors compiles to, in its own folder or in ``out``; optionally one target alone."""
    from .targets import all_targets  # noqa: PLC0415  (`check` needs none)
    from .targets.base import Context  # noqa: PLC0415
    from .targets.stack import unsupported  # noqa: PLC0415
    from .writer import Roots  # noqa: PLC0415

    if analysis.project is None:
        raise MlopscError("a spec with errors cannot be compiled")
    project, git = places(analysis.folder, out)
    roots = Roots(project=project, git=git)
    context = Context(
        project=analysis.project,
        plan=plan_of(analysis),
        pins=_pins(analysis.folder),
        project_dir="" if roots.project == roots.git else roots.project.relative_to(roots.git).as_posix(),
    )
    targets = [found for found in all_targets() if found.applies(context)]
    findings = [*unsupported(context.project, all_targets()), *(one for t in targets for one in t.check(context))]
    diagnostics = (
        *analysis.diagnostics,
        *(locate(one.code, Severity(one.severity), one.finding, analysis.sources) for one in findings),
    )
    files = {} if has_errors(diagnostics) else rendered(_artifacts(targets, context, target), context.project_dir)
    return Compilation(
        analysis=analysis, context=context, diagnostics=ordered(diagnostics), rendered=files, roots=roots
    )


def with_unsupported(analysis: Analysis) -> tuple[Diagnostic, ...]:
    """The diagnostics of a spec with errors, and the words of its stack that have no target: all in one run."""
    from .targets import all_targets  # noqa: PLC0415  (`check` needs none)
    from .targets.stack import unsupported  # noqa: PLC0415

    if analysis.project is None:
        return analysis.diagnostics
    words = unsupported(analysis.project, all_targets())
    found = (locate(one.code, Severity(one.severity), one.finding, analysis.sources) for one in words)
    return ordered((*analysis.diagnostics, *found))


def rendered(artifacts: Iterable[Artifact], project_dir: str) -> dict[str, Rendered]:
    """The bytes of each artifact by its path relative to the project folder."""
    from .render import render  # noqa: PLC0415  (jinja2 is slow to import)
    from .writer import Rendered  # noqa: PLC0415

    up = PurePosixPath(*[".."] * len(PurePosixPath(project_dir).parts))
    files: dict[str, Rendered] = {}
    for artifact in artifacts:
        path = artifact.path if artifact.root == "project" else (up / artifact.path).as_posix()
        if path in files:
            raise AssertionError(f"two targets write {path}")
        files[path] = Rendered(content=render(artifact), executable=artifact.executable)
    return dict(sorted(files.items()))


def _artifacts(targets: Iterable[Target], context: Context, only: str | None) -> Iterable[Artifact]:
    chosen = [target for target in targets if only in {None, target.name}]
    if not chosen:
        names = ", ".join(target.name for target in targets)
        raise UsageError(f"no target '{only}' for this stack; there is: {names}")
    return [artifact for target in chosen for artifact in target.artifacts(context)]


def _checked(
    data: Mapping[str, Any], sources: Sources, inputs: Inputs
) -> tuple[structure.Structure, Project, tuple[Diagnostic, ...]]:
    shape = structure.check(data, sources)
    project, found = _resolved(build(shape.data, shape.invalid), inputs, shape.sources)
    return shape, project, (*shape.diagnostics, *found)


def _environments(base: structure.Structure, inputs: Inputs, known: tuple[Diagnostic, ...]) -> Iterator[Diagnostic]:
    """What is wrong with the spec as an environment changes it, and not already without that."""
    for name in environment_names(base.data):
        changed = composed(base.data, base.sources, name)
        yield from changed.diagnostics
        if changed.data is not None:
            _, _, found = _checked(changed.data, changed.sources, inputs)
            yield from (one for one in found if one not in known)


def _resolved(spec: Spec, inputs: Inputs, sources: Sources) -> tuple[Project, tuple[Diagnostic, ...]]:
    from .checks import run_all  # noqa: PLC0415  (the rules are many)
    from .resolve import resolve  # noqa: PLC0415  (sqlglot is slow to import)

    project = resolve(spec)
    return project, run_all(project, inputs, sources)


def _pins(folder: Path) -> Pins:
    from .pins import read  # noqa: PLC0415  (only a compile reads them)

    return read(folder)
