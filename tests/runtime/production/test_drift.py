# mypy: disable-error-code="import-untyped"
"""PSI and KS equal their definitions, computed here another way on the real flights and penguins."""

from __future__ import annotations

import math
from collections import Counter
from importlib import import_module
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

drift = import_module("mlopsc.templates.python.mlops.runtime.monitor.drift")

Floats = npt.NDArray[np.float64]


def column(table: Path, name: str, month: int) -> Floats:
    """A column of the flights of one month, NaN where missing."""
    query = "SELECT dep_delay, distance FROM read_parquet(?) WHERE month(scheduled_departure) = ?"
    with duckdb.connect() as database:
        values = database.execute(query, [str(table), month]).fetchnumpy()[name]
    return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan), dtype=np.float64)


def reference(values: Floats) -> tuple[list[float], Floats]:
    """Inner decile edges and the present values."""
    present = values[~np.isnan(values)]
    return sorted(set(np.quantile(present, np.arange(0.1, 1.0, 0.1)).tolist())), present


def numeric(values: Floats) -> object:
    """The profile of a column of training rows."""
    edges, present = reference(values)
    bins = [0] * (len(edges) + 1)
    for value in present.tolist():
        bins[sum(edge < value for edge in edges)] += 1
    return drift.Numeric(
        edges=np.array(edges), counts=np.array(bins, dtype=float), nulls=len(values) - len(present), sample=present
    )


def by_definition(expected: Floats, actual: Floats) -> float:
    """PSI from the text of its definition, value by value: (q - p) * ln(q / p), shares floored at 0.0001."""
    edges, _ = reference(expected)
    total = 0.0
    for low, high in zip([-math.inf, *edges], [*edges, math.inf], strict=True):
        p = max(sum(low < v <= high for v in expected.tolist()) / len(expected), 0.0001)
        q = max(sum(low < v <= high for v in actual.tolist()) / len(actual), 0.0001)
        total += (q - p) * math.log(q / p)
    p = max(float(np.isnan(expected).mean()), 0.0001)
    q = max(float(np.isnan(actual).mean()), 0.0001)
    return total + (q - p) * math.log(q / p)


def test_psi_equals_its_definition_on_departure_delays(flights_table: Path) -> None:
    """Delays of December against those of January, missing values as a bin of their own."""
    january, december = column(flights_table, "dep_delay", 1), column(flights_table, "dep_delay", 12)
    bars = drift.numeric_bars(numeric(january), december)
    assert drift.psi(bars.reference, bars.current) == pytest.approx(by_definition(january, december), abs=1e-12)
    assert round(drift.psi(bars.reference, bars.current), 4) == 0.1036


def test_psi_of_the_same_rows_is_zero(flights_table: Path) -> None:
    """Nothing moved, nothing is reported, also where quantiles coincide."""
    distances = column(flights_table, "distance", 1)
    bars = drift.numeric_bars(numeric(distances), distances)
    assert drift.psi(bars.reference, bars.current) == 0.0


def test_psi_of_an_empty_bin_is_large_but_finite() -> None:
    """Two bins that swap all their rows: 2 * (1 - 0.0001) * ln(1 / 0.0001)."""
    assert drift.psi(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(2 * 0.9999 * math.log(10000))


def test_ks_equals_scipy_on_departure_delays(flights_table: Path) -> None:
    """The statistic of scipy's two-sample test on the present values."""
    january, december = column(flights_table, "dep_delay", 1), column(flights_table, "dep_delay", 12)
    expected = stats.ks_2samp(january[~np.isnan(january)], december[~np.isnan(december)]).statistic
    assert drift.numeric_ks(numeric(january), december) == pytest.approx(expected, abs=1e-12)


def test_ks_reports_missing_values_when_they_moved_further(flights_table: Path) -> None:
    """Half of the values vanish and the rest stay: the distribution is the same, the share of missing is not."""
    january = column(flights_table, "distance", 1)
    halved = january.copy()
    halved[::2] = np.nan
    assert drift.numeric_ks(numeric(january), halved) == pytest.approx(np.isnan(halved).mean())


def test_categories_count_unseen_and_missing_ones(flights_table: Path) -> None:
    """Airlines of New York's smallest airport against those of its largest: shares, by name."""
    query = "SELECT carrier FROM read_parquet(?) WHERE origin = ? AND month(scheduled_departure) = 1"
    with duckdb.connect() as database:
        carriers = [
            Counter(row[0] for row in database.execute(query, [str(flights_table), origin]).fetchall())
            for origin in ("JFK", "EWR")
        ]
    known, seen = carriers
    bars = drift.categorical_bars(drift.Categorical(counts=known, nulls=0), seen, 7)
    unseen = sum(count for carrier, count in seen.items() if carrier not in known)
    assert bars.labels[-2:] == ("unseen", "missing")
    assert bars.current[-2:] == pytest.approx([unseen / (seen.total() + 7), 7 / (seen.total() + 7)])
    assert bars.labels[0] == known.most_common(1)[0][0]
    assert drift.categorical_ks(bars) == pytest.approx(
        0.5
        * (sum(abs(seen[c] / (seen.total() + 7) - known[c] / known.total()) for c in known) + bars.current[-2:].sum())
    )


def test_ranges_are_labelled_for_people() -> None:
    """A bar of the report says which values it stands for."""
    bars = drift.numeric_bars(
        drift.Numeric(edges=np.array([1.0, 2.5]), counts=np.array([1.0, 1.0, 1.0]), nulls=0, sample=np.array([1.0])),
        np.array([1.0, 2.0, 9.0, np.nan]),
    )
    assert bars.labels == ("up to 1", "1 to 2.5", "above 2.5", "missing")
    assert bars.current.tolist() == [0.25, 0.25, 0.25, 0.25]
