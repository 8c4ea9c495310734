"""Functions of dates and timestamps, and arithmetic with them, in our own nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot import exp

from . import types
from .literals import a, as_timestamp, described
from .operators import DATE_PARTS, PART_NAMES, PARTS
from .tree import NULL, Cast, Extract, Function, Literal, Node, Opaque

if TYPE_CHECKING:
    from .build import Builder

MOMENTS = ("timestamp", "date")
TRUNCATED = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
DIFFERENCES = ("year", "quarter", "month", "day", "hour", "minute", "second")
MICROSECONDS = {"second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000}
SPANS = {"microsecond": 1, "millisecond": 1000, **MICROSECONDS, "day": 86_400_000_000, "week": 604_800_000_000}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
TO_SPANS: dict[type[exp.Expr], str] = {exp.ToDays: "day"}
FORMAT = re.compile(r"(?:%[YmdHMSj%]|[^%])*")
"""Formats of ``strftime`` whose parts are numbers."""


def extract(builder: Builder, e: exp.Expr) -> Node:
    """A part of a timestamp or date, in any of the spellings."""
    if isinstance(e, exp.Extract):
        return part(builder, e, e.this.name.lower(), e.expression)
    between = e.this
    while isinstance(between, exp.Paren):
        between = between.this
    if isinstance(e, exp.TimeToUnix) and isinstance(between, exp.Sub):
        left, right = as_timestamp(builder.node(between.this)), as_timestamp(builder.node(between.expression))
        if left.dtype == right.dtype == "timestamp":
            return Function(dtype="float", name="seconds_between", arguments=(left, right))
    return part(builder, e, PARTS[type(e)], e.this)


def part(builder: Builder, e: exp.Expr, name: str, of: exp.Expr) -> Node:
    """The part ``name`` of a timestamp or date."""
    operand = moment(builder, e, of)
    known = PART_NAMES.get(name)
    dtype = "float" if known == "epoch" else "integer"
    if known is None or not (operand.dtype == "timestamp" or (operand.dtype == "date" and known in DATE_PARTS)):
        return Opaque(dtype=dtype, parts=(operand,))
    return Extract(dtype=dtype, part=known, operand=operand)


def moment(builder: Builder, e: exp.Expr, of: exp.Expr) -> Node:
    """``of``, which has to be a timestamp or a date; a problem is noted where it is neither."""
    operand = builder.node(of)
    if operand.dtype not in (*MOMENTS, types.UNKNOWN, NULL):
        builder.problem(e, f"{described(operand)} is {a(operand.dtype)}, where a timestamp or a date is needed")
    return operand


def shifted(builder: Builder, e: exp.Expr, left: Node, right: Node) -> Node | None:
    """``+`` and ``-`` of a moment and a span or a number of days, and of two dates; None where it is something else."""
    minus = isinstance(e, exp.Sub)
    if minus and left.dtype == right.dtype == "date":
        return Function(dtype="integer", name="days_between", arguments=(left, right))
    span = _span(e.expression, -1 if minus else 1)
    if span is not None and left.dtype in MOMENTS:
        name, amount = span
        number = Literal(dtype="integer", value=amount)
        return Function(dtype="timestamp", name=name, arguments=(as_timestamp(left), number))
    if left.dtype == "date" and isinstance(right, Literal) and right.dtype == "integer":
        days = Literal(dtype="integer", value=-int(right.value or 0) if minus else right.value)
        return Function(dtype="date", name="add_days", arguments=(left, days))
    if "integer" in (left.dtype, right.dtype) and "timestamp" in (left.dtype, right.dtype):
        builder.problem(e, "a timestamp takes an interval, and not a number: t + interval 1 hour")
    return None


def _span(e: exp.Expr, sign: int) -> tuple[str, int] | None:
    """What adds a constant span, and how many microseconds or months it is; None where it is not constant."""
    while isinstance(e, exp.Paren):
        e = e.this
    unit = e.args["unit"].name.lower() if isinstance(e, exp.Interval) and e.args.get("unit") else TO_SPANS.get(type(e))
    if unit is None or not isinstance(e.this, exp.Literal) or not re.fullmatch(r"-?\d{1,9}", e.this.name):
        return None
    unit = unit.removesuffix("s")
    if unit in SPANS:
        return "add_microseconds", sign * int(e.this.name) * SPANS[unit]
    return ("add_months", sign * int(e.this.name) * MONTHS[unit]) if unit in MONTHS else None


def difference(builder: Builder, e: exp.Expr) -> Node:
    """``date_diff(part, from, to)``: the boundaries between two moments."""
    first, last = moment(builder, e, e.expression), moment(builder, e, e.this)
    unit = e.args["unit"].name.lower() if e.args.get("unit") else ""
    if unit not in DIFFERENCES or {first.dtype, last.dtype} - set(MOMENTS):
        return Opaque(dtype="integer", parts=(first, last))
    if unit in MICROSECONDS:
        size = Literal(dtype="integer", value=MICROSECONDS[unit])
        arguments = (as_timestamp(first), as_timestamp(last), size)
        return Function(dtype="integer", name="boundaries", arguments=arguments)
    name = "days_between" if unit == "day" else f"{unit}s_between"
    return Function(dtype="integer", name=name, arguments=(last, first))


def truncated(builder: Builder, e: exp.Expr) -> Node:
    """``date_trunc(part, moment)``."""
    operand, unit = moment(builder, e, e.this), e.args["unit"].name.lower() if e.args.get("unit") else ""
    if unit not in TRUNCATED or operand.dtype not in MOMENTS:
        return Opaque(dtype="timestamp", parts=(operand,))
    arguments = (as_timestamp(operand), Literal(dtype="string", value=unit))
    return Function(dtype="timestamp", name="date_trunc", arguments=arguments)


def of_moment(builder: Builder, e: exp.Expr) -> Node:
    """``last_day``, ``dayname``, ``monthname``, ``date(t)``, and ``epoch_ms`` of a timestamp."""
    operand = moment(builder, e, e.this)
    if operand.dtype not in MOMENTS:
        return Opaque(dtype=types.UNKNOWN, parts=(operand,))
    if isinstance(e, exp.Date):
        return Cast(dtype="date", operand=operand)
    if isinstance(e, exp.LastDay):
        return Function(dtype="date", name="last_day", arguments=(operand,))
    if isinstance(e, exp.UnixToTime):
        if operand.dtype != "timestamp" or e.args["scale"].name != "3":
            return Opaque(dtype="integer", parts=(operand,))
        return Function(dtype="integer", name="epoch_ms", arguments=(operand,))
    return Function(dtype="string", name=type(e).__name__.lower(), arguments=(operand,))


def formatted(builder: Builder, e: exp.Expr) -> Node:
    """``strftime(moment, format)`` where the format is a constant whose parts are numbers."""
    pattern = e.args.get("format")
    if isinstance(e.this, exp.Literal):  # the format may come first, too
        return Opaque(dtype="string", parts=(moment(builder, e, pattern),) if pattern is not None else ())
    operand = moment(builder, e, e.this)
    plain = isinstance(pattern, exp.Literal) and FORMAT.fullmatch(pattern.name)
    if not plain or operand.dtype not in MOMENTS or not isinstance(pattern, exp.Literal):
        return Opaque(dtype="string", parts=(operand,))
    return Function(dtype="string", name="strftime", arguments=(operand, Literal(dtype="string", value=pattern.name)))
