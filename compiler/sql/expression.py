"""One SQL expression: parsed by sqlglot, checked against the columns, and typed."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from ..catalogue import functions
from ..suggest import certain, suggest
from . import types
from .build import Builder
from .constants import call_around, enclosing, meaningless, wrong_counts
from .literals import is_double
from .nulls import may_be_null
from .tree import (
    NULL,
    ColumnType,
    Distinct,
    Function,
    Node,
    Opaque,
    SqlProblem,
    TypedExpr,
    children,
    columns_of,
    may_be_nan,
)

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # what it would say of a spec, a diagnostic says

MOVING = {  # functions whose value is another one at the next call, by the name in the text
    *("random", "setseed", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "currval", "getenv"),
    *("now", "today", "get_current_time", "get_current_timestamp", "transaction_timestamp"),
    *("current_date", "current_time", "current_timestamp", "current_localtime", "current_localtimestamp"),
    *("localtime", "localtimestamp", "version", "current_user", "session_user", "current_schema", "current_schemas"),
    *(
        "current_database",
        "current_setting",
        "current_query",
        "getvariable",
        "txid_current",
        "pg_postmaster_start_time",
    ),
}
_MOVING_CLASSES = (
    *(exp.Rand, exp.Uuid, exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.CurrentUser),
    *(exp.SessionUser, exp.CurrentSchema, exp.CurrentDatabase, exp.CurrentVersion),
)
_NOT_AN_EXPRESSION = (
    *(exp.Query, exp.Alias, exp.Star, exp.Window, exp.Placeholder, exp.Parameter, exp.Exists, exp.Columns),
    *(exp.DDL, exp.DML, exp.Command, exp.Tuple, exp.Lambda, exp.Unnest, exp.Explode),
)
_ROWS = (exp.Count,)
PAST = "__past"
ALIASES: dict[type[exp.Expr], list[str]] = {
    exp.Pad: ["lpad", "rpad"],
    exp.DateDiff: ["date_diff", "datediff"],
    exp.TimestampTrunc: ["date_trunc", "datetrunc"],
    exp.StrPosition: ["instr", "strpos", "position"],
    exp.RegexpLike: ["regexp_matches"],
    exp.TimeToStr: ["strftime"],
    exp.TimeToUnix: ["epoch"],
    exp.Coalesce: ["coalesce", "ifnull"],
    exp.DayOfWeekIso: ["isodow"],
}
"""What DuckDB calls functions that sqlglot has other names for."""


def analysed(
    text: str, columns: Mapping[str, ColumnType], *, allow_aggregate: bool
) -> tuple[TypedExpr | None, tuple[SqlProblem, ...]]:
    """The typed expression of ``text``, or None and every problem of it."""
    counts = tuple(wrong_counts(text))
    e, problem = parsed(text)
    if e is None:
        return None, counts or ((problem,) if problem else ())
    problems = [
        *counts,
        *meaningless(text, e),
        *_shape(text, e),
        *_unknown_columns(text, e, columns),
        *_unknown_functions(text, e),
    ]
    problems += _foreign(text, e)
    if not problems:
        problems = [*_moving(text, e), *_aggregates(text, e, allowed=allow_aggregate)]
    if problems:
        return None, tuple(dict.fromkeys(problems))
    return _typed(text, e, columns)


def parsed(text: str) -> tuple[exp.Expr | None, SqlProblem | None]:
    """The expression, or the syntax error at its place."""
    if not text.strip():
        return None, SqlProblem(kind="syntax", message="the SQL is empty", start=0, end=len(text))
    try:
        found = sqlglot.parse(text, read="duckdb")
    except ParseError as error:
        return None, _syntax(text, error)
    except (TokenError, RecursionError, ValueError) as error:
        return None, SqlProblem(kind="syntax", message=_unclosed(text, error), start=0, end=len(text))
    statements = [statement for statement in found if statement is not None]
    if len(statements) != 1:
        return None, SqlProblem(kind="syntax", message="there is more than one statement", start=0, end=len(text))
    if any(part.error_messages() for part in statements[0].walk()):
        return None, SqlProblem(kind="syntax", message="something is missing", start=0, end=len(text))
    return statements[0], None


def _syntax(text: str, error: ParseError) -> SqlProblem:
    details = error.errors[0] if error.errors else {}
    highlight = str(details.get("highlight") or "")
    lines = text.splitlines(keepends=True)
    line, col = int(details.get("line") or 1), int(details.get("col") or len(text))
    end = min(sum(map(len, lines[: line - 1])) + col, len(text))
    start = max(end - max(len(highlight), 1), 0)
    if not text[end:].strip() and "Required keyword" in str(details.get("description")):
        return SqlProblem(kind="syntax", message=f"the SQL ends after '{highlight}'", start=start, end=end)
    return SqlProblem(kind="syntax", message=_said(details, highlight), start=start, end=end)


def _said(details: Mapping[str, object], highlight: str) -> str:
    """The words of sqlglot, without the names of its classes."""
    description = str(details.get("description") or "")
    if description.startswith("Expect"):
        return f"{description[0].lower()}{description[1:]} at '{highlight}'"
    return f"the SQL does not go on like this at '{highlight}'"


def _unclosed(text: str, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "the SQL is nested too deeply"
    for quote, name in (("'", "quote"), ('"', "double quote")):
        if text.count(quote) % 2:
            return f"a {name} is not closed"
    return "the SQL cannot be read"


def span_of(text: str, e: exp.Expr) -> tuple[int, int]:
    """Where ``e`` stands in ``text``, as far as its names say; else the whole text."""
    places = [i.meta for i in e.find_all(exp.Identifier) if "start" in i.meta]
    inside = (min(int(m["start"]) for m in places), max(int(m["end"]) for m in places) + 1) if places else None
    if isinstance(e, exp.Window):
        start, end = span_of(text, e.this)
        over = re.search(r"\bover\s*\(", text[end:], re.IGNORECASE)
        return enclosing(text, start, end + over.end()) if over else (start, end)
    if isinstance(e, exp.Case) and (found := _case(text, inside)):
        return found
    if isinstance(e, exp.Func) and (found := _call(text, e, inside)):
        return found
    if inside is None:
        return _literal(text, e) if isinstance(e, exp.Literal) else (0, len(text))
    return enclosing(text, *inside)


def _call(text: str, e: exp.Func, inside: tuple[int, int] | None) -> tuple[int, int] | None:
    names = [str(e.this).lower()] if isinstance(e, exp.Anonymous) else [n.lower() for n in e.sql_names()]
    names += ALIASES.get(type(e), [])
    if found := call_around(text, names, inside):
        return found
    for name in names:
        if word := re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            start, end = word.span()
            return (min(start, inside[0]), max(end, inside[1])) if inside else (start, end)
    return None


def _case(text: str, inside: tuple[int, int] | None) -> tuple[int, int] | None:
    """The case whose conditions and values have the span ``inside``."""
    words = list(re.finditer(r"\b(case|end)\b", text, re.IGNORECASE))
    first = next((w.start() for w in words if w[0].lower() == "case" and (not inside or w.start() < inside[0])), None)
    last = next((w.end() for w in words if w[0].lower() == "end" and (not inside or w.end() > inside[1])), None)
    return None if first is None or last is None else (first, last)


def _literal(text: str, e: exp.Literal) -> tuple[int, int]:
    """Where the constant stands, if it stands there once."""
    word = e.sql("duckdb")
    start = text.find(word) if word else -1
    return (start, start + len(word)) if start >= 0 and text.count(word) == 1 else (0, len(text))


def _shape(text: str, e: exp.Expr) -> Iterator[SqlProblem]:
    """What makes it more than a scalar expression."""
    for part in e.walk():
        counted = isinstance(part, exp.Star) and isinstance(part.parent, _ROWS)
        if not isinstance(part, _NOT_AN_EXPRESSION) or counted or (isinstance(part, exp.Func) and part is not e):
            continue
        start, end = span_of(text, part)
        yield SqlProblem(kind="unsupported", message=_wanted(part), start=start, end=end)
        return


def _wanted(part: exp.Expr) -> str:
    if isinstance(part, exp.Alias):
        return "an expression has no name of its own; leave out the alias"
    if isinstance(part, exp.Query | exp.Exists):
        return "a query cannot stand here, only an expression over the columns of one row"
    if isinstance(part, exp.Window):
        return "OVER cannot stand here; say what the window is with aggregate, by, window and lag"
    return "this is not an expression over the columns of one row"


def plain_certain(name: str, candidates: Iterable[str]) -> bool:
    """Whether only one candidate can be meant, and it needs no quotes in SQL."""
    meant = certain(name, candidates)
    return meant is not None and re.fullmatch(r"[A-Za-z_]\w*", meant, re.ASCII) is not None


def _unknown_columns(text: str, e: exp.Expr, columns: Mapping[str, ColumnType]) -> Iterator[SqlProblem]:
    """The columns that are not there; the others get the spelling of the contract, joined ones as one quoted name."""
    spelling = {name.lower(): name for name in columns}
    for column in list(e.find_all(exp.Column)):
        start, end = span_of(text, column)
        said = f"{column.table}.{column.name}" if column.table else column.name
        known = said if said in columns else spelling.get(said.lower())
        if known is not None and column.table:
            place = {"start": start, "end": end - 1}
            column.set("table", None)
            column.set("this", exp.to_identifier(known, quoted=True))
            column.this.meta.update(place)
        elif known is not None:
            column.this.set("this", known)
        elif column.table:
            yield _not_joined(column, columns, start, end)
        else:
            yield _unknown(column.name, columns, start, end)


def _unknown(name: str, columns: Mapping[str, ColumnType], start: int, end: int) -> SqlProblem:
    joined = [known for known in columns if known.rpartition(".")[2] == name]
    near = joined[0] if len(joined) == 1 else suggest(name, columns)
    sure = len(joined) == 1 or plain_certain(name, columns)
    message = f"unknown column '{name}'"
    return SqlProblem(kind="unknown_column", message=message, start=start, end=end, suggestion=near, certain=sure)


def _not_joined(column: exp.Column, columns: Mapping[str, ColumnType], start: int, end: int) -> SqlProblem:
    """A qualified column that no join brings: the join is not there, or it has no such column."""
    said = f"{column.table}.{column.name}"
    joins = dict.fromkeys(name.partition(".")[0] for name in columns if "." in name)
    near = None
    if not joins:
        message = f"'{column.sql('duckdb')}' names a table; columns are named alone here"
    elif column.table in joins:
        message = f"unknown column '{said}'"
        near = suggest(said, [name for name in columns if name.startswith(f"{column.table}.")])
    else:
        message = f"unknown column '{said}': there is no join '{column.table}'"
        near = suggest(said, [name for name in columns if "." in name])
    return SqlProblem(kind="unknown_column", message=message, start=start, end=end, suggestion=near)


def _unknown_functions(text: str, e: exp.Expr) -> Iterator[SqlProblem]:
    """The calls of functions that DuckDB does not have."""
    for call in e.find_all(exp.Anonymous, exp.AnonymousAggFunc):
        name = str(call.this)
        if name.lower() in functions() or name.lower() in MOVING:
            continue
        places = [found.span() for found in re.finditer(rf"\b{re.escape(name)}\b", text, re.IGNORECASE)]
        start, end = places[0] if places else (0, len(text))
        near = suggest(name.lower(), functions())
        sure = len(places) == 1 and plain_certain(name.lower(), functions())
        message = f"unknown function '{name}'"
        yield SqlProblem(kind="unknown_function", message=message, start=start, end=end, suggestion=near, certain=sure)


def _moving(text: str, e: exp.Expr) -> Iterator[SqlProblem]:
    """Calls that give another value each time."""
    for part in e.walk():
        name = str(part.this).lower() if isinstance(part, exp.Anonymous) else ""
        today = name == "age" and len(part.expressions) == 1  # from there to today
        if not isinstance(part, _MOVING_CLASSES) and name not in MOVING and not today:
            continue
        found = (
            re.search(r"\bage\b", text, re.IGNORECASE)
            if today
            else re.search(rf"\b({'|'.join(sorted(MOVING, key=len, reverse=True))})\b", text, re.IGNORECASE)
        )
        start, end = found.span() if found else (0, len(text))
        message = f"'{text[start:end]}' gives another value each time it is asked"
        yield SqlProblem(kind="nondeterministic", message=message, start=start, end=end)
        return


def _foreign(text: str, e: exp.Expr) -> Iterator[SqlProblem]:
    """What other languages write, and DuckDB reads as something else: ``&&`` compares lists, ``mean`` is ``avg``."""
    if next(e.find_all(exp.ArrayOverlaps), None) is not None:
        start = max(text.find("&&"), 0)
        message = "'&&' compares lists; conditions are joined by 'and'"
        yield SqlProblem(kind="syntax", message=message, start=start, end=start + 2, suggestion="and")
    for call in e.find_all(exp.Anonymous):
        if call.name.lower() == "mean":
            start, end = span_of(text, call)
            found = re.search(r"\bmean\b", text, re.IGNORECASE)
            start, end = found.span() if found else (start, end)
            message = f"unknown function '{text[start:end]}'"
            yield SqlProblem(
                kind="unknown_function", message=message, start=start, end=end, suggestion="avg", certain=True
            )


_OF_NUMBERS = (exp.Sum, exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop, exp.Median)


def _not_of_numbers(text: str, e: exp.Expr, columns: Mapping[str, ColumnType]) -> Iterator[SqlProblem]:
    """Sums and means of what is no number; DuckDB sums booleans, but has no mean of them."""
    for call in e.find_all(*_OF_NUMBERS):
        operand = call.this
        if not isinstance(operand, exp.Expr):
            continue
        builder = Builder(columns, lambda part: span_of(text, part))
        dtype = builder.node(exp.Paren(this=operand.copy()).this).dtype
        if dtype in ("string", "timestamp", "date") or (dtype == "boolean" and not isinstance(call, exp.Sum)):
            start, end = span_of(text, operand)
            name = call.sql_names()[0].lower()
            message = f"'{name}' needs numbers, but '{text[start:end]}' is a {dtype}"
            yield SqlProblem(kind="type", message=message, start=start, end=end)


def _aggregates(text: str, e: exp.Expr, *, allowed: bool) -> Iterator[SqlProblem]:
    """Aggregates where a row is wanted, and rows where an aggregate is."""
    found = next(e.find_all(exp.AggFunc), None)
    if found is not None and not allowed:
        start, end = span_of(text, found)
        name = (found.sql_names()[0] if not isinstance(found, exp.AnonymousAggFunc) else str(found.this)).lower()
        message = f"'{name}' is an aggregate, and this is one row"
        yield SqlProblem(kind="aggregate", message=message, start=start, end=end)
    if not allowed:
        return
    for column in e.find_all(exp.Column):
        if column.find_ancestor(exp.AggFunc, exp.Filter) is None:
            start, end = span_of(text, column)
            message = f"'{column.name}' stands outside an aggregate such as avg(…)"
            yield SqlProblem(kind="aggregate", message=message, start=start, end=end)
            return
    if found is None and not list(e.find_all(exp.Anonymous)):
        message = "an aggregate such as avg(…) or count(*) is needed"
        yield SqlProblem(kind="aggregate", message=message, start=0, end=len(text))


def _typed(
    text: str, e: exp.Expr, columns: Mapping[str, ColumnType]
) -> tuple[TypedExpr | None, tuple[SqlProblem, ...]]:
    wrong = tuple(_not_of_numbers(text, e, columns))
    if wrong:
        return None, wrong
    builder = Builder(columns, lambda part: span_of(text, part))
    holder = exp.Paren(this=e)  # so that the root can be replaced too
    node = builder.node(e)
    if builder.problems:
        return None, tuple(dict.fromkeys(builder.problems))
    read = tuple(dict.fromkeys(column.name for column in holder.find_all(exp.Column, bfs=False)))
    dtype = None if node.dtype in (types.UNKNOWN, NULL) else node.dtype
    whole = holder.this
    if dtype == "float" and not is_double(node) and whole.find(exp.AggFunc) is None:
        whole = exp.cast(whole, "double")
    faithful = dtype is not None and _faithful(node)
    left = None if faithful else span_of(text, builder.opaque) if builder.opaque is not None else (0, len(text))
    return TypedExpr(
        text=whole.sql(dialect="duckdb", comments=False),
        dtype=dtype,
        columns=columns_of(node) if faithful else read,
        nullable=may_be_null(node, columns),
        tree=node if faithful else None,
        constant=not read and whole.find(exp.AggFunc) is None,
        over=_cut(whole),
        filtered=_pieces(_of_past(whole)) if any("." in name for name in read) and _calls(whole) else (),
        opaque=left,
    ), ()


_CALLS = (exp.AggFunc, exp.Filter)


def _calls(e: exp.Expr) -> list[exp.Expr]:
    """The aggregates, each with its filter."""
    return [part for part in e.find_all(*_CALLS) if part.find_ancestor(*_CALLS) is None]


def _cut(e: exp.Expr) -> tuple[str, ...]:
    """The text of an aggregate cut after each of its calls; nothing where it is a single call."""
    return () if isinstance(e, _CALLS) or not _calls(e) else _pieces(e)


def _pieces(e: exp.Expr) -> tuple[str, ...]:
    holder, text = exp.Paren(this=e.copy()), e.sql(dialect="duckdb", comments=False)
    mark = next(name for name in (f"__over_{number}" for number in count()) if name not in text)
    for call in _calls(holder):
        call.replace(exp.Window(this=call.copy(), alias=exp.to_identifier(mark)))
    return tuple(holder.this.sql(dialect="duckdb", comments=False).split(f" OVER {mark}"))


def _of_past(e: exp.Expr) -> exp.Expr:
    """The aggregate over those rows only that are in the past, which the column PAST says."""
    holder = exp.Paren(this=e.copy())
    for call in _calls(holder):
        condition: exp.Expr = exp.column(PAST, quoted=True)
        if isinstance(call, exp.Filter):
            condition = exp.and_(condition, call.expression.this.copy())
        inner = call.this if isinstance(call, exp.Filter) else call
        call.replace(exp.Filter(this=inner.copy(), expression=exp.Where(this=condition)))
    found: exp.Expr = holder.this
    return found


def _faithful(node: Node) -> bool:
    if isinstance(node, Opaque):
        return False
    compares = isinstance(node, Distinct) or (isinstance(node, Function) and node.name in ("greatest", "least"))
    if compares and any(map(may_be_nan, children(node))):
        return False  # Python orders not-a-number otherwise
    return all(map(_faithful, children(node)))
