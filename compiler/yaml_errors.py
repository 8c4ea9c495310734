"""What libyaml says, in words that tell a person what to change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import yaml

from .diagnostics import Diagnostic, Label, Repair, Severity
from .source import Span, split_lines

_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_HINTS: tuple[tuple[str, str, str], ...] = (
    (r"cannot start any token", "a value cannot begin with {char}", "put the value in quotes"),
    (
        r"mapping values are not allowed",
        "a ':' cannot stand here",
        "put a value with ': ' in it in quotes, or check the indentation of the line above",
    ),
    (r"could not find expected ':'", "a ':' is missing", "write `key: value`; put text of several lines after `|`"),
    (
        r"did not find expected ',' or '\}'",
        "a ',' or '}}' is missing",
        "close the mapping; put values with ',', '{{' or '}}' in quotes",
    ),
    (
        r"did not find expected ',' or '\]'",
        "a ',' or ']' is missing",
        "close the list; put values with ',', '[' or ']' in quotes",
    ),
    (
        r"did not find expected key",
        "a key was expected here",
        "indent it like its neighbours; put values with special characters in quotes",
    ),
    (r"did not find expected '-'", "a list item was expected here", "begin every item of a list with '- '"),
    (r"unexpected end of stream", "the file ends inside a quoted text", "add the closing quote"),
    (r"unexpected document indicator", "a quoted text is not closed", "add the closing quote"),
    (r"unknown escape character", "a backslash escape that YAML does not know", "use single quotes, or write '\\\\'"),
    (r"found undefined alias", "the alias {word} has no anchor", "define it above with '&'"),
    (r"second occurrence", "the anchor {word} is defined twice", "give one of them another name"),
    (r"expected a single document|did not find expected <document start>", "a spec is one document", "remove '---'"),
    (r"block sequence entries are not allowed", "a list item cannot stand here", "begin the list on a line of its own"),
    (r"did not find expected node content", "a value is missing or the list or mapping is not closed", "complete it"),
)


def explained(error: yaml.YAMLError, file: str, text: str) -> Diagnostic:
    """The one diagnostic of a file that is not YAML."""
    span = _place(error, file, text)
    problem = _problem(error)
    glued = _glued(error, file, text) if "could not find expected ':'" in problem else None
    if glued is not None:
        return glued
    lines = split_lines(text) or [""]
    line = lines[min(span.line, len(lines)) - 1]
    char = line[span.column - 1 : span.column] or " "
    word = re.match(r"[&*]?[\w-]*", line[span.column - 1 :])
    if char == "\t":
        problem = "\\t cannot start any token"
        return _tabs(span, text)
    for pattern, message, help_ in _HINTS:
        if re.search(pattern, problem):
            shown = message.format(char=repr(char), word=repr(word[0]) if word else "")
            return _diagnostic(shown, span, problem, help_.format())
    return _diagnostic(f"this is not YAML: {problem}", span, "", "put text with special characters in quotes")


def _tabs(span: Span, text: str) -> Diagnostic:
    """Tabs as indentation; where every width of them gives the same document, spaces are put for certain."""
    widths = {width: text_with_spaces(text, width) for width in (2, 4, 8)}
    trees = {width: shape for width, one in widths.items() if (shape := _shape(one)) is not None}
    certain = bool(trees) and len(set(trees.values())) == 1
    found = _diagnostic("a tab cannot indent in YAML", span, "\\t", "replace each tab by spaces")
    return replace(found, fix=tuple(_spaces(text, min(trees), span.file))) if certain else found


def text_with_spaces(text: str, width: int) -> str:
    """The text with ``width`` spaces for each tab at the beginning of a line."""
    return _INDENT.sub(lambda found: found[0].replace("\t", " " * width), text)


def _spaces(text: str, width: int, file: str) -> Iterator[Repair]:
    for number, line in enumerate(text.splitlines(), 1):
        indent = _INDENT.match(line)
        if indent and "\t" in indent[0]:
            span = Span(file=file, line=number, column=1, end_line=number, end_column=indent.end() + 1)
            yield Repair(span=span, action="text", value=indent[0].replace("\t", " " * width))


def _shape(text: str) -> str | None:
    """A document without its layout; None where it is not YAML."""
    try:
        return repr(yaml.load(text, yaml.CBaseLoader))  # noqa: S506  (builds nothing but text, lists and mappings)
    except yaml.YAMLError:
        return None


def _diagnostic(message: str, span: Span, problem: str, help_: str | None) -> Diagnostic:
    label = "" if problem.startswith("\\t") else problem
    return Diagnostic(
        code="MLC102", severity=Severity.ERROR, message=message, primary=Label(span=span, text=label), help=help_
    )


def _place(error: yaml.YAMLError, file: str, text: str) -> Span:
    """Where the problem is; at the end of the file, where what is unfinished began."""
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    if context is not None and mark is not None and mark.line >= len(split_lines(text)):
        mark = context
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Span(file=file, line=line, column=column, end_line=line, end_column=column + 1)


def _problem(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None)
    context = getattr(error, "context", None)
    if problem and "but found another document" in f"{problem}":
        return "expected a single document"
    if context and "expected a single document" in f"{context}":
        return "expected a single document"
    return str(problem or str(error).splitlines()[0])


def _glued(error: yaml.YAMLError, file: str, text: str) -> Diagnostic | None:
    """A key without the blank after its ':', which YAML reads as a word that goes on in the next line."""
    context = getattr(error, "context_mark", None)
    lines = text.splitlines()
    line = lines[context.line] if context is not None and context.line < len(lines) else ""
    glued = re.fullmatch(r"\s*(?:- )?([\w-]+):(\S.*)", line)
    if context is None or glued is None:
        return None
    number, column = context.line + 1, glued.end(1) + 1
    span = Span(file=file, line=number, column=column, end_line=number, end_column=column + 1)
    message = f"a blank is missing after '{glued[1]}:'"
    return _diagnostic(message, span, "no key ends here", f"write `{glued[1]}: {glued[2]}`")
