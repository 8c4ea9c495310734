"""Decisions about a table: what identifies a row, when it happened, what could be predicted, with what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..diagnostics import UsageError
from ..model.resolved import BINARY, MULTICLASS, REGRESSION
from ..records import record
from . import vocabulary
from .names import snake
from .profile import Column, Profile, determines
from .reading import RawTable

MOST_CLASSES = 20
"""More distinct texts than this are no classes; a label named on the command line may have five times as many."""
ROWS_PER_CLASS = 5
MOST_CATEGORIES = 200
FREE_TEXT = 0.5
"""A text column with more distinct values than this share of the rows describes single rows."""
SMALL = 2000
"""Below so many rows a forest learns more than boosting does."""


@record
class Label:
    """What is to be predicted: the column, its SQL, the task, and the class that counts as true."""

    column: Column
    sql: str
    task: str
    positive: Any = None
    others: tuple[str, ...] = ()  # columns that could have been meant
    guessed: bool = False  # nothing but its place speaks for it


@record
class Choices:
    """What the spec will say about the table."""

    key: tuple[str, ...]
    time: str | None
    label: Label
    left_out: dict[str, str]  # column -> why it is no feature
    estimator: str


def choose(table: RawTable, found: Profile, wanted: str | None) -> Choices:
    """Decide everything; ``wanted`` is the label that was asked for, as the file or the spec spells it."""
    named = _named(found, wanted) if wanted else None
    time = _time(found, named)
    key = _key(found, named)
    label = _label(found, key, time, named)
    left_out = _left_out(table, found, label.column, {*key, *([time] if time else [])})
    return Choices(key=key, time=time, label=label, left_out=left_out, estimator=_estimator(found.rows, label.task))


def words(name: str) -> set[str]:
    """The words of a column's name, and the whole of it."""
    plain = snake(name)
    return {plain, *plain.split("_")}


def _named(found: Profile, wanted: str) -> Column:
    for column in found.columns:
        if wanted in (column.name, column.header) or snake(wanted) == snake(column.name):
            return column
    names = ", ".join(column.name for column in found.columns)
    raise UsageError(f"there is no column '{wanted}' to predict\n  help: the columns are {names}")


def _key(found: Profile, label: Column | None) -> tuple[str, ...]:
    """The column that tells the rows apart: one that is named so, else one that counts them, else a first text."""
    unique = [c for c in found.columns if c.unique and c.type in {"integer", "string"} and c is not label]
    named = [c for c in unique if words(c.name) & vocabulary.KEY]
    counting = [c for c in unique if c.sequential]
    first = [c for c in unique if c is found.columns[0]]
    best = next(iter([*named, *counting, *first]), None)
    return (best.name,) if best is not None else ()


def _time(found: Profile, label: Column | None) -> str | None:
    """The column that says when: complete, changing, and not a birthday."""
    moments = [
        c
        for c in found.columns
        if c.type in {"timestamp", "date"} and not c.nulls and not c.constant and c is not label
        if not words(c.name) & vocabulary.NOT_TIME
    ]
    named = [c for c in moments if words(c.name) & vocabulary.TIME]
    exact = [c for c in named or moments if c.type == "timestamp"]
    best = next(iter([*exact, *named, *moments]), None)
    return best.name if best else None


def _label(found: Profile, key: Sequence[str], time: str | None, named: Column | None) -> Label:
    candidates = [c for c in found.columns if c.name not in {*key, time} and _task(c, asked=False)]
    best = named or _likely(candidates)
    if best is None:
        raise UsageError("no column of this file looks like something to predict\n  help: name one: --label COLUMN")
    task = _task(best, asked=True)
    if task is None:
        raise UsageError(f"'{best.name}' cannot be predicted: {_why_not(best)}\n  help: name another: --label COLUMN")
    positive = _positive(best) if task == BINARY and best.type != "boolean" else None
    sql = best.name if positive is None else f"{best.name} = {literal(positive)}"
    others = tuple(c.name for c in candidates if c is not best and (words(c.name) & set(vocabulary.LABELS)))
    guessed = named is None and not words(best.name) & set(vocabulary.LABELS)
    return Label(column=best, sql=sql, task=task, positive=positive, others=others, guessed=guessed)


