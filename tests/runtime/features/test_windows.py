"""Windows of all 336,776 flights against an independent computation, row by row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pytest

RUNTIME = "mlopsc.templates.python.mlops.runtime"
store_latest = import_module(f"{RUNTIME}.features.store_latest")
windows = import_module(f"{RUNTIME}.features.windows")
modules = import_module(f"{RUNTIME}.features.modules")

Array = npt.NDArray[Any]
MICRO = 1_000_000
HOUR, DAY = 3600, 86400

TABLE = """
SELECT row_number() OVER (ORDER BY flight_id) AS place, * EXCLUDE (scheduled_departure, carrier),
       CASE WHEN hash(flight_id) % 997 <> 0 THEN scheduled_departure END AS scheduled_departure,
       CASE WHEN hash(flight_id || 'c') % 499 <> 0 THEN carrier END AS carrier,
       scheduled_departure + to_minutes(CAST(dep_delay AS BIGINT)) AS departed_at
FROM '{flights}'
"""
"""The real flights, some of them without a time or without a carrier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A window as SQL, and the same as a computation over the slices ``low`` to ``high`` of sorted rows."""

    aggregate: str
    by: tuple[str, ...]
    window: int
    lag: int
    reference: Callable[[dict[str, Array], Array, Array], Array]
    known_at: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


def _sums(values: Array, low: Array, high: Array) -> Array:
    whole = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values))])  # delays are whole minutes: exact
    return np.asarray(whole[high] - whole[low])


def _counts(values: Array, low: Array, high: Array) -> Array:
    return _sums(np.where(np.isnan(values), 0.0, 1.0), low, high)


def total(name: str) -> Callable[[dict[str, Array], Array, Array], Array]:
    """The sum; null without a value."""
    return lambda rows, low, high: np.where(_counts(rows[name], low, high) > 0, _sums(rows[name], low, high), np.nan)


def mean(name: str) -> Callable[[dict[str, Array], Array, Array], Array]:
    """The mean; null without a value."""
    return lambda rows, low, high: _sums(rows[name], low, high) / _counts(rows[name], low, high)


def rows_of(rows: dict[str, Array], low: Array, high: Array) -> Array:
    """How many rows there are."""
    del rows
    return (high - low).astype(float)


def deviation(name: str) -> Callable[[dict[str, Array], Array, Array], Array]:
    """The deviation of a sample; null below two values."""

    def compute(rows: dict[str, Array], low: Array, high: Array) -> Array:
        n, sums = _counts(rows[name], low, high), _sums(rows[name], low, high)
        squares = _sums(rows[name] ** 2, low, high)
        return np.asarray(np.where(n > 1, np.sqrt(np.maximum((n * squares - sums**2) / n / (n - 1), 0)), np.nan))

    return compute


def extreme(name: str, which: Any) -> Callable[[dict[str, Array], Array, Array], Array]:
    """The smallest or the greatest value, of ranges that are powers of two."""

    def compute(rows: dict[str, Array], low: Array, high: Array) -> Array:
        levels = [rows[name]]
        while 2 ** len(levels) <= len(rows[name]):
            half = 2 ** (len(levels) - 1)
            levels.append(which(levels[-1][:-half], levels[-1][half:]))
        found = np.full(len(low), np.nan)
        length = high - low
        for level, values in enumerate(levels):
            fits = (length >= 2**level) & (length < 2 ** (level + 1))
            found[fits] = which(values[low[fits]], values[high[fits] - 2**level])
        return found

    return compute


def distinct(name: str) -> Callable[[dict[str, Array], Array, Array], Array]:
    """How many different values there are."""

    def compute(rows: dict[str, Array], low: Array, high: Array) -> Array:
        codes = np.unique(rows[name], return_inverse=True)[1]
        return np.array([len(set(codes[a:b].tolist())) for a, b in zip(low, high, strict=True)], dtype=float)

    return compute


def share(rows: dict[str, Array], low: Array, high: Array) -> Array:
    """Which part of the rows arrived more than 15 minutes late; null without rows."""
    late = np.where(rows["arr_delay"] > 15, 1.0, 0.0)
    return _sums(late, low, high) / np.where(high > low, high - low, np.nan)


SHARE = "count(*) FILTER (WHERE arr_delay > 15) / count(*)"
CASES = {
    "mean": Case(aggregate="avg(arr_delay)", by=("carrier",), window=7 * DAY, lag=DAY, reference=mean("arr_delay")),
    "sum": Case(aggregate="sum(arr_delay)", by=("origin",), window=DAY, lag=0, reference=total("arr_delay")),
    "rows": Case(aggregate="count(*)", by=("carrier", "origin"), window=6 * HOUR, lag=0, reference=rows_of),
    "least": Case(
        aggregate="min(arr_delay)", by=("dest",), window=28 * DAY, lag=DAY, reference=extreme("arr_delay", np.fmin)
    ),
    "most": Case(
        aggregate="max(arr_delay)", by=("carrier",), window=3 * DAY, lag=DAY, reference=extreme("arr_delay", np.fmax)
    ),
    "spread": Case(
        aggregate="stddev(arr_delay)", by=("carrier",), window=DAY, lag=2 * DAY, reference=deviation("arr_delay")
    ),
    "dests": Case(
        aggregate="count(DISTINCT dest)", by=("origin",), window=12 * HOUR, lag=HOUR, reference=distinct("dest")
    ),
    "share": Case(
        aggregate=SHARE,
        by=("origin", "dest"),
        window=14 * DAY,
        lag=DAY,
        reference=share,
        over=("count(*) FILTER (WHERE arr_delay > 15)", " / count(*)", ""),
    ),
    "ever": Case(aggregate="avg(arr_delay)", by=("dest",), window=9999 * DAY, lag=0, reference=mean("arr_delay")),
    "all": Case(aggregate="avg(arr_delay)", by=(), window=HOUR, lag=DAY, reference=mean("arr_delay")),
    "moment": Case(aggregate="count(*)", by=("origin",), window=1, lag=0, reference=rows_of),
    "left": Case(
        aggregate="avg(dep_delay)",
        by=("origin",),
        window=3 * HOUR,
        lag=0,
        reference=mean("dep_delay"),
        known_at=("departed_at",),
    ),
    "left_hour": Case(
        aggregate="count(dep_delay)",
        by=("carrier",),
        window=DAY,
        lag=HOUR,
        reference=lambda rows, low, high: _counts(rows["dep_delay"], low, high),
        known_at=("departed_at",),
    ),
}


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory, flights_table: Path) -> Path:
    """The flights with a moment of departure, and gaps in time and carrier."""
    target = tmp_path_factory.mktemp("flown") / "flown.parquet"
    with duckdb.connect() as database:
        database.execute(f"COPY ({TABLE.format(flights=flights_table)}) TO '{target}' (FORMAT parquet)")
    return target


def windows_of(project: Any, table: Path, predict_at: str | None) -> dict[str, Array]:
    """Every case computed by the steps ``ingest`` and ``features``, in the order of ``place``."""
    declared = {
        name: {
            "aggregate": case.aggregate,
            "by": list(case.by),
            "window_seconds": case.window,
            "lag_seconds": case.lag,
            "time": "scheduled_departure",
            **({"known_at": list(case.known_at)} if case.known_at else {}),
            **({"over": list(case.over)} if case.over else {}),
        }
        for name, case in CASES.items()
    }
    (project.folder / "mlops" / "features" / "flight_features.py").write_text(
        f"SOURCE = 'flights'\nWINDOWS = {declared!r}\n", encoding="utf-8"
    )
    dataset = project.config["datasets"]["flights"]
    dataset["source"]["path"] = str(table)
    dataset["columns"] |= {"departed_at": {"type": "timestamp", "nullable": True}, "place": {"type": "integer"}}
    dataset["key"] = ["place"]
    project.config["predict_at"] = predict_at
    project.config["features"] = [
        {
            "name": name,
            "module": "flight_features",
            "kind": "window",
            "dtype": "float",
            "role": "numeric",
            "columns": ["arr_delay", *case.by],
        }
        for name, case in CASES.items()
    ]
    project.write()
    project.step("ingest", "features")
    names = ", ".join(f'"{name}"' for name in CASES)
    with duckdb.connect() as database:
        query = f"SELECT {names} FROM '{project.work}/features/features.parquet' ORDER BY place"
        found = database.execute(query).fetchnumpy()
    return {name: np.ma.filled(np.ma.asarray(values, dtype=float), np.nan) for name, values in found.items()}


def _raw(table: Path) -> dict[str, Array]:
    """The columns in the order of ``place``: times in microseconds, texts as numbers, what is missing as nan or -1."""
    micro = "CAST(epoch_us({0}) AS DOUBLE) AS {0}"
    numbers = ("arr_delay", "dep_delay", *(micro.format(name) for name in ("scheduled_departure", "departed_at")))
    texts = [f"coalesce(dense_rank() OVER (ORDER BY {name}), -1) AS {name}" for name in ("carrier", "origin", "dest")]
    with duckdb.connect() as database:
        query = f"SELECT {', '.join((*numbers, *texts))} FROM '{table}' ORDER BY place"
        found = database.execute(query).fetchnumpy()
    return {
        name: np.ma.filled(np.ma.asarray(values, dtype=float if "_" in name else int), np.nan if "_" in name else -1)
        for name, values in found.items()
    }


def expected(case: Case, raw: dict[str, Array], predict_at: str | None) -> Array:
    """The window of every row: the rows of its group, sorted by the moment from which each counts, cut at both ends."""
    time, lag = raw["scheduled_departure"], case.lag * MICRO
    moment = time.copy()
    for name in case.known_at:
        known = np.where(np.isnan(raw[name]), np.inf, raw[name] - lag)
        moment = np.where(np.isnan(time), np.nan, np.maximum(moment, known))
    asked = np.fmin(time, raw[predict_at]) if predict_at else time
    asked = np.where(np.isnan(time), np.nan, asked)
    groups = np.zeros(len(time), dtype=int)
    for name in case.by:
        groups = np.unique(groups * 1000 + raw[name], return_inverse=True)[1]
    found = np.full(len(time), np.nan)
    for group in range(groups.max() + 1):
        own = np.flatnonzero((groups == group) & ~np.isnan(time))
        past = own[np.argsort(moment[own], kind="stable")]
        low = np.searchsorted(moment[past], asked[own] - lag - case.window * MICRO, side="right")
        high = np.searchsorted(moment[past], asked[own] - lag, side="right" if lag else "left")
        with np.errstate(invalid="ignore", divide="ignore"):
            found[own] = case.reference({name: values[past] for name, values in raw.items()}, low, high)
    return found


def _require_agreement(project: Any, table: Path, predict_at: str | None, rows: int) -> None:
    computed, raw = windows_of(project, table, predict_at), _raw(table)
    timeless = np.isnan(raw["scheduled_departure"])
    assert timeless.any()
    for name, case in CASES.items():
        wanted = expected(case, raw, predict_at)
        assert len(wanted) == len(computed[name]) == rows
        assert np.array_equal(np.isnan(wanted), np.isnan(computed[name])), name
        np.testing.assert_allclose(computed[name], wanted, rtol=1e-9, atol=1e-9, err_msg=name)
        assert np.isnan(computed[name][timeless]).all(), name
    assert np.nanmax(computed["moment"]) == 0  # rows of the same moment never see one another


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("predict_at", [None, "departed_at"])
def test_windows_agree_with_brute_force_on_every_flight(flights: Any, flown: Path, predict_at: str | None) -> None:
    """Ties, missing times and groups, empty and endless windows, late-known values: all 336,776 rows are the same."""
    _require_agreement(flights, flown, predict_at, 336_776)


@pytest.mark.parametrize("predict_at", [None, "departed_at"])
def test_windows_agree_with_brute_force_on_a_tenth(flights: Any, flown: Path, predict_at: str | None) -> None:
    """The same on every tenth flight."""
    tenth = flown.with_name("tenth.parquet")
    with duckdb.connect() as database:
        database.execute(f"COPY (FROM '{flown}' WHERE place % 10 = 0) TO '{tenth}' (FORMAT parquet)")
    _require_agreement(flights, tenth, predict_at, 33_677)


def _tiny(rows: str, **window: Any) -> list[tuple[Any, Any]]:
    """Place and value of a window over the table of (place, key, moment, value) that is read from ``rows``."""
    declared = {"aggregate": "sum(value)", "by": ("key",), "lag_seconds": 0, "time": "moment"} | window
    query = windows.window_sql(modules.Window(**declared))
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE t AS FROM (VALUES {rows}) AS t (place, key, moment, value)")
        return database.execute(f"SELECT place, {query} FROM t ORDER BY place").fetchall()


@pytest.mark.parametrize(
    ("lag", "expected_sums"),
    [(0, [None, 1, 2, 0]), (1, [None, 1, 3, 2]), (2, [None, None, 1, 3])],
)
def test_window_is_open_below_and_closed_above(lag: int, expected_sums: list[int | None]) -> None:
    """Of rows a second apart: what is just the lag old counts, what is lag and window old does not."""
    values = {1: 1, 2: 2, 3: 0, 4: 0}
    at = "TIMESTAMP '2013-01-01' + to_seconds({})"
    rows = ", ".join(f"({place}, 'a', {at.format(place)}, {value})" for place, value in values.items())
    found = _tiny(rows, window_seconds=2, lag_seconds=lag)
    assert [value for _, value in found] == expected_sums


def test_window_of_a_missing_key_is_one_of_its_own() -> None:
    """Rows without a key belong together, as they do in the store; a row without a time sees and shows nothing."""
    day = "TIMESTAMP '2013-01-0{}'"
    rows = [("NULL", 1), ("'a'", 1), ("NULL", 2), ("'a'", 2)]
    table = [f"({place}, {key}, {day.format(at)}, {place})" for place, (key, at) in enumerate(rows)]
    found = _tiny(", ".join([*table, "(4, NULL, NULL, 100)"]), window_seconds=9 * DAY)
    assert found == [(0, None), (1, None), (2, 0), (3, 1), (4, None)]


def test_windows_count_elapsed_time_across_daylight_saving(flights: Any) -> None:
    """When the clocks of New York go back, half past one comes twice, an hour apart: as far as the offsets say."""
    clock = ["2013-11-03T00:30:00-04:00", "2013-11-03T01:30:00-04:00", "2013-11-03T01:30:00-05:00"]
    clock.append("2013-11-03T02:30:00-05:00")
    lines = [f"f{place},{at},UA,JFK,BOS,1,1,{10**place}" for place, at in enumerate(clock)]
    head = "flight_id,scheduled_departure,carrier,origin,dest,distance,dep_delay,arr_delay"
    (flights.folder / "data" / "few.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    flights.config["datasets"]["flights"]["source"] = {"kind": "csv", "path": "data/few.csv"}
    flights.write()
    module = flights.folder / "mlops" / "features" / "flight_features.py"
    text = module.read_text(encoding="utf-8").replace("AVG(", "SUM(")
    text = text.replace('"window_seconds": 604800, "lag_seconds": 86400', '"window_seconds": 7200, "lag_seconds": 3600')
    module.write_text(text, encoding="utf-8")
    flights.step("ingest", "features")
    found = flights.rows("SELECT carrier_delay_7d FROM 'features/features.parquet' ORDER BY flight_id")
    assert found == [(None,), (1.0,), (11.0,), (110.0,)]


def test_latest_value_is_what_a_row_of_that_moment_gets(flown: Path) -> None:
    """The store has, for every group that ever was, what the batch gives a new row of the last moment."""
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE flights AS FROM '{flown}' WHERE place % 10 = 0")
        for name, case in CASES.items():
            window = modules.Window(
                aggregate=case.aggregate,
                by=case.by,
                window_seconds=case.window,
                lag_seconds=case.lag,
                time="scheduled_departure",
                known_at=case.known_at,
                over=case.over,
            )
            by = "".join(f"{column}, " for column in case.by)
            module = modules.FeatureModule(name="m", source="flights", sql={}, windows={"f": window}, online={})
            (group,) = store_latest.compute(database, module, {"f": "integer"})
            latest = database.execute(f"FROM {group.table}").fetchall()
            newest = "(SELECT max(scheduled_departure) FROM flights) AS scheduled_departure, -1 AS place"
            database.execute(f"CREATE OR REPLACE TEMP TABLE asked AS SELECT DISTINCT {by}{newest} FROM flights")
            values = f"SELECT place, {by}{windows.window_sql(window)} AS value"
            every = "(FROM flights UNION ALL BY NAME FROM asked)"
            found = database.execute(f"FROM ({values} FROM {every}) WHERE place = -1").fetchall()
            assert group.moment == duck_value(database, "SELECT max(scheduled_departure) FROM flights")
            stored = {row[:-1]: row[-1] for row in latest}
            wanted = {row[1:-1]: row[-1] for row in found}
            assert len(stored) == len(latest) == len(wanted), name
            for entity, value in wanted.items():
                assert stored[entity] == (value if value is None else pytest.approx(value, rel=1e-9, nan_ok=True)), (
                    name,
                    entity,
                )


def duck_value(database: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The only value of a query."""
    return database.execute(query).fetchall()[0][0]
