"""Functions of numbers and strings in our own nodes; what has no faithful Python form is left to DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from . import patterns, types
from .literals import a, as_timestamp, described, is_double, make_double, plain_search
from .moments import part
from .operators import FLOAT_FUNCTIONS, PART_NAMES, SEARCHES, STRING_FUNCTIONS
from .tree import NULL, NUMBERS, Binary, Cast, Comparison, Function, Literal, Node, Not, Opaque

if TYPE_CHECKING:
    from .build import Builder

STRING = ("string",)


def typed(  # noqa: PLR0913, PLR0917  (what a signature has)
    builder: Builder, e: exp.Expr, name: str, arguments: tuple[exp.Expr, ...], takes: tuple[str, ...], dtype: str
) -> Node:
    """The function ``name``, all of whose arguments are of one of the types that it ``takes``."""
    nodes = tuple(builder.node(argument) for argument in arguments)
    if any(node.dtype in (types.UNKNOWN, NULL) for node in nodes):
        return Opaque(dtype=dtype, parts=nodes)
    wrong = next((node for node in nodes if node.dtype not in takes), None)
    if wrong is None:
        return Function(dtype=dtype, name=name, arguments=nodes)
    wanted = "a string" if takes == STRING else "a number"
    builder.problem(e, f"'{name}' needs {wanted}, but {described(wrong)} is {a(wrong.dtype)}")
    return Opaque(dtype=dtype, parts=nodes)


def numeric(builder: Builder, e: exp.Expr) -> Node:
    """``ln``, ``exp``, ``sqrt``, ``sin`` and so on: a double from a number."""
    return typed(builder, e, FLOAT_FUNCTIONS[type(e)], (e.this,), NUMBERS, "float")


def power(builder: Builder, e: exp.Expr) -> Node:
    """``power(x, y)``, ``x ^ y``, ``x ** y``; and ``atan2(y, x)``."""
    name = "atan2" if isinstance(e, exp.Atan2) else "power"
    return typed(builder, e, name, (e.this, e.expression), NUMBERS, "float")


def pi(builder: Builder, e: exp.Expr) -> Node:
    """``pi()``."""
    del builder, e
    return Function(dtype="float", name="pi", arguments=())


def logarithm(builder: Builder, e: exp.Expr) -> Node:
    """``log(x)``, ``log10(x)`` and ``log2(x)``; other bases are left to DuckDB."""
    if e.expression is None:
        return typed(builder, e, "log10", (e.this,), NUMBERS, "float")
    if isinstance(e.this, exp.Literal) and e.this.name in ("2", "10"):
        return typed(builder, e, f"log{e.this.name}", (e.expression,), NUMBERS, "float")
    return builder.left_to_duckdb(e, "float")


def rounding(builder: Builder, e: exp.Expr) -> Node:
    """``round(x[, digits])``, ``floor``, ``ceil``, ``trunc``, ``sign``, ``abs``."""
    operand, digits = builder.node(e.this), e.args.get("decimals")
    name = type(e).__name__.lower()
    if digits is not None and not (isinstance(digits, exp.Literal) and digits.name.isdigit()):
        return builder.left_to_duckdb(e, "float")
    keeps = operand.dtype == "integer" and name in ("abs", "round", "trunc")
    arguments = (e.this,) if digits is None else (e.this, digits)
    if digits is not None and (operand.dtype == "integer" or name == "trunc"):
        return builder.left_to_duckdb(e, "integer" if operand.dtype == "integer" else "float")
    if not keeps and not is_double(operand) and operand.dtype in NUMBERS:
        make_double(e.this)
    return typed(builder, e, name, arguments, NUMBERS, "integer" if keeps or name == "sign" else "float")


def bits(builder: Builder, e: exp.Expr) -> Node:
    """``a & b``, ``a | b``, ``xor(a, b)`` of whole numbers."""
    name = type(e).__name__.lower()
    return typed(builder, e, name, (e.this, e.expression), ("integer",), "integer")


def number_test(builder: Builder, e: exp.Expr) -> Node:
    """``isnan``, ``isinf``."""
    operand = builder.node(e.this)
    if operand.dtype != "float" or not is_double(operand):
        return builder.left_to_duckdb(e, "boolean")
    return Function(dtype="boolean", name=type(e).__name__.lower(), arguments=(operand,))


def text(builder: Builder, e: exp.Expr) -> Node:
    """``lower``, ``upper``."""
    return typed(builder, e, STRING_FUNCTIONS[type(e)], (e.this,), STRING, "string")


def length(builder: Builder, e: exp.Expr) -> Node:
    """``length`` in characters."""
    return typed(builder, e, "length", (e.this,), STRING, "integer")


def trim(builder: Builder, e: exp.Expr) -> Node:
    """``trim``, ``ltrim``, ``rtrim``: spaces, or the characters of a constant."""
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(e.args.get("position") or ""), "trim")
    characters = e.expression
    if characters is None:
        return typed(builder, e, name, (e.this,), STRING, "string")
    if not _constant(characters):
        return builder.left_to_duckdb(e, "string")
    return typed(builder, e, f"{name}_of", (e.this, characters), STRING, "string")


def cut(builder: Builder, e: exp.Expr) -> Node:
    """``substring``, ``left``, ``right``, ``repeat``: by characters, at constant places that are not negative."""
    names: dict[type[exp.Expr], tuple[str, ...]] = {exp.Substring: ("start", "length"), exp.Repeat: ("times",)}
    given = [e.args.get(name) for name in names.get(type(e), ("expression",))]
    places = [builder.node(place) for place in given if place is not None]
    operand = typed(builder, e, type(e).__name__.lower(), (e.this,), STRING, "string")
    wrong = next((place for place in places if place.dtype not in ("integer", types.UNKNOWN, NULL)), None)
    if wrong is not None:
        builder.problem(e, f"'{type(e).__name__.lower()}' counts in whole numbers, not in {described(wrong)}")
    values = [place.value if isinstance(place, Literal) else None for place in places]
    constant = all(isinstance(value, int) and value >= 0 for value in values)
    if wrong is not None or not constant or not isinstance(operand, Function):
        return Opaque(dtype="string", parts=(operand, *places))
    return Function(dtype="string", name=operand.name, arguments=(*operand.arguments, *places))


def replaced(builder: Builder, e: exp.Expr) -> Node:
    """``replace(s, from, to)`` where what is replaced is a constant."""
    other = e.args.get("replacement")
    if other is None or not _constant(e.expression):
        return builder.left_to_duckdb(e, "string")
    return typed(builder, e, "replace", (e.this, e.expression, other), STRING, "string")


def padded(builder: Builder, e: exp.Expr) -> Node:
    """``lpad(s, n, fill)``, ``rpad``: to a constant number of characters, with a constant."""
    width, fill = e.expression, e.args.get("fill_pattern")
    name = "lpad" if e.args.get("is_left") else "rpad"
    operand = typed(builder, e, name, (e.this,), STRING, "string")
    if not (isinstance(width, exp.Literal) and width.name.isdigit() and fill is not None and _constant(fill)):
        return Opaque(dtype="string", parts=(operand,))
    if not isinstance(operand, Function):
        return operand
    more = (builder.node(width), builder.node(fill))
    return Function(dtype="string", name=name, arguments=(*operand.arguments, *more))


def split_part(builder: Builder, e: exp.Expr) -> Node:
    """``split_part(s, separator, n)`` where both are constants, and ``n`` counts from 1."""
    separator, index = e.args["delimiter"], e.args["part_index"]
    plain = isinstance(index, exp.Literal) and index.name.isdigit() and int(index.name) > 0
    if not plain or not _constant(separator):
        return builder.left_to_duckdb(e, "string")
    found = typed(builder, e, "split_part", (e.this, separator), STRING, "string")
    if not isinstance(found, Function):
        return found
    return Function(dtype="string", name="split_part", arguments=(*found.arguments, builder.node(index)))


def _constant(e: exp.Expr) -> bool:
    return isinstance(e, exp.Literal) and e.is_string and bool(e.name)


def position(builder: Builder, e: exp.Expr) -> Node:
    """``instr(s, part)``: where it begins, from 1; 0 where it is not there."""
    return typed(builder, e, "instr", (e.this, e.args["substr"]), STRING, "integer")


def search(builder: Builder, e: exp.Expr) -> Node:
    """``starts_with``, ``ends_with``, ``contains``."""
    if types.UNKNOWN in (builder.node(e.this).dtype, builder.node(e.expression).dtype):
        return builder.left_to_duckdb(e, "boolean")  # 'contains' looks into lists, too
    return typed(builder, e, SEARCHES[type(e)], (e.this, e.expression), STRING, "boolean")


def like(builder: Builder, e: exp.Expr) -> Node:
    """``LIKE`` and ``ILIKE`` where the pattern is a constant."""
    operand, pattern = builder.node(e.this), builder.node(e.expression)
    wrong = next((n for n in (operand, pattern) if n.dtype not in ("string", NULL, types.UNKNOWN)), None)
    if wrong is not None:
        builder.problem(e, f"LIKE compares strings, but {described(wrong)} is {a(wrong.dtype)}")
    if not isinstance(pattern, Literal) or not isinstance(pattern.value, str) or operand.dtype != "string":
        return Opaque(dtype="boolean", parts=(operand, pattern))
    node = _like(operand, pattern.value, folded=isinstance(e, exp.ILike))
    return Not(dtype="boolean", operand=node) if e.args.get("negate") else node


def _like(operand: Node, pattern: str, *, folded: bool) -> Node:
    if folded:
        operand, pattern = Function(dtype="string", name="lower", arguments=(operand,)), patterns.lowered(pattern)
    found = plain_search(pattern)
    if found is None:
        regular = Literal(dtype="string", value=patterns.regular(pattern))
        return Function(dtype="boolean", name="matches", arguments=(operand, regular))
    name, words = found
    constant = Literal(dtype="string", value=words)
    if name == "equals":
        return Comparison(dtype="boolean", op="==", left=operand, right=constant)
    return Function(dtype="boolean", name=name, arguments=(operand, constant))


def regular_expression(builder: Builder, e: exp.Expr) -> Node:
    """``regexp_matches`` and ``regexp_full_match`` of a constant that both languages read alike."""
    operand, pattern = builder.node(e.this), e.expression
    if operand.dtype not in ("string", NULL, types.UNKNOWN):
        builder.problem(e, f"a pattern matches strings, but {described(operand)} is {a(operand.dtype)}")
    if isinstance(pattern, exp.Literal) and (wrong := patterns.broken(pattern.name)):
        builder.problem(pattern, f"the pattern cannot be read: {wrong}", "constant")
    plain = isinstance(pattern, exp.Literal) and patterns.is_common(pattern.name) and not e.args.get("flag")
    if operand.dtype != "string" or not plain or not isinstance(pattern, exp.Literal):
        return Opaque(dtype="boolean", parts=(operand,))
    name = "full_match" if isinstance(e, exp.RegexpFullMatch) else "regexp_matches"
    constant = Literal(dtype="string", value=patterns.in_python(pattern.name))
    return Function(dtype="boolean", name=name, arguments=(operand, constant))


def concatenation(builder: Builder, e: exp.Expr) -> Node:
    """``a || b``."""
    left, right = (as_text(builder.node(side)) for side in (e.this, e.expression))
    if {left.dtype, right.dtype} != {"string"}:
        return Opaque(dtype=types.of(e, builder.columns), parts=(left, right))
    return Binary(dtype="string", op="||", left=left, right=right)


def as_text(node: Node) -> Node:
    """The value as DuckDB writes it, where Python can; a float, it cannot."""
    return Cast(dtype="string", operand=node) if node.dtype in ("integer", "boolean", "date", "timestamp") else node


def concat(builder: Builder, e: exp.Expr) -> Node:
    """``concat(a, …)`` and ``concat_ws(separator, a, …)``, which leave out nulls."""
    parts = tuple(as_text(builder.node(one)) for one in e.expressions)
    joined = isinstance(e, exp.ConcatWs)
    if {one.dtype for one in parts} != {"string"} or (joined and not isinstance(parts[0], Literal)):
        return Opaque(dtype="string", parts=parts)
    return Function(dtype="string", name="concat_ws" if joined else "concat", arguments=parts)


def choice(builder: Builder, e: exp.Expr) -> Node:
    """``coalesce``, ``greatest``, ``least``."""
    parts = tuple(builder.node(one) for one in (e.this, *e.expressions))
    dtype = builder.common(e, list(parts))
    if dtype == "timestamp":
        parts = tuple(as_timestamp(one) for one in parts)
    return Function(dtype=dtype, name=type(e).__name__.lower(), arguments=parts)


def nullif(builder: Builder, e: exp.Expr) -> Node:
    """``nullif(a, b)``."""
    first = builder.node(e.this)
    left, right = builder.alike(e, first, builder.node(e.expression))
    if left is not first:
        return Opaque(dtype=first.dtype, parts=(left, right))
    return Function(dtype=first.dtype, name="nullif", arguments=(left, right))


def anonymous(builder: Builder, e: exp.Expr) -> Node:
    """A function that sqlglot has no class for."""
    name, arguments = str(e.this).lower(), e.expressions
    if name in PART_NAMES and len(arguments) == 1:
        return part(builder, e, name, arguments[0])
    if name in ("date_part", "datepart") and len(arguments) > 1 and isinstance(arguments[0], exp.Literal):
        return part(builder, e, arguments[0].name.lower(), arguments[1])
    searches = {"prefix": "starts_with", "suffix": "ends_with"}
    if name in searches and len(arguments) > 1:
        return typed(builder, e, searches[name], (arguments[0], arguments[1]), STRING, "boolean")
    if name == "strlen" and len(arguments) == 1:
        return typed(builder, e, "strlen", (arguments[0],), STRING, "integer")
    if name == "isfinite" and len(arguments) == 1 and is_double(operand := builder.node(arguments[0])):
        return Function(dtype="boolean", name="isfinite", arguments=(operand,))
    return builder.left_to_duckdb(e)
