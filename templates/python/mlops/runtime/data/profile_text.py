"""A profile in the terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..core.console import table
from .profile_figures import Figures, shown

if TYPE_CHECKING:
    from .profile import Profile

SPARKS = "▁▂▃▄▅▆▇█"
LONGEST, WIDEST = 34, 24
MOST_LINES = 500


def text(found: Profile) -> str:
    """A line per column, then what stands out."""
    headers = ["column", "type", "missing", "distinct", "values", "distribution", "label", "drift"]
    lines = [_line(found, one) for one in found.columns[:MOST_LINES]]
    used = [i for i in range(len(headers)) if i < 5 or any(line[i] for line in lines)]  # noqa: PLR2004
    shown_table = table([headers[i] for i in used], [[line[i] for i in used] for line in lines])
    more = len(found.columns) - MOST_LINES
    parts = [_heading(found), "", shown_table]
    if more > 0:
        parts.append(f"... and {more:,} more columns; --format html or json has them")
    parts += ["", *_footnotes(found)]
    return "\n".join(parts).rstrip()


def _heading(found: Profile) -> str:
    where = f"{found.name}: {found.rows:,} rows, {len(found.columns)} columns, {found.missing:.1%} of the cells missing"
    return f"{where}  ({found.source})"


def _line(found: Profile, one: Figures) -> list[str]:
    link, course = found.links.get(one.name), found.courses.get(one.name)
    sign = {1: "+", -1: "-"}.get(link.sign, " ") if link else ""
    return [
        one.name[:LONGEST],
        one.type,
        f"{one.missing / one.rows:.1%}" if one.missing else "",
        f"{one.distinct:,}",
        "personal: values not shown" if one.personal else values(one),
        spark(one),
        f"{sign}{link.value:.2f} {link.measure}" if link else "",
        f"{course.largest:.2f}" if course else "",
    ]


def values(one: Figures) -> str:
    """The values of a column in a few words."""
    if one.mean is not None:
        return f"{shown(one.low)} .. {shown(one.mean)} .. {shown(one.high)}"
    if one.low is not None:
        return f"{shown(one.low)} .. {shown(one.high)}"
    if one.bars:
        top = ", ".join(f"{_short(bar.label)} {bar.rows / one.filled:.0%}" for bar in one.bars[:3])
        return f"{top}{', ..' if one.distinct > 3 else ''}"  # noqa: PLR2004
    return "each of them once" if one.unique else ""


def _short(word: str) -> str:
    return word if len(word) <= WIDEST else word[: WIDEST - 1] + "…"


def spark(one: Figures) -> str:
    """The distribution as a row of blocks."""
    bars = one.bars if one.low is not None else one.bars[:12]
    most = max((bar.rows for bar in bars), default=0)
    if not most or len(bars) <= 1:
        return ""
    return "".join(SPARKS[round((len(SPARKS) - 1) * bar.rows / most)] if bar.rows else " " for bar in bars)


def _footnotes(found: Profile) -> list[str]:
    notes = []
    if found.links and found.target:
        notes.append(
            f"label: {found.target.sql} of {found.target.model}; |r| is Pearson's correlation, V Cramer's, "
            "eta the correlation ratio; 0 says nothing, 1 everything"
        )
    if found.courses and found.periods:
        notes.append(f"drift: the largest PSI from one {found.periods.unit} to the next; above 0.2 has shifted")
    failed = [(one.name, rule) for one in found.columns for rule in one.rules if rule[1] == "fail"]
    notes += [f"rule broken: {name}: {rule} ({rows:,} rows)" for name, (rule, _, rows) in failed]
    notes += [f"rule broken: {rule} ({rows:,} rows)" for rule, verdict, rows in found.verdicts if verdict == "fail"]
    return notes


def content(found: Profile) -> dict[str, Any]:
    """The profile as data; of personal columns counts alone."""
    return {
        "dataset": found.name,
        "source": found.source,
        "rows": found.rows,
        "label": None if found.target is None else {"model": found.target.model, "sql": found.target.sql},
        "periods": None if found.periods is None else {"unit": found.periods.unit, "start": list(found.periods.names)},
        "columns": [_content(found, one) for one in found.columns],
    }


def _content(found: Profile, one: Figures) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": one.name,
        "type": one.type,
        "missing": one.missing,
        "distinct": one.distinct,
        "rules": [{"name": name, "verdict": verdict, "bad_rows": rows} for name, verdict, rows in one.rules],
    }
    if one.personal:
        return said | {"personal": True}
    link, course = found.links.get(one.name), found.courses.get(one.name)
    return said | {
        "min": one.low,
        "max": one.high,
        "mean": one.mean,
        "deviation": one.deviation,
        "quantiles": dict(zip(("5%", "25%", "50%", "75%", "95%"), one.quantiles, strict=False)),
        "distribution": [{"value": bar.label, "rows": bar.rows} for bar in one.bars],
        "label": None if link is None else {"value": round(link.value, 6), "measure": link.measure, "sign": link.sign},
        "drift": None if course is None else [None if v is None else round(v, 6) for v in course.psi],
    }
