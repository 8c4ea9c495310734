"""How functions and parts of moments are written in Python: as an expression, or as the call of a helper."""

from __future__ import annotations

from dataclasses import dataclass

ATOM, UNARY, PRODUCT, SUM, BITS, COMPARE, NOT, AND, OR, TERNARY = range(10)
"""How loosely the outermost operator of an expression binds."""


@dataclass(frozen=True, slots=True)
class Code:
    """A Python expression and how loosely its outermost operator binds."""

    text: str
    level: int = ATOM

    def within(self, level: int) -> str:
        """The text, in parentheses where an operator of ``level`` would pull it apart."""
        return self.text if self.level <= level else f"({self.text})"


PARTS = {
    **{part: f"{{}}.{part}" for part in ("year", "month", "day", "hour", "minute", "second")},
    "quarter": "({}.month + 2) // 3",
    "week": "{}.isocalendar().week",
    "isoyear": "{}.isocalendar().year",
    "yearweek": "{0}.isocalendar().year * 100 + {0}.isocalendar().week",
    "doy": "{}.timetuple().tm_yday",
    "dow": "{}.isoweekday() % 7",
    "isodow": "{}.isoweekday()",
    "millisecond": "{0}.second * 1000 + {0}.microsecond // 1000",
    "microsecond": "{0}.second * 1000000 + {0}.microsecond",
}
PART_LEVELS = {"quarter": PRODUCT, "dow": PRODUCT, "yearweek": SUM, "millisecond": SUM, "microsecond": SUM}

CALLS = {"ln": "_log", "log10": "_log10", "log2": "_log2", "exp": "_exp", "sqrt": "_sqrt", "power": "_power"}
CALLS |= {"floor": "_floor", "ceil": "_ceil", "round": "_round", "trunc": "_trunc", "sign": "_sign"}
CALLS |= {"lower": "_lower", "upper": "_upper", "trim": "_trim", "ltrim": "_ltrim", "rtrim": "_rtrim"}
CALLS |= {"sin": "_sin", "cos": "_cos", "tan": "_tan"}
CALLS |= {"substring": "_substring", "right": "_right", "lpad": "_lpad", "rpad": "_rpad", "split_part": "_split_part"}
CALLS |= {"date_trunc": "_truncated", "add_months": "_add_months", "boundaries": "_boundaries"}
CALLS |= {"last_day": "_last_day", "dayname": "_day_name", "monthname": "_month_name", "epoch_ms": "_epoch_ms"}
CALLS |= {"strftime": "_formatted"}
"""The helper that gives what DuckDB's function gives."""

SPELT: dict[str, tuple[str, int]] = {
    "length": ("len({0})", ATOM),
    "abs": ("abs({0})", ATOM),
    "starts_with": ("{0}.startswith({1})", ATOM),
    "ends_with": ("{0}.endswith({1})", ATOM),
    "strlen": ("len({0}.encode())", ATOM),
    "left": ("{0}[:{1}]", ATOM),
    "repeat": ("{0} * {1}", PRODUCT),
    "replace": ("{0}.replace({1}, {2})", ATOM),
    "trim_of": ("{0}.strip({1})", ATOM),
    "ltrim_of": ("{0}.lstrip({1})", ATOM),
    "rtrim_of": ("{0}.rstrip({1})", ATOM),
    "instr": ("{0}.find({1}) + 1", SUM),
    "bitwiseand": ("{0} & {1}", BITS),
    "bitwiseor": ("{0} | {1}", BITS),
    "bitwisexor": ("{0} ^ {1}", BITS),
    "isnan": ("math.isnan({0})", ATOM),
    "isinf": ("math.isinf({0})", ATOM),
    "isfinite": ("math.isfinite({0})", ATOM),
    "cbrt": ("math.cbrt({0})", ATOM),
    "atan": ("math.atan({0})", ATOM),
    "atan2": ("math.atan2({0}, {1})", ATOM),
    "degrees": ("math.degrees({0})", ATOM),
    "radians": ("math.radians({0})", ATOM),
    "pi": ("math.pi", ATOM),
    "matches": ("bool(re.fullmatch({1}, {0}, re.DOTALL))", ATOM),
    "full_match": ("bool(re.fullmatch({1}, {0}, re.ASCII))", ATOM),
    "regexp_matches": ("bool(re.search({1}, {0}, re.ASCII))", ATOM),
    "years_between": ("{0}.year - {1}.year", SUM),
    "quarters_between": ("({0}.year - {1}.year) * 4 + ({0}.month + 2) // 3 - ({1}.month + 2) // 3", SUM),
    "months_between": ("({0}.year - {1}.year) * 12 + {0}.month - {1}.month", SUM),
    "days_between": ("{0}.toordinal() - {1}.toordinal()", SUM),
    "seconds_between": ("({0} - {1}).total_seconds()", ATOM),
    "add_microseconds": ("{0} + timedelta(microseconds={1})", SUM),
    "add_days": ("{0} + timedelta(days={1})", SUM),
}
"""Functions that Python has: the text, with the arguments as atoms, and how loosely it binds."""

IMPORTS = ("math", "re", "timedelta")
"""What those texts need; each is imported where its name is in one."""


def spelt(name: str, arguments: list[Code]) -> tuple[Code, set[str]]:
    """The function ``name`` of ``arguments``, and what it needs to be imported."""
    text, level = SPELT[name]
    needed = {name for name in IMPORTS if f"{name}." in text or f"{name}(" in text}
    alone = [any(f"{a}{{{n}}}{b}" in text for a in ("(", ", ") for b in (")", ",")) for n in range(len(arguments))]
    texts = [one.text if lone else one.within(ATOM) for one, lone in zip(arguments, alone, strict=True)]
    return Code(text.format(*texts), level), needed
