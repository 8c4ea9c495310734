"""What holds for every spec, whatever its bytes are."""

from __future__ import annotations

import json
import re
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType

from mlopsc import phases
from mlopsc.cli.codes import all_codes
from mlopsc.diagnostics import Diagnostic, Label
from mlopsc.reporters import data, github, sarif, text
from mlopsc.source import Sources

from . import artifacts

CPU_SECONDS = 20.0
"""How much processor time one case may take: a hundred times what the slowest one takes."""

_OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_COMMAND = re.compile(r"::(error|warning) [a-zA-Z]+=[^\n]*::[^\n]*")


class BrokenError(AssertionError):
    """An invariant does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one spec; ``rendered`` is None where there are errors."""

    analysis: phases.Analysis
    diagnostics: tuple[Diagnostic, ...]
    rendered: Mapping[str, bytes] | None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of what is wrong."""
        return tuple(dict.fromkeys(found.code for found in self.diagnostics))


@contextmanager
def bounded(seconds: float = CPU_SECONDS) -> Iterator[None]:
    """TimeoutError where the body takes more processor time than that."""

    def expire(_: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"a case takes more than {seconds} s of processor time, at {frame}")

    before = signal.signal(signal.SIGVTALRM, expire)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def outcome_of(spec: Path) -> Outcome:
    """Check and compile the spec at ``spec``; everything that this file promises is asserted."""
    with bounded():
        analysis = phases.analyse(spec)
        hold_diagnostics(analysis.diagnostics, analysis.sources)
        if analysis.failed:
            more = phases.with_unsupported(analysis)
            hold_diagnostics(more, analysis.sources)
            return Outcome(analysis=analysis, diagnostics=more, rendered=None)
        compiled = phases.compilation(analysis)
        hold_diagnostics(compiled.diagnostics, analysis.sources)
        if compiled.failed:
            return Outcome(analysis=analysis, diagnostics=compiled.diagnostics, rendered=None)
        rendered = {path: file.content for path, file in compiled.rendered.items()}
    return Outcome(analysis=analysis, diagnostics=compiled.diagnostics, rendered=rendered)


def hold_diagnostics(diagnostics: tuple[Diagnostic, ...], sources: Sources) -> None:
    """Known codes, places inside the text, help, and reports that their readers read."""
    for one in diagnostics:
        _expect(one.code in _codes(), one, "its code is not known")
        _expect(bool(one.message.strip()), one, "it says nothing")
        _expect(bool(one.help), one, "it has no help")
        for label in (one.primary, *one.related):
            _expect(_inside(label, sources), one, f"its place is outside of the text: {label.span}")
    if diagnostics:
        hold_reports(diagnostics, sources)


def hold_reports(diagnostics: tuple[Diagnostic, ...], sources: Sources) -> None:
    """The four reports: no terminal obeys them, no workflow finds a command in them, JSON stays JSON."""
    shown = text.report(diagnostics, sources)
    found = _OBEYED.search(shown)
    if found:
        raise BrokenError(f"the report for people holds {found[0]!r}: {shown[max(0, found.start() - 80) :][:200]!r}")
    heads = [line for line in shown.split("\n") if re.match(r"(error|warning)\[MLC\d+\]: ", line)]
    if len(heads) != len(diagnostics):
        raise BrokenError(f"{len(diagnostics)} diagnostics and {len(heads)} heads:\n{shown[:2000]}")
    commands = github.report(diagnostics).split("\n")[:-1]
    levels = Counter(one.severity for one in diagnostics)
    if len(commands) != sum(min(number, github.MOST) for number in levels.values()) or not all(
        _COMMAND.fullmatch(line) for line in commands
    ):
        raise BrokenError(f"not one workflow command for each diagnostic that is shown: {commands!r}")
    if any(_OBEYED.search(line) for line in commands):
        raise BrokenError(f"a workflow command moves the cursor: {commands!r}")
    if len(json.loads(data.report(diagnostics, sources))["diagnostics"]) != len(diagnostics):
        raise BrokenError("diagnostics are missing in the JSON report")
    if len(json.loads(sarif.report(diagnostics, sources, all_codes()))["runs"][0]["results"]) != len(diagnostics):
        raise BrokenError("diagnostics are missing in the SARIF report")
    machines = (data.report(diagnostics, sources), sarif.report(diagnostics, sources, all_codes()))
    for report in (shown, *commands, *machines):
        report.encode("utf-8")


def hold_files(rendered: Mapping[str, bytes]) -> None:
    """Every generated file is one that its own parser reads."""
    for path, content in rendered.items():
        artifacts.read(path, content)


def same_twice(first: Outcome, spec: Path) -> None:
    """Checking and compiling again gives the same diagnostics and the same bytes."""
    again = phases.analyse(spec)
    if again.diagnostics != first.analysis.diagnostics:
        raise BrokenError("checking twice gives other diagnostics")
    if first.rendered is not None:
        second = {path: file.content for path, file in phases.compilation(again).rendered.items()}
        if second != first.rendered:
            raise BrokenError(
                f"compiling twice gives other bytes: {[p for p in second if second[p] != first.rendered[p]]}"
            )


def shown_again(first: Outcome, spec: Path) -> None:
    """What `mlopsc show` prints is a spec that compiles to the same files."""
    from mlopsc.reporters.spelled import spelled  # noqa: PLC0415  (imported where the command does)
    from mlopsc.reporters.yaml_text import text as as_text  # noqa: PLC0415

    if first.rendered is None or first.analysis.project is None:
        return
    original = spec.read_bytes()
    printed = as_text(spelled(first.analysis.project))
    try:
        spec.write_text(printed, encoding="utf-8")
        second = outcome_of(spec)
    finally:
        spec.write_bytes(original)
    if second.rendered is None:
        errors = [(one.code, one.message) for one in second.diagnostics]
        raise BrokenError(f"what show prints does not compile: {errors}\n{printed[:3000]}")
    for path in sorted({*first.rendered, *second.rendered}):
        if first.rendered.get(path) != second.rendered.get(path):
            raise BrokenError(f"what show prints compiles to another {path}\n{printed[:3000]}")


@cache
def _codes() -> frozenset[str]:
    return frozenset(code.code for code in all_codes())


def _inside(label: Label, sources: Sources) -> bool:
    span = label.span
    file = sources.files.get(span.file)
    if file is None:
        return False
    lines = file.lines or [""]
    if (span.end_line, span.end_column) <= (span.line, span.column) or span.line < 1 or span.column < 1:
        return False
    at_end = span.line == len(lines) + 1 and span.column == 1
    if span.line > len(lines):
        return at_end
    return span.column <= len(lines[span.line - 1]) + 1 and span.end_line <= len(lines) + 1


def _expect(held: bool, diagnostic: Diagnostic, what: str) -> None:  # noqa: FBT001  (an assertion with words)
    if not held:
        raise BrokenError(f"{diagnostic.code} {diagnostic.message!r}: {what}")
