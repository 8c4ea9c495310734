"""Every diagnostic code, with what there is to say about it."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable

from ..records import record

OTHERS = ("loader", "yaml_errors", "compose", "structure", "targets.codes")
"""Modules below ``mlopsc`` with codes of their own, as ``CODES``."""

SECTIONS = {
    "MLC1": "Structure",
    "MLC2": "References",
    "MLC3": "Data, SQL and features",
    "MLC4": "Models and gates",
    "MLC5": "Monitors",
    "MLC6": "Deployment and CI",
    "MLC7": "Targets",
}
WIDTH = 100


@record
class Code:
    """One code: what it is called, why it matters, and an example."""

    code: str
    severity: str
    title: str
    explanation: str

    @property
    def heading(self) -> str:
        """What stands above it on the page of diagnostics."""
        return f"{self.code}: {self.title}{_warning(self)}"

    @property
    def anchor(self) -> str:
        """The fragment that leads to it on that page; it stays when the title changes."""
        return self.code.lower()

    @property
    def case(self) -> Traversable:
        """The folder with its example."""
        return files("mlopsc.checks").joinpath("cases", self.code)

    def example(self, name: str) -> str:
        """A file of the example: ``bad.yaml``, ``good.yaml`` or ``expected.txt``."""
        return self.case.joinpath(name).read_text(encoding="utf-8")

    @property
    def difference(self) -> str:
        """What the passing twin of the example does otherwise."""
        bad, good = (self.example(name).splitlines() for name in ("bad.yaml", "good.yaml"))
        return "\n".join(line for line in list(difflib.unified_diff(bad, good, lineterm="", n=1))[2:] if line[0] != "@")


def all_codes() -> tuple[Code, ...]:
    """Every code of the compiler and of the built-in targets, in order."""
    from ..checks import all_checks  # noqa: PLC0415  (the rules are many)

    others = [entry for name in OTHERS for entry in getattr(import_module(f"mlopsc.{name}"), "CODES", ())]
    found = [
        Code(code=entry.code, severity=str(entry.severity), title=entry.title, explanation=entry.explanation)
        for entry in (*all_checks(), *others)
    ]
    return tuple(sorted(found, key=lambda code: code.code))


def codes_of_plug_ins() -> tuple[Code, ...]:
    """The codes of targets that are installed besides, in order; they have no examples."""
    from ..targets import plug_in_codes  # noqa: PLC0415  (loads the packages)

    found = [
        Code(code=entry.code, severity=str(entry.severity), title=entry.title, explanation=entry.explanation)
        for entry in plug_in_codes()
    ]
    return tuple(sorted(found, key=lambda code: code.code))


def explanation(code: Code) -> str:
    """All that there is to say about one code."""
    parts = [f"{code.code}: {code.title} ({code.severity})", textwrap.fill(code.explanation, WIDTH)]
    return "\n\n".join([*parts, *(_shown_example(code) if code.case.is_dir() else ())]) + "\n"


def _shown_example(code: Code) -> list[str]:
    return [
        "For example:",
        textwrap.indent(code.example("bad.yaml").rstrip(), "    "),
        "mlopsc says:",
        textwrap.indent(code.example("expected.txt").rstrip(), "    "),
        "Mended:",
        textwrap.indent(code.difference, "    "),
    ]


def listing() -> str:
    """Every code on a line of its own, by section."""
    return "\n".join(_listed()) + "\n"


def _listed() -> Iterator[str]:
    for prefix, codes in _sections():
        yield f"{SECTIONS[prefix]}:"
        yield from (f"  {code.code}  {code.title}" + _warning(code) for code in codes)
        yield ""
    others = codes_of_plug_ins()
    if others:
        yield "Installed targets:"
        yield from (f"  {code.code}  {code.title}" + _warning(code) for code in others)
        yield ""
    yield "`mlopsc explain CODE` says more, with an example."


def _sections() -> Iterator[tuple[str, list[Code]]]:
    codes = all_codes()
    for prefix in SECTIONS:
        found = [code for code in codes if code.code.startswith(prefix)]
        if found:
            yield prefix, found


def _warning(code: Code) -> str:
    return " (warning)" if code.severity == "warning" else ""


def document() -> str:
    """The page ``docs/diagnostics.md``."""
    return "\n".join(_document()) + "\n"


def _document() -> Iterator[str]:
    yield "# Diagnostics"
    yield ""
    yield f"The {len(all_codes())} codes that `mlopsc check` and `mlopsc compile` can report, each with a spec that"
    yield "fails, what mlopsc says about it, and what mends it. `mlopsc explain CODE` prints the same in the terminal;"
    yield "this page is written by `make docs`."
    for prefix, codes in _sections():
        yield from _index(prefix, codes)
    for prefix, codes in _sections():
        yield f"\n## {SECTIONS[prefix]}"
        for code in codes:
            yield from _entry(code)


def _index(prefix: str, codes: list[Code]) -> Iterator[str]:
    yield f"\n**{SECTIONS[prefix]}**\n"
    yield "| code | what is wrong | severity |"
    yield "|---|---|---|"
    yield from (f"| [{code.code}](#{code.anchor}) | {_cell(code.title)} | {code.severity} |" for code in codes)


def _entry(code: Code) -> Iterator[str]:
    yield f'\n### <a id="{code.anchor}"></a>{code.heading}\n'
    yield code.explanation
    yield f"\n```yaml\n{code.example('bad.yaml').rstrip()}\n```"
    yield f"\nmlopsc says:\n\n```text\n{code.example('expected.txt').rstrip()}\n```"
    yield f"\nMended:\n\n```diff\n{code.difference}\n```"


def _cell(text: str) -> str:
    """A text that may stand in a cell of a table."""
    return text.replace("|", "\\|")
