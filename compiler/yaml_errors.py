"""What libyaml says, in words that tell a person what to change."""

from __future__ import annotations

import yaml

from .diagnostics import Diagnostic, Label, Severity
from .source import Span


def explained(error: yaml.YAMLError, file: str, text: str) -> Diagnostic:
    """The one diagnostic of a file that is not YAML."""
    del text
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    span = Span(file=file, line=line, column=column, end_line=line, end_column=column + 1)
    problem = getattr(error, "problem", None) or str(error)
    return Diagnostic(code="MLC102", severity=Severity.ERROR, message=problem, primary=Label(span=span))
