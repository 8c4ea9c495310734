"""Decisions about a table: what identifies a row, when it happened, what could be predicted, with what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..diagnostics import UsageError
from ..model.resolved import BINARY, MULTICLASS, REGRESSION
from ..records import record
from . import vocabulary
from .names import snake
from .profile import Column, Profile, determining
from .reading import RawTable

MOST_CLASSES = 20
"""More distinct texts than this are no classes; a label named on the command line may have five times as many."""
ROWS_PER_CLASS = 5
MOST_CATEGORIES = 200
MOST_CANDIDATES = 3
FREE_TEXT = 0.5
"""A text column with more distinct values than this share of the rows describes single rows."""
SMALL = 2000
"""Below so many rows a forest learns more than boosting does."""


@record
class Candidate:
    """A column that could be predicted, what that would be, and what speaks for it."""

    column: Column
    task: str
    why: str


@record
class Label:
    """What is to be predicted: the column, its SQL, the task, and the class that counts as true."""

    column: Column
    sql: str
    task: str
    positive: Any = None
    why: str = ""  # what speaks for it
    others: tuple[Candidate, ...] = ()  # the next ones, the likeliest first


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
    unique = [
        c for c in found.columns if c.unique and c.type in {"integer", "string"} and c is not label and not c.personal
    ]
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
        if not c.personal
        if not words(c.name) & vocabulary.NOT_TIME
    ]
    named = [c for c in moments if words(c.name) & vocabulary.TIME]
    exact = [c for c in named or moments if c.type == "timestamp"]
    best = next(iter([*exact, *named, *moments]), None)
    return best.name if best else None


def _label(found: Profile, key: Sequence[str], time: str | None, named: Column | None) -> Label:
    fixed = {*key, time}
    ranked = _ranked([c for c in found.columns if c.name not in fixed and not c.personal and c is not named])
    if named is None and not ranked:
        raise UsageError("no column of this file looks like something to predict\n  help: name one: --label COLUMN")
    best, why = (named, "") if named is not None else (ranked[0].column, ranked[0].why)
    task = _task(best, asked=True)
    if task is None:
        raise UsageError(f"'{best.name}' cannot be predicted: {_why_not(best)}\n  help: name another: --label COLUMN")
    if best.personal:
        raise UsageError(
            f"'{best.name}' cannot be predicted: it holds {best.personal.what}\n  help: name another: --label COLUMN"
        )
    positive = _positive(best) if task == BINARY and best.type != "boolean" else None
    sql = best.name if positive is None else f"{best.name} = {literal(positive)}"
    others = tuple(candidate for candidate in ranked if candidate.column is not best)[:MOST_CANDIDATES]
    return Label(column=best, sql=sql, task=task, positive=positive, why=why, others=others)


def _ranked(columns: Sequence[Column]) -> list[Candidate]:
    """What could be predicted: first what is named like a label, then the last columns, where tables have it."""
    possible = [(place, column, task) for place, column in enumerate(columns) if (task := _task(column, asked=False))]
    possible = [item for item in possible if snake(item[1].name) not in vocabulary.CALENDAR] or possible
    order = sorted(possible, key=lambda item: (*_likelihood(item[1]), -item[0]))
    last = max((place for place, _, _ in possible), default=0)
    return [
        Candidate(column=column, task=task, why=_speaks_for(column, is_last=place == last))
        for place, column, task in order
    ]


def _likelihood(column: Column) -> tuple[int, int]:
    """How much its name says that it is a label; the least is the likeliest."""
    name, parts = snake(column.name), words(column.name)
    for place, word in enumerate(vocabulary.LABELS):
        if name == word:
            return 0, place
    for place, word in enumerate(vocabulary.LABELS):
        if len(word) > 1 and word in parts:
            return 1, place
    return 2, 0


def _speaks_for(column: Column, *, is_last: bool) -> str:
    rank, place = _likelihood(column)
    if rank < 2:  # noqa: PLR2004
        return f"named like a label ({vocabulary.LABELS[place]})"
    return "the last column that could be one" if is_last else ""


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
    """The columns that are no features, each with the reason; those of persons are none either, and declared so."""
    others = [c for c in found.columns if c is not label and c.name not in fixed and not c.personal]
    poor = {column.name: reason for column in others if (reason := _no_feature(column))}
    usable = [column for column in others if column.name not in poor]
    if not usable:
        raise UsageError(
            f"nothing is left to predict '{label.name}' from\n  help: its rows need at least one more column"
        )
    suspects = [column.name for column in usable if _could_tell(column, label)]
    reason = f"each of its values goes with one '{label.name}' only: known before it, really?"
    telling = dict.fromkeys(sorted(determining(table, suspects, label.name)), reason)
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


def _could_tell(column: Column, label: Column) -> bool:
    """Whether it has so few values that one which decides the label exactly is mostly the label in other words."""
    few = 1 < column.distinct <= MOST_CLASSES and label.distinct <= MOST_CLASSES
    enough = column.rows - column.nulls >= max(column.rows // 2, column.distinct * 10)
    return few and enough and column.type != "float"


def _estimator(rows: int, task: str) -> str:
    kind = "Regressor" if task == REGRESSION else "Classifier"
    family = "RandomForest" if rows < SMALL else "HistGradientBoosting"
    return f"sklearn.ensemble.{family}{kind}"


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
