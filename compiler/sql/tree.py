"""Our own typed form of an SQL expression: what the Python compiler and the dialects read."""

from __future__ import annotations

from collections.abc import Mapping

from ..records import record

NUMBERS = ("integer", "float")
NULL = "null"  # the dtype of a bare NULL, which fits every other


TO_DUCKDB = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
}


@record
class ColumnType:
    """What an expression may know of a column."""

    dtype: str | None
    nullable: bool = False


@record
class SqlProblem:
    """What is wrong in an SQL text; ``start`` and ``end`` are character offsets into it."""

    kind: str  # syntax | unsupported | unknown_column | unknown_function | type | aggregate | nondeterministic | …
    message: str
    start: int
    end: int
    suggestion: str | None = None
    certain: bool = False  # whether nothing but the suggestion can be meant


class Table(dict[str, ColumnType]):
    """The columns of one table; hashed once, since very many texts are analysed over the same table."""

    __slots__ = ("_hash",)

    def __init__(self, columns: Mapping[str, ColumnType] | None = None) -> None:
        super().__init__(columns or {})
        self._hash = hash(tuple(self.items()))

    def __hash__(self) -> int:  # type: ignore[override]  # nobody changes it
        return self._hash


@record
class TypedExpr:
    """An expression that parses: its normalised DuckDB text, its type, and the columns that it reads."""

    text: str
    dtype: str | None
    columns: tuple[str, ...]
    nullable: bool
    tree: Node | None  # None: no faithful Python form
    constant: bool = False  # reads no column and counts no rows
    over: tuple[str, ...] = ()  # an aggregate of several calls, cut after each: where OVER (…) belongs in a window
    filtered: tuple[str, ...] = ()  # the same of joined columns, each call over the rows of the joined dataset only
    opaque: tuple[int, int] | None = None  # the part of the text as it was written that has no faithful Python form


@record
class Node:
    """The base of all nodes."""

    dtype: str


@record
class Column(Node):
    """A column of the row; a request may leave out any, so it is never sure to be there."""

    name: str


@record
class Literal(Node):
    """A constant; timestamps and dates stand as ISO text."""

    value: str | int | float | bool | None


@record
class Negative(Node):
    """Unary minus."""

    operand: Node


@record
class Binary(Node):
    """Arithmetic ``+ - * / // %`` on numbers, or ``||`` on strings; null if either side is."""

    op: str
    left: Node
    right: Node


@record
class Comparison(Node):
    """``== != < <= > >=``; null if either side is."""

    op: str
    left: Node
    right: Node


@record
class Distinct(Node):
    """``IS DISTINCT FROM``: a comparison that knows null."""

    left: Node
    right: Node


@record
class Logical(Node):
    """``and``, ``or`` in three-valued logic."""

    op: str
    left: Node
    right: Node


@record
class Not(Node):
    """Negation in three-valued logic."""

    operand: Node


@record
class IsNull(Node):
    """Whether the operand is null; never null itself."""

    operand: Node


@record
class Membership(Node):
    """``operand IN (constants)``, none of them null."""

    operand: Node
    items: tuple[Literal, ...]


@record
class Case(Node):
    """The first branch whose condition is true, or the default."""

    branches: tuple[tuple[Node, Node], ...]
    default: Node


@record
class Cast(Node):
    """A conversion that cannot fail, to ``dtype``."""

    operand: Node


@record
class Extract(Node):
    """A part of a timestamp or date."""

    part: str
    operand: Node


@record
class Function(Node):
    """A function; all but ``coalesce``, ``concat``, ``greatest``, ``least``, ``nullif`` are null if an argument is."""

    name: str
    arguments: tuple[Node, ...]


@record
class Opaque(Node):
    """A part that has a type at best, but no faithful Python form."""

    parts: tuple[Node, ...] = ()


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``, in the order of the text."""
    match node:
        case Negative(operand=one) | Not(operand=one) | IsNull(operand=one) | Cast(operand=one) | Extract(operand=one):
            return (one,)
        case Membership(operand=one, items=items):
            return (one, *items)
        case Binary() | Comparison() | Distinct() | Logical():
            return (node.left, node.right)
        case Case(branches=branches, default=default):
            return (*(part for branch in branches for part in branch), default)
        case Function(arguments=arguments):
            return arguments
    return ()


def columns_of(node: Node) -> tuple[str, ...]:
    """The names of the columns below ``node``, each once, in the order of the text."""
    if isinstance(node, Column):
        return (node.name,)
    return tuple(dict.fromkeys(name for child in children(node) for name in columns_of(child)))


def may_be_infinite(node: Node) -> bool:  # noqa: PLR0911  (one return per case)
    """Whether a double can be infinite: a request has finite numbers, and arithmetic overflows."""
    if node.dtype != "float":
        return False
    match node:
        case Column() | Literal() | Extract() | Cast():
            return isinstance(node, Cast) and may_be_infinite(node.operand)
        case Function(name="sqrt" | "sin" | "cos" | "tan" | "atan" | "atan2" | "cbrt" | "pi" | "log10" | "log2"):
            return node.name in ("sqrt", "cbrt", "log10", "log2")
        case Function(name="seconds_between"):
            return False
        case Function(name="floor" | "ceil" | "abs" | "trunc" | "round" | "coalesce" | "nullif" | "greatest" | "least"):
            return any(map(may_be_infinite, node.arguments))
        case Case(branches=branches, default=default):
            return any(may_be_infinite(value) for _, value in branches) or may_be_infinite(default)
        case Negative(operand=operand):
            return may_be_infinite(operand)
        case Binary(op="/", right=Literal(value=value)) if value and abs(float(value)) >= 1:
            return may_be_infinite(node.left)
        case Binary(op="%"):
            return False
    return True


def may_be_nan(node: Node) -> bool:
    """Whether arithmetic can give not-a-number."""
    match node:
        case Binary(op="/", right=right) if not isinstance(right, Literal):
            return True
        case Binary(op="+" | "-", left=left, right=right) if may_be_infinite(left) and may_be_infinite(right):
            return True
        case Binary(op="*", left=left, right=right) if may_be_infinite(left) or may_be_infinite(right):
            return True
        case Binary(op="%", left=left) if may_be_infinite(left):
            return True
        case Function(name="ln" | "log10" | "log2" | "sqrt" | "power" | "exp" | "sin" | "cos" | "tan"):
            return True
    return node.dtype == "float" and any(may_be_nan(child) for child in children(node))


def as_type(node: Node, dtype: str) -> Node:
    """A whole number as a float where the other branches are floats; any other value as it is."""
    if dtype != "float" or node.dtype != "integer":
        return node
    if isinstance(node, Literal) and node.value is not None:
        return Literal(dtype="float", value=float(node.value))
    return Cast(dtype="float", operand=node)


def of_one_type(node: Case) -> Case:
    """The case with branches of its own type."""
    branches = tuple((condition, as_type(value, node.dtype)) for condition, value in node.branches)
    return Case(dtype=node.dtype, branches=branches, default=as_type(node.default, node.dtype))
