"""A rule on a column that no value can keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime

from ...diagnostics import Finding, Mark
from ...model.data import Column
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import columns, datasets, time_to_name

NUMBERS = ("integer", "float")
MOMENTS: dict[str, Callable[[str], object]] = {"date": date.fromisoformat, "timestamp": datetime.fromisoformat}


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every contract that contradicts itself."""
    for dataset in datasets(project):
        for column in columns(dataset):
            for key, message in _wrong(column):
                yield Finding(
                    message=f"column '{column.name}': {message}",
                    mark=Mark(path=(*column.path, key)),
                    help="no row would be left; say what the values really are",
                )
        timeless = dataset.time is None and not surroundings.written((*dataset.path, "time"))
        keyless = not dataset.key and not surroundings.written((*dataset.path, "key"))
        for check in dataset.checks:
            if is_valid(check) and check.min is not None and check.max is not None and check.min > check.max:
                message = f"check '{check.kind}': min {check.min:.15g} is above max {check.max:.15g}"
                help_ = "no table would do; say how many there really are"
                yield Finding(message=message, mark=Mark(path=(*check.path, "min")), help=help_)
            if is_valid(check) and check.kind == "freshness" and timeless:
                yield Finding(
                    message=f"freshness is told by a row's time, and '{dataset.name}' has none",
                    mark=Mark(path=check.path, at="value"),
                    help=f"say which column holds each row's time, write: {time_to_name(dataset)}",
                )
            if is_valid(check) and check.kind == "duplicate_keys" and keyless:
                yield Finding(
                    message=f"there is no key of '{dataset.name}' that could be duplicate",
                    mark=Mark(path=check.path, at="value"),
                    help="say which columns tell rows apart: key: [a column]",
                )


def _wrong(column: Column) -> Iterator[tuple[str, str]]:
    if column.min is not None and column.max is not None and column.min > column.max:
        yield "min", f"min {column.min:g} is above max {column.max:g}"
    for key in ("min", "max"):
        if getattr(column, key) is not None and column.type not in NUMBERS:
            yield key, f"{key} is a rule for numbers, and this is a {column.type}"
    yield from _lengths(column)
    if column.pattern is not None:
        yield from _pattern(column)
    wrong = [repr(value) for value in column.allowed or () if not _fits(value, column.type)]
    if wrong:
        said = f"{', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} not of type {column.type}"
        yield (
            "allowed",
            f"{wrong[0]} is not a {column.type}".replace("a integer", "an integer") if len(wrong) == 1 else said,
        )


def _lengths(column: Column) -> Iterator[tuple[str, str]]:
    for low, high in (("min_length", "max_length"), ("min_distinct", "max_distinct")):
        least, most = getattr(column, low), getattr(column, high)
        if least is not None and most is not None and least > most:
            yield low, f"{low} {least} is above {high} {most}"
    for key in ("min_length", "max_length"):
        if getattr(column, key) is not None and column.type != "string":
            yield key, f"{key} is a rule for strings, and this is a {column.type}"
    if column.min_distinct is not None and column.allowed is not None and column.min_distinct > len(column.allowed):
        yield "min_distinct", f"min_distinct {column.min_distinct} is above the {len(column.allowed)} values allowed"


def _pattern(column: Column) -> Iterator[tuple[str, str]]:
    if column.type != "string":
        yield "pattern", f"pattern is a rule for strings, and this is a {column.type}"
    try:
        re.compile(str(column.pattern))
    except re.error as error:
        yield "pattern", f"the pattern is no regular expression: {error}"


def _fits(value: object, kind: str) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in NUMBERS:
        whole = isinstance(value, int) or (isinstance(value, float) and (kind == "float" or value.is_integer()))
        return whole and not isinstance(value, bool)
    return isinstance(value, str) and (kind not in MOMENTS or _parses(value, MOMENTS[kind]))


def _parses(text: str, read: Callable[[str], object]) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


CHECK = Check(
    code="MLC313",
    title="impossible contract",
    explanation="The rules of a column are checked on every row before anything learns from it. A rule that no value "
    "can keep would reject every row.",
    run=find,
)
