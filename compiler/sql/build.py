"""From sqlglot's expressions to our own nodes, with DuckDB's types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from sqlglot import exp

from . import calls, moments, types
from .literals import a, as_timestamp, described, is_double, make_double, read_as
from .operators import ARITHMETIC, COMPARISONS, FLOAT_FUNCTIONS, PARTS, SEARCHES, STRING_FUNCTIONS
from .tree import (
    NULL,
    NUMBERS,
    Binary,
    Case,
    Cast,
    Column,
    ColumnType,
    Comparison,
    Distinct,
    Function,
    IsNull,
    Literal,
    Logical,
    Membership,
    Negative,
    Node,
    Not,
    Opaque,
    SqlProblem,
)

_NUMERIC = re.compile(r"\d|nan|inf|true|false|^[tfyn]|^\s*$", re.IGNORECASE)  # what may be a number or a truth
TEXTUAL = ("integer", "boolean", "date", "timestamp")
SAFE = {  # the conversions that cannot fail, or fail on one side only where DuckDB refuses the row
    *(("integer", "float"), ("boolean", "integer"), ("boolean", "float"), ("date", "timestamp"), ("timestamp", "date")),
    *(("float", "integer"), ("integer", "boolean"), ("float", "boolean"), *((one, "string") for one in TEXTUAL)),
}
WIDTHS = ("DOUBLE", "BIGINT", "INT", "TIMESTAMPNTZ", "TIMESTAMP", "DATE", "BOOLEAN", "TEXT", "VARCHAR")


@dataclass(slots=True)
class Builder:
    """Builds the nodes of one expression and collects what its types get wrong.

    Decimal literals that DuckDB would compute with exactly are turned into doubles in the expression itself,
    so that both sides round alike.
    """

    columns: Mapping[str, ColumnType]
    span: Callable[[exp.Expr], tuple[int, int]]
    problems: list[SqlProblem] = field(default_factory=list)
    opaque: exp.Expr | None = None  # the first part without a faithful Python form

    def node(self, e: exp.Expr) -> Node:
        """The node of ``e``; an :class:`Opaque` where there is no faithful Python form."""
        for kinds, build in HANDLERS:
            if isinstance(e, kinds):
                return self._noted(e, build(self, e))
        return self._noted(e, self.left_to_duckdb(e))

    def _noted(self, e: exp.Expr, node: Node) -> Node:
        if self.opaque is None and isinstance(node, Opaque):
            self.opaque = e
        return node

    def left_to_duckdb(self, e: exp.Expr, dtype: str | None = None) -> Node:
        """A node that only DuckDB can compute; what stands below is still type-checked."""
        parts = tuple(self.node(child) for child in e.iter_expressions() if isinstance(child, exp.Condition))
        return Opaque(dtype=dtype or types.of(e, self.columns), parts=parts)

    def problem(self, e: exp.Expr, message: str, kind: str = "type") -> None:
        """Note that the types of ``e`` do not fit, or a constant of it."""
        start, end = self.span(e)
        self.problems.append(SqlProblem(kind=kind, message=message, start=start, end=end))

    def column(self, e: exp.Expr) -> Node:
        """A column with the type of its contract."""
        known = self.columns.get(e.name)
        if known is None or known.dtype is None:
            return Opaque(dtype=types.UNKNOWN)
        return Column(dtype=known.dtype, name=e.name)

    def literal(self, e: exp.Expr) -> Node:
        """A number or a string."""
        if e.is_string:
            return Literal(dtype="string", value=e.name)
        if e.name.isdigit():
            return Literal(dtype="integer", value=int(e.name))
        return Literal(dtype="float", value=float(e.name))

    def negative(self, e: exp.Expr) -> Node:
        """Unary minus; of a literal it is part of the number."""
        operand = self.node(e.this)
        if isinstance(operand, Literal) and isinstance(operand.value, int | float):
            return Literal(dtype=operand.dtype, value=-operand.value)
        if operand.dtype not in (*NUMBERS, NULL):
            return self._not_numbers(e, "-", operand)
        return Negative(dtype=operand.dtype, operand=operand)

    def arithmetic(self, e: exp.Expr) -> Node:
        """``+ - * / // %`` on numbers."""
        op = ARITHMETIC[type(e)]
        left, right = self.node(e.this), self.node(e.expression)
        if op in "+-" and (shifted := moments.shifted(self, e, left, right)) is not None:
            return shifted
        if types.UNKNOWN in (left.dtype, right.dtype) or {left.dtype, right.dtype} & {"timestamp", "date"}:
            both = left.dtype == right.dtype == "timestamp"  # an interval, which no feature can be
            return Opaque(dtype=types.UNKNOWN if both else types.of(e, self.columns), parts=(left, right))
        wrong = next((n for n in (left, right) if n.dtype not in (*NUMBERS, NULL)), None)
        if wrong is not None:
            return self._not_numbers(e, op, wrong)
        if not (is_double(left) or is_double(right)) and op != "/":
            make_double(e.this)
            make_double(e.expression)
        dtype = "float" if op == "/" or "float" in (left.dtype, right.dtype) else "integer"
        return self._division(e, op, left, right, dtype)

    def _division(self, e: exp.Expr, op: str, left: Node, right: Node, dtype: str) -> Node:
        if op in ("/", "//", "%") and isinstance(right, Literal) and right.value == 0 and right.dtype in NUMBERS:
            self.problem(e, f"'{op}' divides by zero in every row", "constant")
        safe = (isinstance(right, Literal) and bool(right.value)) or _never_zero(right)
        if op == "%" and not safe:
            return Opaque(dtype=dtype, parts=(left, right))
        if op == "//" and not (safe and dtype == "integer"):
            return Opaque(dtype=dtype, parts=(left, right))
        return Binary(dtype=dtype, op=op, left=left, right=right)

    def _not_numbers(self, e: exp.Expr, op: str, wrong: Node) -> Node:
        if wrong.dtype != types.UNKNOWN:
            self.problem(e, f"'{op}' needs numbers, but {described(wrong)} is {a(wrong.dtype)}")
        return Opaque(dtype="float", parts=(wrong,))

    def comparison(self, e: exp.Expr) -> Node:
        """``= <> < <= > >=`` between values of one kind."""
        left, right = self.alike(e, self.node(e.this), self.node(e.expression))
        return Comparison(dtype="boolean", op=COMPARISONS[type(e)], left=left, right=right)

    def distinct(self, e: exp.Expr) -> Node:
        """``IS [NOT] DISTINCT FROM``."""
        left, right = self.alike(e, self.node(e.this), self.node(e.expression))
        node = Distinct(dtype="boolean", left=left, right=right)
        return node if isinstance(e, exp.NullSafeNEQ) else Not(dtype="boolean", operand=node)

    def alike(self, e: exp.Expr, left: Node, right: Node) -> tuple[Node, Node]:
        """Both sides as values that compare; a problem is noted where DuckDB could not."""
        kinds = {left.dtype, right.dtype} - {NULL}
        if types.UNKNOWN in kinds or len(kinds) < 2 or kinds == set(NUMBERS):  # noqa: PLR2004  (a pair)
            return left, right
        if kinds == {"date", "timestamp"}:
            return as_timestamp(left), as_timestamp(right)
        if "string" in kinds and (pair := self._parsed(left, right)):
            return pair
        if kinds == {"boolean", "integer"}:
            return Cast(dtype="integer", operand=left), Cast(dtype="integer", operand=right)
        self.problem(e, f"{described(left)} is {a(left.dtype)}, but {described(right)} is {a(right.dtype)}")
        return left, Opaque(dtype=right.dtype, parts=(right,))

    def _parsed(self, left: Node, right: Node) -> tuple[Node, Node] | None:
        """The pair with a string literal read as what the other side is, as DuckDB does."""
        if isinstance(left, Literal) and left.dtype == "string" and (value := read_as(left, right.dtype)):
            return value, right
        if isinstance(right, Literal) and right.dtype == "string" and (value := read_as(right, left.dtype)):
            return left, value
        return None

    def logical(self, e: exp.Expr) -> Node:
        """``and``, ``or``."""
        left, right = self.condition(e.this), self.condition(e.expression)
        return Logical(dtype="boolean", op="and" if isinstance(e, exp.And) else "or", left=left, right=right)

    def condition(self, e: exp.Expr) -> Node:
        """``e`` as a truth value."""
        node = self.node(e)
        if node.dtype in ("boolean", NULL, types.UNKNOWN):
            return node
        if node.dtype not in NUMBERS:
            self.problem(e, f"{described(node)} is {a(node.dtype)}, where a condition is needed")
            return Opaque(dtype="boolean", parts=(node,))
        return Comparison(dtype="boolean", op="!=", left=node, right=Literal(dtype="integer", value=0))

    def negation(self, e: exp.Expr) -> Node:
        """``not``."""
        return Not(dtype="boolean", operand=self.condition(e.this))

    def between(self, e: exp.Expr) -> Node:
        """``x BETWEEN low AND high``, which is two comparisons."""
        operand, low, high = self.node(e.this), self.node(e.args["low"]), self.node(e.args["high"])
        first, low = self.alike(e, operand, low)
        second, high = self.alike(e, operand, high)
        return Logical(
            dtype="boolean",
            op="and",
            left=Comparison(dtype="boolean", op=">=", left=first, right=low),
            right=Comparison(dtype="boolean", op="<=", left=second, right=high),
        )

    def membership(self, e: exp.Expr) -> Node:
        """``x IN (constants)``."""
        operand, items = self.node(e.this), [self.node(item) for item in e.expressions]
        pairs = [self.alike(e, operand, item) for item in items]
        if not items or (isinstance(operand, Opaque) or any(isinstance(item, Opaque) for _, item in pairs)):
            return Opaque(dtype="boolean", parts=(operand, *items))
        constants = tuple(item for _, item in pairs if isinstance(item, Literal) and item.value is not None)
        if len(constants) == len(items) and all(first is operand for first, _ in pairs):
            return Membership(dtype="boolean", operand=operand, items=constants)
        nodes: list[Node] = [Comparison(dtype="boolean", op="==", left=one, right=other) for one, other in pairs]
        return reduce(lambda one, other: Logical(dtype="boolean", op="or", left=one, right=other), nodes)

    def is_something(self, e: exp.Expr) -> Node:
        """``IS NULL``, ``IS TRUE``, ``IS FALSE``."""
        operand = self.node(e.this)
        if isinstance(e.expression, exp.Null):
            return IsNull(dtype="boolean", operand=operand)
        if not isinstance(e.expression, exp.Boolean):
            return Opaque(dtype="boolean", parts=(operand,))
        truth = Literal(dtype="boolean", value=bool(e.expression.this))
        different = Distinct(dtype="boolean", left=operand, right=truth)
        return Not(dtype="boolean", operand=different)

    def case(self, e: exp.Expr) -> Node:
        """``CASE`` in both forms, and ``IF(condition, then, else)``."""
        if isinstance(e, exp.If):
            pairs, default = [(e.this, e.args["true"])], e.args.get("false")
        else:
            pairs, default = [(branch.this, branch.args["true"]) for branch in e.args["ifs"]], e.args.get("default")
        subject = self.node(e.this) if isinstance(e, exp.Case) and e.this is not None else None
        branches = tuple((self._when(e, subject, condition), self.node(value)) for condition, value in pairs)
        last = self.node(default) if default is not None else Literal(dtype=NULL, value=None)
        dtype = self.common(e, [value for _, value in branches] + [last])
        return Case(dtype=dtype, branches=branches, default=last)

    def _when(self, e: exp.Expr, subject: Node | None, condition: exp.Expr) -> Node:
        if subject is None:
            return self.condition(condition)
        left, right = self.alike(e, subject, self.node(condition))
        return Comparison(dtype="boolean", op="==", left=left, right=right)

    def common(self, e: exp.Expr, values: list[Node]) -> str:
        """The one type of ``values``; a problem is noted where there is none."""
        kinds = {value.dtype for value in values} - {NULL}
        if types.UNKNOWN in kinds:
            return types.UNKNOWN
        if len(kinds) <= 1:
            return kinds.pop() if kinds else NULL
        if kinds == set(NUMBERS):
            return "float"
        if kinds == {"date", "timestamp"}:
            return "timestamp"
        self.problem(e, f"the branches have different types: {', '.join(sorted(kinds))}")
        return types.UNKNOWN

    def cast(self, e: exp.Expr) -> Node:
        """The conversions that cannot fail; the others are left to DuckDB."""
        operand, dtype = self.node(e.this), types.from_sqlglot(e.args["to"])
        if isinstance(operand, Literal) and operand.dtype == "string" and not isinstance(e, exp.TryCast):
            if dtype in (*NUMBERS, "boolean") and not _NUMERIC.search(str(operand.value)):
                self.problem(e, f"{described(operand)} is no {dtype}", "constant")
            read = read_as(operand, dtype)
            if read is not None and dtype in ("timestamp", "date"):
                return read
        if e.args["to"].this.name not in WIDTHS or e.args["to"].expressions or isinstance(e, exp.TryCast):
            return Opaque(dtype=dtype, parts=(operand,))
        if operand.dtype == dtype:
            return operand if isinstance(operand, Column) else Cast(dtype=dtype, operand=operand)
        exact = operand.dtype == "float" and not is_double(operand)
        if (operand.dtype, dtype) in SAFE and not (exact and dtype == "integer"):
            return Cast(dtype=dtype, operand=operand)
        return Opaque(dtype=dtype, parts=(operand,))


