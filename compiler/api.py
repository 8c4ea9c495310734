"""The functions behind ``mlopsc.check``, ``mlopsc.compile`` and ``mlopsc.plan``."""

from __future__ import annotations

import os
from pathlib import Path

from . import changes, phases, writer
from .diagnostics import Diagnostic, MlopscError, Severity
from .planning.plan import Plan
from .records import record
from .writer import Change


class SpecError(MlopscError):
    """The spec has errors; ``diagnostics`` says which."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = [found for found in diagnostics if found.severity is Severity.ERROR]
        first = errors[0]
        place = f"{first.primary.span.file}:{first.primary.span.line}:{first.primary.span.column}"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(f"{place}: {first.code}: {first.message}{more}")
        self.diagnostics = diagnostics


@record
class Planned:
    """The plan of a spec, and the files that compiling it would touch."""

    plan: Plan
    files: tuple[Change, ...]


def check(path: str | os.PathLike[str]) -> tuple[Diagnostic, ...]:
    """Every diagnostic of a spec, by place."""
    return phases.analyse(_spec(path)).diagnostics


def compile(  # noqa: A001  (named like the command)
    path: str | os.PathLike[str], out: str | os.PathLike[str] | None = None, *, force: bool = False
) -> tuple[Change, ...]:
    """Write everything that a spec says, and return what happened to each file; SpecError where it has errors."""
    compiled = _compiled(path, None if out is None else Path(out).absolute())
    return writer.write(compiled.rendered, compiled.roots, force=force)


def plan(path: str | os.PathLike[str], base: str | None = None) -> Planned:
    """The plan of a spec and the files that change, compared with the disk or with a Git revision."""
    compiled = _compiled(path, None)
    if base is None:
        found = changes.against_disk(writer.compare(compiled.rendered, compiled.roots))
    else:
        found = changes.against_revision(compiled.rendered, compiled.roots, base)
    return Planned(plan=compiled.plan, files=found.changes)


def _compiled(path: str | os.PathLike[str], out: Path | None) -> phases.Compilation:
    analysis = phases.analyse(_spec(path))
    if analysis.failed:
        raise SpecError(analysis.diagnostics)
    compiled = phases.compilation(analysis, out=out)
    if compiled.failed:
        raise SpecError(compiled.diagnostics)
    return compiled


def _spec(path: str | os.PathLike[str]) -> Path:
    found = Path(path).absolute()
    found = found / "mlops.yaml" if found.is_dir() else found
    if not found.is_file():
        raise MlopscError(f"{found} does not exist")
    return found
