"""The last accepted run: how many rows it had and how their values were distributed, kept in the home.

A run is accepted when ``validate`` found nothing that blocks. Its profile is small: a count, and for each column whose
distribution is checked, shares of ten quantile bins or of the most frequent values. Validating the same rows
again compares them with the run before, not with themselves, so that the same data gets the same verdict.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from ..core import duck
from ..core.config import Column
from ..core.errors import StepError
from ..core.files import write_json

SHIFTED = 0.2
"""The population stability index above which a column has shifted, by custom."""

EPSILON = 1e-4
"""The least share that a bin counts as, so that an empty one moves the index a lot but not to infinity."""

BINS, FREQUENT, SAMPLE = 10, 50, 100_000
NUMBERS = ("integer", "float", "timestamp", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bins:
    """How one column was distributed: rows per bin; the last bin holds the missing values.

    A number lies in the bin below its first edge that is not smaller; a word in the bin of its own name, or in the
    one before the last, which is for all others.
    """

    counts: list[int]
    edges: list[float] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    moment: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is kept of the rows that a run accepted."""

    sha256: str
    rows: int
    columns: dict[str, Bins] = field(default_factory=dict)


def last(path: Path, sha256: str) -> Profile | None:
    """The newest accepted run over other rows than those with this hash."""
    return next((run for run in _runs(path) if run.sha256 != sha256), None)


def keep(path: Path, profile: Profile) -> None:
    """Make ``profile`` the last accepted run; the one before it stays, for the same rows validated again."""
    before = next((run for run in _runs(path) if run.sha256 != profile.sha256), None)
    write_json(path, {"runs": [asdict(run) for run in (profile, before) if run is not None]})


def profile(
    database: duckdb.DuckDBPyConnection, numbered: str, sha256: str, rows: int, columns: Mapping[str, Column]
) -> Profile:
    """The profile of the rows of ``numbered``: a table with their numbers as ``__row``."""
    found = {name: _bins(database, numbered, rows, name, column) for name, column in columns.items()}
    return Profile(sha256=sha256, rows=rows, columns=found)


def shift(database: duckdb.DuckDBPyConnection, label: str, column: str, before: Bins) -> float:
    """How far ``column`` moved since: sum over the bins of (q - p) * ln(q / p), the population stability index."""
    now = _counts(database, duck.name(label), column, before)
    return sum((q - p) * math.log(q / p) for p, q in zip(_shares(before.counts), _shares(now), strict=True))


def _runs(path: Path) -> list[Profile]:
    try:
        runs: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["runs"]
        return [
            Profile(**{**run, "columns": {name: Bins(**bins) for name, bins in run["columns"].items()}}) for run in runs
        ]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError) as error:
        raise StepError(f"{path} is damaged: {error}", "remove it; the next accepted run writes it again") from error


def _bins(database: duckdb.DuckDBPyConnection, numbered: str, rows: int, name: str, column: Column) -> Bins:
    if column.type in NUMBERS:
        moment = column.type in {"timestamp", "date"}
        every = max(1, rows // SAMPLE)  # every so many rows: the same ones each time, however many there are
        value = _value(name, moment=moment)
        cuts = ", ".join(str(step / BINS) for step in range(1, BINS))
        query = f'SELECT quantile_disc({value}, [{cuts}]) FROM {numbered} WHERE "__row" % {every} = 0'
        found = duck.value(database, query)
        edges = sorted({float(edge) for edge in found}) if isinstance(found, list) else []
        empty = Bins(counts=[], edges=edges, moment=moment)
    else:
        text = f"CAST({duck.name(name)} AS VARCHAR)"
        query = f"SELECT {text} AS word FROM {numbered} WHERE word IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, word"
        words = [str(word) for (word,) in database.execute(f"{query} LIMIT {FREQUENT}").fetchall()]
        empty = Bins(counts=[], words=words)
    return Bins(
        counts=_counts(database, numbered, name, empty), edges=empty.edges, words=empty.words, moment=empty.moment
    )


def _counts(database: duckdb.DuckDBPyConnection, table: str, name: str, bins: Bins) -> list[int]:
    """The rows of ``table`` per bin."""
    if bins.words:
        known = ", ".join(duck.literal(word) for word in bins.words)
        place = f"coalesce(list_position([{known}], CAST({duck.name(name)} AS VARCHAR)), {len(bins.words) + 1}) - 1"
        other = len(bins.words) + 1
    else:
        value = _value(name, moment=bins.moment)
        place = (
            " + ".join([f"CAST({value} > {edge!r} AS INTEGER)" for edge in bins.edges if math.isfinite(edge)]) or "0"
        )
        other = len(bins.edges) + 1
    place = f"CASE WHEN {duck.name(name)} IS NULL THEN {other} ELSE {place} END"
    found = dict(database.execute(f"SELECT {place}, count(*) FROM {table} GROUP BY 1").fetchall())
    return [int(found.get(index, 0)) for index in range(other + 1)]


def _value(name: str, *, moment: bool) -> str:
    return f"epoch(CAST({duck.name(name)} AS TIMESTAMP))" if moment else f"CAST({duck.name(name)} AS DOUBLE)"


def _shares(counts: Sequence[int]) -> list[float]:
    total = max(sum(counts), 1)
    return [max(count / total, EPSILON) for count in counts]
