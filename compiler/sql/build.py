"""From sqlglot's expressions to our own nodes, with DuckDB's types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from ..records import record
from . import types
from .literals import a, as_timestamp, described, is_double, make_double, plain_search, read_as
from .operators import (
    ARITHMETIC,
    COMPARISONS,
    DATE_PARTS,
    FLOAT_FUNCTIONS,
    PART_NAMES,
    PARTS,
    SEARCHES,
    STRING_FUNCTIONS,
)
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
    Extract,
    Function,
    IsNull,
    Literal,
    Logical,
    Membership,
    Negative,
    Node,
    Not,
    SqlProblem,
)


@record
class Opaque(Node):
    """A part that has a type at best, but no faithful Python form."""

    parts: tuple[Node, ...] = ()


@dataclass(slots=True)
class Builder:
    """Builds the nodes of one expression and collects what its types get wrong.

    Decimal literals that DuckDB would compute with exactly are turned into doubles in the expression itself,
    so that both sides round alike.
    """

    columns: Mapping[str, ColumnType]
    span: Callable[[exp.Expr], tuple[int, int]]
    problems: list[SqlProblem] = field(default_factory=list)

    def node(self, e: exp.Expr) -> Node:
        """The node of ``e``; an :class:`Opaque` where there is no faithful Python form."""
        for kinds, build in HANDLERS:
            if isinstance(e, kinds):
                return build(self, e)
        return self.opaque(e)

    def opaque(self, e: exp.Expr, dtype: str | None = None) -> Node:
        """A node that only DuckDB can compute; what stands below is still type-checked."""
        parts = tuple(self.node(child) for child in e.iter_expressions() if isinstance(child, exp.Condition))
        return Opaque(dtype=dtype or types.of(e, self.columns), parts=parts)

    def problem(self, e: exp.Expr, message: str) -> None:
        """Note that the types of ``e`` do not fit."""
        start, end = self.span(e)
        self.problems.append(SqlProblem(kind="type", message=message, start=start, end=end))

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
        return self._division(op, left, right, dtype)

    def _division(self, op: str, left: Node, right: Node, dtype: str) -> Node:
        safe = isinstance(right, Literal) and bool(right.value)
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
        left, right = self._alike(e, self.node(e.this), self.node(e.expression))
        return Comparison(dtype="boolean", op=COMPARISONS[type(e)], left=left, right=right)

    def distinct(self, e: exp.Expr) -> Node:
        """``IS [NOT] DISTINCT FROM``."""
        left, right = self._alike(e, self.node(e.this), self.node(e.expression))
        node = Distinct(dtype="boolean", left=left, right=right)
        return node if isinstance(e, exp.NullSafeNEQ) else Not(dtype="boolean", operand=node)

    def _alike(self, e: exp.Expr, left: Node, right: Node) -> tuple[Node, Node]:
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

    def negation(self, e: exp.Expr) -> Node:
        """``not``."""
        return Not(dtype="boolean", operand=self.condition(e.this))

    def between(self, e: exp.Expr) -> Node:
        """``x BETWEEN low AND high``, which is two comparisons."""
        operand, low, high = self.node(e.this), self.node(e.args["low"]), self.node(e.args["high"])
        first, low = self._alike(e, operand, low)
        second, high = self._alike(e, operand, high)
        return Logical(
            dtype="boolean",
            op="and",
            left=Comparison(dtype="boolean", op=">=", left=first, right=low),
            right=Comparison(dtype="boolean", op="<=", left=second, right=high),
        )

    def membership(self, e: exp.Expr) -> Node:
        """``x IN (constants)``."""
        operand, items = self.node(e.this), [self.node(item) for item in e.expressions]
        pairs = [self._alike(e, operand, item) for item in items]
        constants = tuple(item for _, item in pairs if isinstance(item, Literal) and item.value is not None)
        if not items or len(constants) < len(items) or any(first is not operand for first, _ in pairs):
            return Opaque(dtype="boolean", parts=(operand, *items))
        return Membership(dtype="boolean", operand=operand, items=constants)

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
        left, right = self._alike(e, subject, self.node(condition))
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
            read = read_as(operand, dtype)
            if read is not None and dtype in ("timestamp", "date"):
                return read
        widths = ("DOUBLE", "BIGINT", "INT", "TIMESTAMPNTZ", "TIMESTAMP", "DATE")
        safe = {("integer", "float"), ("boolean", "integer"), ("date", "timestamp"), ("timestamp", "date")}
        if e.args["to"].this.name not in widths or isinstance(e, exp.TryCast):
            return Opaque(dtype=dtype, parts=(operand,))
        if operand.dtype == dtype:
            return operand if isinstance(operand, Column) else Cast(dtype=dtype, operand=operand)
        if (operand.dtype, dtype) in safe:
            return Cast(dtype=dtype, operand=operand)
        return Opaque(dtype=dtype, parts=(operand,))

    def extract(self, e: exp.Expr) -> Node:
        """A part of a timestamp or date, in any of the spellings."""
        if isinstance(e, exp.Extract):
            return self.part(e, e.this.name.lower(), e.expression)
        return self.part(e, PARTS[type(e)], e.this)

    def part(self, e: exp.Expr, name: str, of: exp.Expr) -> Node:
        """The part ``name`` of a timestamp or date."""
        operand = self.node(of)
        if operand.dtype not in ("timestamp", "date", types.UNKNOWN, NULL):
            self.problem(e, f"{described(operand)} is {a(operand.dtype)}, where a timestamp or a date is needed")
        part = PART_NAMES.get(name)
        dtype = "float" if part == "epoch" else "integer"
        if part is None or not (operand.dtype == "timestamp" or (operand.dtype == "date" and part in DATE_PARTS)):
            return Opaque(dtype=dtype, parts=(operand,))
        return Extract(dtype=dtype, part=part, operand=operand)

    def anonymous(self, e: exp.Expr) -> Node:
        """A function that sqlglot has no class for."""
        name = str(e.this).lower()
        if name in PART_NAMES and len(e.expressions) == 1:
            return self.part(e, name, e.expressions[0])
        if name in ("date_part", "datepart") and isinstance(e.expressions[0], exp.Literal):
            return self.part(e, e.expressions[0].name.lower(), e.expressions[1])
        return self.opaque(e)

    def numeric(self, e: exp.Expr) -> Node:
        """``ln``, ``exp``, ``sqrt``: a double from a number."""
        return self._function(e, FLOAT_FUNCTIONS[type(e)], (e.this,), NUMBERS, "float")

    def power(self, e: exp.Expr) -> Node:
        """``power(x, y)``, ``x ^ y``, ``x ** y``."""
        return self._function(e, "power", (e.this, e.expression), NUMBERS, "float")

    def logarithm(self, e: exp.Expr) -> Node:
        """``log(x)`` and ``log10(x)``; other bases are left to DuckDB."""
        if e.expression is None:
            return self._function(e, "log10", (e.this,), NUMBERS, "float")
        return self.opaque(e, "float")

    def rounding(self, e: exp.Expr) -> Node:
        """``round(x[, digits])``, ``floor``, ``ceil``, ``abs``."""
        operand, digits = self.node(e.this), e.args.get("decimals")
        name = type(e).__name__.lower()
        if digits is not None and not (isinstance(digits, exp.Literal) and digits.name.isdigit()):
            return self.opaque(e, "float")
        keeps = operand.dtype == "integer" and name in ("abs", "round")
        arguments = (e.this,) if digits is None else (e.this, digits)
        if digits is not None and operand.dtype == "integer":
            return self.opaque(e, "integer")
        if not keeps and not is_double(operand) and operand.dtype in NUMBERS:
            make_double(e.this)
        return self._function(e, name, arguments, NUMBERS, "integer" if keeps else "float")

    def text(self, e: exp.Expr) -> Node:
        """``lower``, ``upper``."""
        return self._function(e, STRING_FUNCTIONS[type(e)], (e.this,), ("string",), "string")

    def length(self, e: exp.Expr) -> Node:
        """``length`` in characters."""
        return self._function(e, "length", (e.this,), ("string",), "integer")

    def trim(self, e: exp.Expr) -> Node:
        """``trim(x)``: spaces at both ends."""
        if e.expression is not None or e.args.get("position"):
            return self.opaque(e, "string")
        return self._function(e, "trim", (e.this,), ("string",), "string")

    def search(self, e: exp.Expr) -> Node:
        """``starts_with``, ``ends_with``, ``contains``."""
        return self._function(e, SEARCHES[type(e)], (e.this, e.expression), ("string",), "boolean")

    def like(self, e: exp.Expr) -> Node:
        """``LIKE`` where the pattern is a constant that has ``%`` at its ends only."""
        found = plain_search(e.expression.name) if isinstance(e.expression, exp.Literal) else None
        operand = self.node(e.this)
        if found is None or operand.dtype != "string":
            return self.opaque(e, "boolean")
        name, text = found
        arguments = (operand, Literal(dtype="string", value=text))
        node: Node = Function(dtype="boolean", name=name, arguments=arguments)
        if name == "equals":
            node = Comparison(dtype="boolean", op="==", left=arguments[0], right=arguments[1])
        return Not(dtype="boolean", operand=node) if e.args.get("negate") else node

    def concatenation(self, e: exp.Expr) -> Node:
        """``a || b``."""
        left, right = self.node(e.this), self.node(e.expression)
        if {left.dtype, right.dtype} != {"string"}:
            return Opaque(dtype="string", parts=(left, right))
        return Binary(dtype="string", op="||", left=left, right=right)

    def concat(self, e: exp.Expr) -> Node:
        """``concat(a, …)``, which leaves out nulls."""
        parts = tuple(self.node(part) for part in e.expressions)
        if {part.dtype for part in parts} != {"string"}:
            return Opaque(dtype="string", parts=parts)
        return Function(dtype="string", name="concat", arguments=parts)

    def choice(self, e: exp.Expr) -> Node:
        """``coalesce``, ``greatest``, ``least``."""
        parts = tuple(self.node(part) for part in (e.this, *e.expressions))
        dtype = self.common(e, list(parts))
        if dtype == "timestamp":
            parts = tuple(as_timestamp(part) for part in parts)
        return Function(dtype=dtype, name=type(e).__name__.lower(), arguments=parts)

    def nullif(self, e: exp.Expr) -> Node:
        """``nullif(a, b)``."""
        first = self.node(e.this)
        left, right = self._alike(e, first, self.node(e.expression))
        if left is not first:
            return Opaque(dtype=first.dtype, parts=(left, right))
        return Function(dtype=first.dtype, name="nullif", arguments=(left, right))

    def _function(
        self, e: exp.Expr, name: str, arguments: tuple[exp.Expr, ...], takes: tuple[str, ...], dtype: str
    ) -> Node:
        nodes = tuple(self.node(argument) for argument in arguments)
        if any(node.dtype in (types.UNKNOWN, NULL) for node in nodes):
            return Opaque(dtype=dtype, parts=nodes)
        wrong = next((node for node in nodes if node.dtype not in takes), None)
        if wrong is None:
            return Function(dtype=dtype, name=name, arguments=nodes)
        wanted = "a string" if takes == ("string",) else "a number"
        self.problem(e, f"'{name}' needs {wanted}, but {described(wrong)} is {a(wrong.dtype)}")
        return Opaque(dtype=dtype, parts=nodes)


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
    ((exp.Extract, *PARTS), Builder.extract),
    ((exp.Anonymous,), Builder.anonymous),
    (tuple(FLOAT_FUNCTIONS), Builder.numeric),
    ((exp.Pow,), Builder.power),
    ((exp.Log,), Builder.logarithm),
    ((exp.Round, exp.Floor, exp.Ceil, exp.Abs), Builder.rounding),
    (tuple(STRING_FUNCTIONS), Builder.text),
    ((exp.Length,), Builder.length),
    ((exp.Trim,), Builder.trim),
    (tuple(SEARCHES), Builder.search),
    ((exp.Like,), Builder.like),
    ((exp.DPipe,), Builder.concatenation),
    ((exp.Concat,), Builder.concat),
    ((exp.Coalesce, exp.Greatest, exp.Least), Builder.choice),
    ((exp.Nullif,), Builder.nullif),
)
