"""``check --fix``: make the certain fixes, say which, and hand over what remains."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import click

from ..diagnostics import Diagnostic
from ..mending import Mended, mend
from ..phases import Analysis
from ..places import places
from ..reporters.cells import harmless
from ..spec_writer import overwrite
from ..writer import Roots


def mended(spec: Path, *, diff: bool, apart: bool) -> Analysis:
    """What is left after every certain fix; with ``diff`` they are only shown.

    ``apart`` sends the words about it to standard error, where standard output is for machines.
    """
    done = mend(spec)
    if diff:
        click.echo("".join(_differences(done)), nl=False)
    elif done.after:
        project, git = places(spec.parent)
        overwrite(done.before, done.after, Roots(project=project, git=git))
    for line in _told(done, "would fix" if diff else "fixed"):
        click.echo(line, err=apart)
    return done.analysis


def _told(done: Mended, verb: str) -> Iterator[str]:
    """A line for each fix, made or not, and an empty one before what remains."""
    yield from (f"{verb}: {_named(one)}" for one in done.fixed)
    yield from (f"not fixed: {_named(one.diagnostic)}: {one.reason}" for one in done.dropped)
    if done.fixed or done.dropped:
        yield ""


def _named(one: Diagnostic) -> str:
    span = one.primary.span
    return harmless(f"{span.file}:{span.line}:{span.column}: {one.message} [{one.code}]")


def _differences(done: Mended) -> Iterator[str]:
    for name, content in done.after.items():
        yield from _difference(name, done.before[name], content)


def _difference(name: str, before: bytes, after: bytes) -> Iterator[str]:
    """A unified diff that `git apply` takes: line ends and byte order marks are part of the lines."""
    old, new = (_lines(content) for content in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(content: bytes) -> list[str]:
    return [f"{line}\n" for line in content.decode().split("\n")[:-1]] + _rest(content.decode())


def _rest(text: str) -> list[str]:
    last = text.rpartition("\n")[2]
    return [last] if last else []
