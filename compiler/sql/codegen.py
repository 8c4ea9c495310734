"""From a tree to one plain Python function that gives what DuckDB gives, nulls included."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from . import functions
from .forms import (
    AND,
    ATOM,
    CALLS,
    COMPARE,
    NOT,
    OR,
    PART_LEVELS,
    PARTS,
    PRODUCT,
    SPELT,
    SUM,
    TERNARY,
    UNARY,
    Code,
    spelt,
)
from .layout import fitting, identifiers, quoted, signature
from .nulls import atoms, can_be_null, is_strict, sure
from .tree import (
    NULL,
    Binary,
    Case,
    Cast,
    Column,
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
    as_type,
    children,
    columns_of,
    may_be_infinite,
    may_be_nan,
    of_one_type,
)

PYTHON_TYPES = {
    "string": "str",
    "integer": "int",
    "float": "float",
    "boolean": "bool",
    "timestamp": "datetime",
    "date": "date",
}
EXACT = 2**53  # whole numbers up to here are doubles
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(slots=True)
class Printer:
    """Prints trees; ``helpers`` and ``imports`` gather what the module must define and import."""

    names: dict[str, str] = field(default_factory=dict)  # column -> argument
    helpers: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    temporaries: int = 0

    # -- values -----------------------------------------------------------------------------------------------

    def value(self, node: Node, known: frozenset[str] = frozenset()) -> Code:
        """The value of ``node``, None where SQL has null; the columns ``known`` are not null."""
        if isinstance(node, Column):
            return Code(self.names[node.name])
        if not is_strict(node):
            return self._nonstrict(node, known)
        guards = self._guards(node, known)
        if not guards:
            return self.bare(node, known)
        tests = " or ".join(f"{name} is None" for name, _ in guards.values())
        bound = {atom: Code(bare) for atom, (_, bare) in guards.items()}
        return Code(f"None if {tests} else {self.bare(node, known, bound).within(OR)}", TERNARY)

    def _guards(self, node: Node, known: frozenset[str]) -> dict[Node, tuple[str, str]]:
        """What must not be None before ``node`` can be computed: the test's operand and the name afterwards."""
        guards: dict[Node, tuple[str, str]] = {}
        for atom in atoms(node):
            if isinstance(atom, Column):
                if atom.name not in known:
                    guards[atom] = (self.names[atom.name], self.names[atom.name])
            elif atom not in guards:
                self.temporaries += 1
                name = f"t{self.temporaries}"
                guards[atom] = (f"({name} := {self.value(atom, known).text})", name)
        return guards

    def _nonstrict(self, node: Node, known: frozenset[str]) -> Code:  # noqa: PLR0911  (one return per case)
        match node:
            case Literal():
                return self._literal(node)
            case IsNull() | Distinct():
                return self.truth(node, known)
            case Logical(op=op, left=left, right=right):
                if can_be_null(node, known):
                    return self._call(f"_{op}", self.value(left, known), self.value(right, known))
                return self.truth(node, known)
            case Case():
                return self._case(of_one_type(node), known)
            case Function():
                return self._choice(node, known)
        return self.bare(node, known)

    def _case(self, node: Case, known: frozenset[str]) -> Code:
        parts = []
        for condition, value in node.branches:
            result = self.value(value, known | sure(condition)).within(OR)
            parts.append(f"{result} if {self.truth(condition, known).within(OR)} else ")
        return Code("".join(parts) + self.value(node.default, known).text, TERNARY)

    def _choice(self, node: Function, known: frozenset[str]) -> Code:
        name, arguments = node.name, node.arguments
        if name in ("coalesce", "greatest", "least"):
            arguments = tuple(as_type(argument, node.dtype) for argument in arguments)
        if name == "coalesce":
            return self._coalesce(arguments, known)
        if name == "nullif":
            equal = Comparison(dtype="boolean", op="==", left=arguments[0], right=arguments[1])
            first = self.value(arguments[0], known).within(OR)
            return Code(f"None if {self.truth(equal, known).within(OR)} else {first}", TERNARY)
        return self._call(f"_{name}", *(self.value(argument, known) for argument in arguments))

    def _coalesce(self, arguments: tuple[Node, ...], known: frozenset[str]) -> Code:
        *firsts, last = arguments
        parts = []
        for argument in firsts:
            if not can_be_null(argument, known):
                last = argument
                break
            if isinstance(argument, Column):
                name = test = self.names[argument.name]
            else:
                self.temporaries += 1
                name = f"t{self.temporaries}"
                test = f"({name} := {self.value(argument, known).text})"
            parts.append(f"{name} if {test} is not None else ")
        code = self.value(last, known)
        return Code("".join(parts) + code.text, TERNARY) if parts else code

    # -- values whose inputs are not null ---------------------------------------------------------------------

    def bare(self, node: Node, known: frozenset[str], bound: dict[Node, Code] | None = None) -> Code:  # noqa: C901, PLR0911
        """The value of ``node`` where none of its inputs is null; ``bound`` names those that were computed."""
        if bound and node in bound:
            return bound[node]
        if isinstance(node, Column):
            return Code(self.names[node.name])
        if not is_strict(node):
            return self._nonstrict(node, known)
        below = [self.bare(child, known, bound) for child in children(node)]
        match node:
            case Negative():
                return Code(f"-{below[0].within(UNARY)}", UNARY)
            case Not():
                return self._not(node.operand, below[0], known, bound)
            case Binary(op=op):
                return self._binary(node, op, *below)
            case Comparison(op=op):
                return self._comparison(node, op, *below)
            case Logical(op=op):
                level = AND if op == "and" else OR
                return Code(f"{below[0].within(level)} {op} {below[1].within(level)}", level)
            case Membership():
                return Code(f"{below[0].within(SUM)} in {self._constants(node.items)}", COMPARE)
            case Cast(dtype=dtype, operand=operand):
                return self._cast(dtype, operand.dtype, below[0])
            case Extract(part=part):
                return self._extract(part, below[0])
            case Function(name=name):
                return self._strict_function(node, name, below)
        raise TypeError(node)

    def _not(self, operand: Node, code: Code, known: frozenset[str], bound: dict[Node, Code] | None) -> Code:
        if isinstance(operand, Comparison):
            opposite = OPPOSITE[operand.op]
            turned = Comparison(dtype="boolean", op=opposite, left=operand.left, right=operand.right)
            return self.bare(turned, known, bound)
        if isinstance(operand, Membership):
            item = self.bare(operand.operand, known, bound)
            return Code(f"{item.within(SUM)} not in {self._constants(operand.items)}", COMPARE)
        if isinstance(operand, Not):
            return self.bare(operand.operand, known, bound)
        if isinstance(operand, Distinct | IsNull):
            return self.truth(operand, known, wanted=False)
        return Code(f"not {code.within(NOT)}", NOT)

    def _binary(self, node: Binary, op: str, left: Code, right: Code) -> Code:
        if op == "/" and not (isinstance(node.right, Literal) and node.right.value):
            return self._call("_divide", left, right)
        if op == "//":
            return self._call("_quotient", left, right)
        if op == "%" and node.dtype == "integer":
            return self._call("_remainder", left, right)
        if op == "%" and may_be_infinite(node.left):
            return self._call("_modulo", left, right)
        if op == "%":
            self.imports.add("math")
            return Code(f"math.fmod({left.text}, {right.text})")
        sign = "+" if op == "||" else op
        level = SUM if sign in "+-" else PRODUCT
        return Code(f"{left.within(level)} {sign} {right.within(level - 1)}", level)

    def _comparison(self, node: Comparison, op: str, left: Code, right: Code) -> Code:
        left, right = self._alike(node.left, node.right, left), self._alike(node.right, node.left, right)
        if may_be_nan(node.left) or may_be_nan(node.right):
            return Code(f"{self._call('_order', left).text} {op} {self._call('_order', right).text}", COMPARE)
        if isinstance(node.right, Literal) and isinstance(node.right.value, bool) and op in ("==", "!="):
            return Code(f"{left.within(SUM)} {'is' if op == '==' else 'is not'} {right.text}", COMPARE)
        return Code(f"{left.within(SUM)} {op} {right.within(SUM)}", COMPARE)

    def _alike(self, node: Node, other: Node, code: Code) -> Code:
        """A whole number as the double that DuckDB compares with a double: Python compares exactly."""
        if node.dtype != "integer" or other.dtype != "float" or isinstance(other, Literal):
            return code
        if isinstance(node, Literal):
            return code if abs(int(node.value or 0)) < EXACT else Code(repr(float(node.value or 0)))
        return Code(f"float({code.text})")

    def _constants(self, items: tuple[Literal, ...]) -> str:
        texts = [self._literal(item).text for item in items]
        return f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"

    def _literal(self, node: Literal) -> Code:
        if node.dtype == "timestamp":
            self.imports.add("datetime")
            return Code(f"datetime.fromisoformat({quoted(str(node.value))})")
        if node.dtype == "date":
            self.imports.add("date")
            return Code(f"date.fromisoformat({quoted(str(node.value))})")
        if isinstance(node.value, str):
            return Code(quoted(node.value))
        negative = isinstance(node.value, int | float) and node.value < 0
        return Code(repr(node.value), UNARY if negative else ATOM)

    def _cast(self, dtype: str, was: str, code: Code) -> Code:  # noqa: PLR0911  (one return per pair)
        if dtype == was:
            return code
        if (was, dtype) == ("date", "timestamp"):
            self.imports.add("datetime")
            return Code(f"datetime({code.within(ATOM)}.year, {code.within(ATOM)}.month, {code.within(ATOM)}.day)")
        if (was, dtype) == ("timestamp", "date"):
            return Code(f"{code.within(ATOM)}.date()")
        if dtype == "boolean":
            return Code(f"{code.within(SUM)} != 0", COMPARE)
        if dtype == "string" and was in ("boolean", "timestamp"):
            return self._call("_text_of_truth" if was == "boolean" else "_text_of_moment", code)
        if (was, dtype) == ("float", "integer"):
            return Code(f"round({code.text})")
        if was == "date":
            return Code(f"{code.within(ATOM)}.isoformat()")
        return Code(f"{PYTHON_TYPES[dtype]}({code.text})")

    def _extract(self, part: str, code: Code) -> Code:
        if part == "epoch":
            return self._call("_epoch", code)
        return Code(PARTS[part].format(code.within(ATOM)), PART_LEVELS.get(part, ATOM))

    def _strict_function(self, node: Function, name: str, below: list[Code]) -> Code:
        if name in ("round", "trunc") and node.dtype == "integer":
            return below[0]
        if name == "contains":
            return Code(f"{below[1].within(SUM)} in {below[0].within(SUM)}", COMPARE)
        if name in SPELT:
            code, needed = spelt(name, below)
            self.imports |= needed
            return code
        return self._call(CALLS[name], *below)

    def _call(self, name: str, *arguments: Code) -> Code:
        self.helpers.add(name)
        return Code(f"{name}({', '.join(argument.text for argument in arguments)})")

    # -- conditions -------------------------------------------------------------------------------------------

    def truth(self, node: Node, known: frozenset[str], *, wanted: bool = True) -> Code:  # noqa: PLR0911  (one return per case)
        """Whether ``node`` is ``wanted``, as a bool: null is neither true nor false."""
        match node:
            case Literal(value=value):
                return Code(str(value is wanted))
            case Not(operand=operand):
                return self.truth(operand, known, wanted=not wanted)
            case Logical(op=op, left=left, right=right):
                return self._both(op, left, right, known, wanted=wanted)
            case IsNull(operand=operand):
                text = self.value(operand, known).within(SUM)
                return Code(f"{text} is {'' if wanted else 'not '}None", COMPARE)
            case Distinct(left=left, right=right):
                return self._distinct(left, right, known, wanted=wanted)
        if not is_strict(node) or isinstance(node, Column) or any(not isinstance(a, Column) for a in atoms(node)):
            return self._is(node, known, wanted=wanted)
        guards = [f"{name} is not None" for name, _ in self._guards(node, known).values()]
        last = node if wanted else Not(dtype="boolean", operand=node)
        code = self.bare(last, known)
        return Code(" and ".join([*guards, code.within(AND)]), AND) if guards else code

    def _is(self, node: Node, known: frozenset[str], *, wanted: bool) -> Code:
        if not can_be_null(node, known):
            code = self.value(node, known)
            return code if wanted else Code(f"not {code.within(NOT)}", NOT)
        return Code(f"{self.value(node, known).within(SUM)} is {wanted}", COMPARE)

    def _both(self, op: str, left: Node, right: Node, known: frozenset[str], *, wanted: bool) -> Code:
        joined = op if wanted else {"and": "or", "or": "and"}[op]
        level = AND if joined == "and" else OR
        first = self.truth(left, known, wanted=wanted)
        after = known | sure(left) if joined == "and" else known
        second = self.truth(right, after, wanted=wanted)
        return Code(f"{first.within(level)} {joined} {second.within(level)}", level)

    def _distinct(self, left: Node, right: Node, known: frozenset[str], *, wanted: bool) -> Code:
        first, second = self.value(left, known), self.value(right, known)
        if isinstance(right, Literal) and (right.value is None or isinstance(right.value, bool)):
            return Code(f"{first.within(SUM)} is {'not ' if wanted else ''}{second.text}", COMPARE)
        return Code(f"{first.within(SUM)} {'!=' if wanted else '=='} {second.within(SUM)}", COMPARE)

    # -- whole functions --------------------------------------------------------------------------------------

    def function(self, name: str, docstring: str, node: Node) -> str:
        """The function ``name`` of the columns of ``node``."""
        columns = columns_of(node)
        self.names, self.temporaries = identifiers(columns), 0
        self.imports.update(t for t in map(python_type, _columns(node)) if t in ("datetime", "date"))
        arguments = [f"{self.names[c.name]}: {python_type(c)} | None" for c in _columns(node)]
        result = python_type(node) + (" | None" if can_be_null(node, frozenset()) else "")
        if result in ("datetime", "date", "datetime | None", "date | None"):
            self.imports.add(result.split()[0])
        lines = [f'"""{docstring}"""', *self._body(node)]
        return "\n".join([signature(name, arguments, result), *(f"    {line}" for line in lines)])

    def _body(self, node: Node) -> list[str]:
        if isinstance(node, Case):
            return self._branches(node)
        needed = atoms(node) if is_strict(node) else ()
        if isinstance(node, Column) or not needed or any(not isinstance(atom, Column) for atom in needed):
            return [fitting(f"return {self.value(node).text}")]
        names = [atom.name for atom in needed if isinstance(atom, Column)]
        guard = " or ".join(f"{self.names[name]} is None" for name in names)
        bare = self.bare(node, frozenset(names))
        return [fitting(f"if {guard}:"), "    return None", fitting(f"return {bare.text}")]

    def _branches(self, node: Case) -> list[str]:
        lines, node = [], of_one_type(node)
        for condition, value in node.branches:
            lines.append(fitting(f"if {self.truth(condition, frozenset()).text}:"))
            lines.append(fitting(f"    return {self.value(value, sure(condition)).text}"))
        return [*lines, fitting(f"return {self.value(node.default).text}")]


def python_type(node: Node) -> str:
    """The Python type of a node's values."""
    return "None" if node.dtype == NULL else PYTHON_TYPES[node.dtype]


def _columns(node: Node) -> list[Column]:
    if isinstance(node, Column):
        return [node]
    return list({column.name: column for child in children(node) for column in _columns(child)}.values())


def sources(names: Iterable[str]) -> list[str]:
    """The source of the helper functions ``names`` and of those that they call, in the order of their module."""
    needed = set(names)
    for name in names:
        needed.update(functions.CALLED.get(name, ()))
    return [_source(name) for name in vars(functions) if name in needed]


@cache
def _source(name: str) -> str:
    """The source of one helper: a thousand modules may use it."""
    return re.sub(r"  # noqa.*", "", inspect.getsource(getattr(functions, name))).rstrip()
