"""``mlopsc compile``: check the spec, then write everything that it says."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .discovery import find_spec, spec_argument

if TYPE_CHECKING:
    from ..phases import Compilation
    from ..writer import Change

LISTED = 20
HAND_EDITS_KEPT = 3


@click.command()
@spec_argument
@click.option("-o", "--out", type=click.Path(file_okay=False), help="Write to this folder, as a repository of its own.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if anything on disk differs.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand.")
@click.option("--target", metavar="NAME", help="Only this target's files.")
def command(spec: str | None, out: str | None, target: str | None, *, check: bool, diff: bool, force: bool) -> None:
    """Check SPEC, then write its repository: pipelines, workflows, images, monitors.

    Exit codes: 0 written (or nothing to do), 1 errors (with --check: something differs), 2 wrong usage,
    3 files that were edited by hand were kept.
    """
    if check and diff:
        raise click.UsageError("--check and --diff exclude each other")
    path, place = find_spec(spec), Path(out).absolute() if out else None
    if check or diff or target is not None:  # these look at every byte, or write a part only
        _compare_or_write_part(path, place, target, check=check, diff=diff, force=force)
    else:
        _write(path, place, force=force)


def _write(spec: Path, out: Path | None, *, force: bool) -> None:
    from ..unchanged import Memory  # noqa: PLC0415
    from .output import repeat, said  # noqa: PLC0415

    memory = Memory(spec, out)
    known = memory.recall()
    if known is not None:
        repeat(known)
        click.echo(f"0 files written, 0 removed, {known.files} unchanged in {memory.project}")
        return
    from ..writer import write  # noqa: PLC0415  (only where there is something to write)

    compiled = compiled_or_exit(spec, out=out)
    changes = write(compiled.rendered, compiled.roots, force=force)
    memory.remember(compiled, changes, said(compiled))
    _end(compiled, changes, force=force)


def _compare_or_write_part(
    spec: Path, out: Path | None, target: str | None, *, check: bool, diff: bool, force: bool
) -> None:
    from .. import writer  # noqa: PLC0415  (so that --help is instant)

    partial = target is not None
    compiled = compiled_or_exit(spec, out=out, target=target)
    if check or diff:
        changes = writer.compare(compiled.rendered, compiled.roots, partial=partial)
        sys.exit(_check(compiled, changes, partial=partial) if check else _diff(compiled, changes))
    _end(compiled, writer.write(compiled.rendered, compiled.roots, force=force, partial=partial), force=force)


def _end(compiled: Compilation, changes: tuple[Change, ...], *, force: bool) -> None:
    _say(compiled, changes, force=force)
    if not force and any(change.by_hand for change in changes):
        sys.exit(HAND_EDITS_KEPT)


def compiled_or_exit(spec: Path, *, out: Path | None = None, target: str | None = None) -> Compilation:
    """The compilation of a spec; its diagnostics are printed, and an error ends the command with exit code 1."""
    from ..phases import analyse, compilation, with_unsupported  # noqa: PLC0415  (so that --help is instant)
    from .output import show, summary  # noqa: PLC0415

    analysis = analyse(spec)
    if analysis.failed:
        analysis = replace(analysis, diagnostics=with_unsupported(analysis))
        show(analysis.diagnostics, analysis.sources)
        click.echo(summary(analysis), err=True)
        sys.exit(1)
    compiled = compilation(analysis, out=out, target=target)
    show(compiled.diagnostics, analysis.sources)
    if compiled.failed:
        click.echo("nothing was written", err=True)
        sys.exit(1)
    return compiled


def _check(compiled: Compilation, changes: tuple[Change, ...], *, partial: bool) -> int:
    from ..changes import MARKS  # noqa: PLC0415
    from ..writer import is_current  # noqa: PLC0415

    if is_current(changes, compiled.roots, partial=partial):
        click.echo(f"{len(changes)} files are what {compiled.analysis.spec.name} says")
        return 0
    for change in changes:
        if change.action in MARKS:
            click.echo(f"  {MARKS[change.action]} {change.path} ({change.action})")
    click.echo("the files on disk are not what the spec says; run `mlopsc compile` and commit the result", err=True)
    return 1


def _diff(compiled: Compilation, changes: tuple[Change, ...]) -> int:
    from .difference import difference  # noqa: PLC0415

    for change in changes:
        click.echo(difference(change, compiled.rendered.get(change.path), compiled.roots), nl=False)
    return 0


def _say(compiled: Compilation, changes: tuple[Change, ...], *, force: bool) -> None:
    """Tell what happened: each file where they are few, then the counts, then the hand edits that were kept."""
    from ..changes import MARKS  # noqa: PLC0415
    from ..writer import Action  # noqa: PLC0415

    kept = [] if force else [change for change in changes if change.by_hand]
    written = [c for c in changes if c.action in MARKS and c not in kept and c.action is not Action.REMOVE]
    removed = [change for change in changes if change.action is Action.REMOVE]
    if len(written) + len(removed) <= LISTED:
        for change in (*written, *removed):
            click.echo(f"  {MARKS[change.action]} {change.path}")
    same = sum(change.action is Action.KEEP for change in changes)
    files = "file" if len(written) == 1 else "files"
    click.echo(f"{len(written)} {files} written, {len(removed)} removed, {same} unchanged in {compiled.roots.project}")
    for change in kept:
        click.echo(f"kept: {change.path} was edited by hand", err=True)
    if kept:
        click.echo(
            "see what would change with --diff; overwrite with --force, or move the change to the spec", err=True
        )
    elif len(written) == len(changes):
        click.echo("next: `mlopsc run` trains here; mlops/README.md says how to run everything without mlopsc")
