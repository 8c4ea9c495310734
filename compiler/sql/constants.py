"""What can be said of calls and constants before DuckDB is asked: how many arguments, which parts of a date."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sqlglot import exp, tokenize
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from ..catalogue import argument_counts
from ..suggest import suggest
from .tree import SqlProblem

OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)
WORDS = (
    *(TokenType.FROM, TokenType.FOR, TokenType.IN, TokenType.ALIAS, TokenType.WHERE, TokenType.ORDER_BY),
    *(TokenType.DISTINCT, TokenType.STAR),
)
"""What stands between the arguments of calls with a grammar of their own, such as ``extract(hour from t)``."""

OPERATORS = {"coalesce": (1, None), "nullif": (2, 2), "ifnull": (2, 2), "if": (3, 3)}
"""What looks like a function, and is not in the table of functions."""

_PARTS = (
    "century day dayofmonth dayofweek dayofyear decade dow doy epoch era hour isodow isoyear julian "
    "microsecond microseconds millennium millisecond milliseconds minute month quarter second timezone timezone_hour "
    "timezone_minute week weekday year yearweek nanosecond nanoseconds us ms s m h d w y mon mons min mins sec secs hr "
    "hrs days weeks months quarters years hours minutes seconds c cent centuries decades mil millenniums millennia "
    "epoch_ms epoch_us epoch_ns"
)
DATE_PARTS = frozenset(_PARTS.split())


def wrong_counts(text: str) -> Iterator[SqlProblem]:
    """The calls with a number of arguments that the function does not take."""
    try:
        tokens = tokenize(text, read="duckdb")
    except TokenError:
        return
    for index, (name, parenthesis) in enumerate(pairwise(tokens)):
        known = OPERATORS.get(name.text.lower()) or argument_counts().get(name.text.lower())
        called = parenthesis.token_type is TokenType.L_PAREN and name.token_type is not TokenType.STRING
        if not called or known is None or not name.text.isidentifier():
            continue
        found = _arguments(tokens, index + 1)
        if found is None:
            continue
        count, end = found
        least, most = known
        if count < least or (most is not None and count > most):
            message = f"'{name.text.lower()}' takes {_words(least, most)}, not {count or 'none'}"
            yield SqlProblem(kind="arguments", message=message, start=name.start, end=end)


def _arguments(tokens: list[Token], opening: int) -> tuple[int, int] | None:
    """How many arguments stand after the parenthesis, and where it is closed; None where it is another grammar."""
    depth = commas = 0
    for index in range(opening, len(tokens)):
        kind = tokens[index].token_type
        depth += (kind in OPENING) - (kind in CLOSING)
        if depth == 0:
            return (commas + 1 if index > opening + 1 else 0), tokens[index].end + 1
        if depth == 1 and kind in WORDS:
            return None
        commas += depth == 1 and kind is TokenType.COMMA
    return None


def _words(least: int, most: int | None) -> str:
    """In words: ``1 argument``, ``2 or 3 arguments``, ``at least 2 arguments``."""
    if most is None:
        return f"at least {least} argument{'' if least == 1 else 's'}"
    if least == most:
        return f"{least or 'no'} argument{'' if least == 1 else 's'}"
    return f"{least} {'or' if most == least + 1 else 'to'} {most} arguments"


def enclosing(text: str, start: int, end: int) -> tuple[int, int]:
    """The span, longer by what is needed so that every parenthesis in it is closed."""
    try:
        tokens = tokenize(text, read="duckdb")
    except TokenError:
        return start, end
    depth = 0
    for token in tokens:
        if token.start < start:
            continue
        if token.start >= end and depth <= 0:
            break
        depth += (token.token_type in OPENING) - (token.token_type in CLOSING)
        if depth >= 0:
            end = max(end, token.end + 1)
    return start, end


def call_around(text: str, names: list[str], inside: tuple[int, int] | None) -> tuple[int, int] | None:
    """The call of one of the functions that has the span ``inside`` among its arguments; the first, if it has none."""
    try:
        tokens = tokenize(text, read="duckdb")
    except TokenError:
        return None
    found = None
    for name, parenthesis in pairwise(tokens):
        if name.text.lower() not in names or parenthesis.token_type is not TokenType.L_PAREN:
            continue
        span = (name.start, enclosing(text, parenthesis.start, parenthesis.end + 1)[1])
        if inside is None or (span[0] <= inside[0] and inside[1] <= span[1]):
            found = span  # the innermost comes last
            if inside is None:
                return found
    return found


def meaningless(text: str, e: exp.Expr) -> Iterator[SqlProblem]:
    """Constants that DuckDB cannot take: parts that no date has, types that are not there."""
    for part in e.walk():
        if (unit := _unit(part)) and unit.lower() not in DATE_PARTS:
            yield _constant(text, unit, f"no date has a part '{unit.lower()}'", suggest(unit.lower(), DATE_PARTS))
        kind = part.args.get("to") if isinstance(part, exp.Cast) else None
        if isinstance(kind, exp.DataType) and kind.this == exp.DataType.Type.USERDEFINED:
            name = kind.sql("duckdb")
            near = suggest(name.lower(), ("bigint", "boolean", "date", "double", "integer", "timestamp", "varchar"))
            yield _constant(text, name, f"there is no type '{name.lower()}'", near)


def _unit(part: exp.Expr) -> str:
    if isinstance(part, exp.Extract):
        return str(part.this.name)
    if isinstance(part, exp.DateDiff | exp.TimestampTrunc | exp.DateTrunc):
        unit = part.args.get("unit")
        return unit.name if isinstance(unit, exp.Var | exp.Literal) else ""
    first = part.expressions[0] if isinstance(part, exp.Anonymous) and part.expressions else None
    named = str(part.this).lower() if isinstance(part, exp.Anonymous) else ""
    dated = named in ("date_part", "datepart", "date_sub", "datesub")
    return first.name if dated and isinstance(first, exp.Literal) else ""


def _constant(text: str, word: str, message: str, near: str | None) -> SqlProblem:
    start = text.lower().find(word.lower())
    start, end = (start, start + len(word)) if start >= 0 else (0, len(text))
    return SqlProblem(kind="constant", message=message, start=start, end=end, suggestion=near)
