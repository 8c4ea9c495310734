"""Coverage-guided fuzzing of the loader: whatever the bytes are, there is data, or a diagnostic with a place.

``make fuzz-loader SECONDS=600`` runs it in an environment of its own. A finding is a file ``crash-*`` in the corpus'
folder, and the exit code is not 0.
"""

from __future__ import annotations

import re
import sys

import atheris  # type: ignore[import-untyped, unused-ignore]  # only in an environment of its own

with atheris.instrument_imports(include=["mlopsc", "yaml"]):
    from mlopsc import loader
    from mlopsc.diagnostics import Diagnostic
    from mlopsc.loader import CODES
    from mlopsc.reporters import data, github, sarif, text
    from mlopsc.source import SourceFile, Span
    from mlopsc.yaml_errors import explained  # noqa: F401  (imported here, so that it is instrumented)
from mlopsc.cli.codes import all_codes

KNOWN = frozenset(code.code for code in CODES)
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
NAME = "mlops.yaml"


def one_input(raw: bytes) -> None:
    """Load one input and hold the result to what the loader promises."""
    loaded = loader.load_bytes(raw, NAME)
    assert loaded.data is not None or loaded.diagnostics, "neither data nor a diagnostic"
    file = loaded.sources.files[NAME]
    for diagnostic in loaded.diagnostics:
        check(diagnostic, file)
    if loaded.diagnostics:
        shown = text.report(loaded.diagnostics, loaded.sources)
        assert not OBEYED.search(shown), f"a terminal would obey {shown!r}"
        for report in (
            data.report(loaded.diagnostics, loaded.sources),
            github.report(loaded.diagnostics),
            sarif.report(loaded.diagnostics, loaded.sources, all_codes()),
        ):
            report.encode("utf-8")
    elif loaded.data is not None:
        for number, (path, entry) in enumerate(loaded.sources.entries.items()):
            inside(entry.value, file)
            assert number > 500 or loaded.sources.span(path) is not None


def check(diagnostic: Diagnostic, file: SourceFile) -> None:
    """A known code, words, help, and places in the text."""
    assert diagnostic.code in KNOWN, diagnostic
    assert diagnostic.message, diagnostic
    assert diagnostic.help, diagnostic
    for label in (diagnostic.primary, *diagnostic.related):
        inside(label.span, file)


def inside(span: Span, file: SourceFile) -> None:
    """The span is in the text, and not empty."""
    lines = file.lines or [""]
    assert 1 <= span.line <= len(lines) + 1, (span, len(lines))
    assert (span.end_line, span.end_column) > (span.line, span.column), span
    if span.line <= len(lines):
        assert 1 <= span.column <= len(lines[span.line - 1]) + 1, (span, lines[span.line - 1])


if __name__ == "__main__":
    atheris.enabled_hooks.add("RegEx")
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