def _likely(candidates: Sequence[Column]) -> Column | None:
    """The candidate that is named like a label; else the last one, where tables mostly have it."""
    for word in vocabulary.LABELS:
        for column in reversed(candidates):
            if snake(column.name) == word:
                return column
    for word in vocabulary.LABELS:
        for column in reversed(candidates):
            if len(word) > 1 and word in words(column.name):
                return column
    return candidates[-1] if candidates else None


def _task(column: Column, *, asked: bool) -> str | None:
    """What predicting ``column`` would be; None where it cannot be predicted."""
    most = MOST_CLASSES * (5 if asked else 1)
    if column.constant or column.type in {"timestamp", "date"}:
        return None
    if column.type == "boolean" or (column.distinct == 2 and column.type != "float"):  # noqa: PLR2004
        return BINARY
    if column.type == "string":
        repeated = asked or column.distinct * ROWS_PER_CLASS <= column.rows
        return MULTICLASS if column.distinct <= most and repeated else None
    if (
        column.type == "integer"
        and column.distinct <= MOST_CLASSES // 2
        and not words(column.name) & vocabulary.MEASURED
    ):
        return MULTICLASS
    return None if column.sequential else REGRESSION


def _why_not(column: Column) -> str:
    if column.constant:
        return "it has one value only"
    if column.type in {"timestamp", "date"}:
        return "it is a moment"
    return f"it has {column.distinct:,} different values in {column.rows:,} rows"


def _positive(column: Column) -> Any:
    """The class that counts as true: one that is named so, else the rarer one."""
    values = [value for value, _ in column.values]
    named = [value for value in values if str(value).strip().lower() in vocabulary.POSITIVE]
    return named[0] if len(named) == 1 else values[-1]


def _left_out(table: RawTable, found: Profile, label: Column, fixed: set[str]) -> dict[str, str]:
    """The columns that are no features, each with the reason."""
    others = [column for column in found.columns if column is not label and column.name not in fixed]
    poor = {column.name: reason for column in others if (reason := _no_feature(column))}
    usable = [column for column in others if column.name not in poor]
    if not usable:
        raise UsageError(
            f"nothing is left to predict '{label.name}' from\n  help: its rows need at least one more column"
        )
    telling = {column.name: reason for column in usable if (reason := _knows_the_label(table, column, label))}
    return poor | (telling if len(telling) < len(usable) else {})


def _no_feature(column: Column) -> str | None:  # noqa: PLR0911  (one return per reason)
    if column.constant:
        return "the same in every row"
    if column.sequential:
        return "counts the rows"
    if column.unique and column.type == "integer" and words(column.name) & vocabulary.KEY:
        return "another identifier"
    if column.type in {"timestamp", "date"}:
        return "a moment: make a feature of it, such as the days since then"
    if column.type == "string" and column.distinct > max(FREE_TEXT * (column.rows - column.nulls), 1):
        return f"free text: {column.distinct:,} different values in {column.rows:,} rows"
    if column.type == "string" and column.distinct > MOST_CATEGORIES:
        return f"{column.distinct:,} different texts"
    return None


def _knows_the_label(table: RawTable, column: Column, label: Column) -> str | None:
    """A column that decides the label exactly is mostly the label in other words."""
    few = 1 < column.distinct <= MOST_CLASSES and label.distinct <= MOST_CLASSES
    enough = column.rows - column.nulls >= max(column.rows // 2, column.distinct * 10)
    if few and enough and column.type != "float" and determines(table, column.name, label.name):
        return f"each of its values goes with one '{label.name}' only: known before it, really?"
    return None


def _estimator(rows: int, task: str) -> str:
    kind = "Regressor" if task == REGRESSION else "Classifier"
    family = "RandomForest" if rows < SMALL else "HistGradientBoosting"
    return f"sklearn.ensemble.{family}{kind}"


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