def _never_zero(node: Node) -> bool:
    """Whether it is ``nullif(…, 0)``."""
    match node:
        case Function(name="nullif", arguments=(_, Literal(value=0))):
            return True
    return False


HANDLERS: tuple[tuple[tuple[type[exp.Expr], ...], Callable[[Builder, exp.Expr], Node]], ...] = (
    ((exp.Column,), Builder.column),
    ((exp.Literal,), Builder.literal),
    ((exp.Boolean,), lambda _, e: Literal(dtype="boolean", value=bool(e.this))),
    ((exp.Null,), lambda _, __: Literal(dtype=NULL, value=None)),
    ((exp.Paren,), lambda builder, e: builder.node(e.this)),
    ((exp.Neg,), Builder.negative),
    (tuple(ARITHMETIC), Builder.arithmetic),
    (tuple(COMPARISONS), Builder.comparison),
    ((exp.NullSafeEQ, exp.NullSafeNEQ), Builder.distinct),
    ((exp.And, exp.Or), Builder.logical),
    ((exp.Not,), Builder.negation),
    ((exp.Between,), Builder.between),
    ((exp.In,), Builder.membership),
    ((exp.Is,), Builder.is_something),
    ((exp.Case, exp.If), Builder.case),
    ((exp.Cast,), Builder.cast),
    ((exp.Extract, *PARTS), moments.extract),
    ((exp.DateDiff,), moments.difference),
    ((exp.TimestampTrunc, exp.DateTrunc), moments.truncated),
    ((exp.LastDay, exp.Dayname, exp.Monthname, exp.Date, exp.UnixToTime), moments.of_moment),
    ((exp.TimeToStr,), moments.formatted),
    ((exp.Anonymous,), calls.anonymous),
    (tuple(FLOAT_FUNCTIONS), calls.numeric),
    ((exp.Pow, exp.Atan2), calls.power),
    ((exp.Pi,), calls.pi),
    ((exp.Log,), calls.logarithm),
    ((exp.Round, exp.Floor, exp.Ceil, exp.Abs, exp.Trunc, exp.Sign), calls.rounding),
    ((exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor), calls.bits),
    ((exp.IsNan, exp.IsInf), calls.number_test),
    (tuple(STRING_FUNCTIONS), calls.text),
    ((exp.Length,), calls.length),
    ((exp.Trim,), calls.trim),
    ((exp.Substring, exp.Left, exp.Right, exp.Repeat), calls.cut),
    ((exp.Replace,), calls.replaced),
    ((exp.Pad,), calls.padded),
    ((exp.SplitPart,), calls.split_part),
    ((exp.StrPosition,), calls.position),
    (tuple(SEARCHES), calls.search),
    ((exp.Like, exp.ILike), calls.like),
    ((exp.RegexpLike, exp.RegexpFullMatch), calls.regular_expression),
    ((exp.DPipe,), calls.concatenation),
    ((exp.Concat, exp.ConcatWs), calls.concat),
    ((exp.Coalesce, exp.Greatest, exp.Least), calls.choice),
    ((exp.Nullif,), calls.nullif),
)
