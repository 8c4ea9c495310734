# mypy: disable-error-code="import-untyped, import-not-found"
"""Two ways into a database: ADBC, which hands over Arrow, and SQLAlchemy, which knows every other database."""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..core import duck, paths
from ..core.environment import without_secrets

PORTION = 20_000  # rows that are in memory at a time
ROWS = "mlops_rows"
ADBC = {"postgresql": "adbc_driver_postgresql", "postgres": "adbc_driver_postgresql"}
PSYCOPG = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class Failure(Exception):  # noqa: N818 - what a driver said; whoever asked makes a message of it
    """A driver could not do what it was asked to."""


class Portion(NamedTuple):
    """Some rows of an answer, and the largest value of the cursor among them."""

    rows: Any  # pyarrow.RecordBatch
    largest: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query gives: its columns, and its rows as they arrive."""

    schema: Any  # pyarrow.Schema
    portions: Iterator[Portion]


class Link(Protocol):
    """An open connection."""

    def answer(self, query: str, cursor: str | None) -> Answer:
        """Ask; Failure when the query is wrong, and from the portions when the connection breaks."""

    def quoted(self, name: str) -> str:
        """A column's name as the database writes it."""

    def close(self) -> None:
        """End the connection."""


def open_link(url: str) -> Link:
    """A connection to ``url``: ADBC where its driver is installed, unless the address names another one."""
    scheme, _, rest = url.partition("://")
    driver = ADBC.get(scheme)
    if driver and importlib.util.find_spec(driver) is not None:
        return AdbcLink(link=_adbc(driver, url))
    if scheme in PSYCOPG and importlib.util.find_spec("psycopg2") is None:
        url = f"{PSYCOPG[scheme]}://{rest}"
    if scheme.split("+")[0] == "sqlite":
        url = _sqlite(scheme, rest)
    return SqlAlchemyLink(engine=_engine(url))


def newer(link: Link, query: str, cursor: str, after: object) -> str:
    """The rows of ``query`` from the value ``after`` of the cursor on."""
    return f"SELECT * FROM ({query}) AS {ROWS} WHERE {link.quoted(cursor)} >= {literal(after)}"


def first(link: Link, query: str) -> tuple[Any, ...]:
    """The first row of an answer."""
    for portion in link.answer(query, None).portions:
        for row in zip(*(column.to_pylist() for column in portion.rows.columns), strict=True):
            return row
    return ()


def literal(value: object) -> str:
    """A value of a cursor as SQL writes it; quotes let the database take it for the type of its column."""
    return str(value) if isinstance(value, int | float | Decimal) else duck.literal(str(text_of(value)))


def text_of(value: object) -> str | None:
    """A value as text that the declared types read back without loss."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        moment = value if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


# --- ADBC --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AdbcLink:
    """A connection of an ADBC driver."""

    link: Any

    def answer(self, query: str, cursor: str | None) -> Answer:
        """The rows as the driver streams them; what Parquet cannot hold becomes text."""
        import pyarrow as pa  # noqa: PLC0415 - only SQL sources need it

        asked = self.link.cursor()
        with failures():
            asked.execute(query)
            reader = asked.fetch_record_batch()
        fields = [pa.field(field.name, _kept_type(field.type)) for field in reader.schema]
        schema = pa.schema(fields)
        return Answer(schema=schema, portions=_arrow_portions(asked, reader, schema, cursor))

    def quoted(self, name: str) -> str:
        """In double quotes."""
        return duck.name(name)

    def close(self) -> None:
        """End the connection, whatever state it is in."""
        with suppress(Exception):  # a broken connection cannot be closed properly
            self.link.close()


def _arrow_portions(asked: Any, reader: Any, schema: Any, cursor: str | None) -> Iterator[Portion]:
    import pyarrow as pa  # noqa: PLC0415 - only SQL sources need it
    import pyarrow.compute as pc  # noqa: PLC0415

    place = schema.names.index(cursor) if cursor in schema.names else None
    with failures():
        for batch in reader:
            columns = [_kept(column, field.type) for column, field in zip(batch.columns, schema, strict=True)]
            largest = None if place is None else pc.max(columns[place]).as_py()
            yield Portion(rows=pa.RecordBatch.from_arrays(columns, schema=schema), largest=largest)
        asked.close()  # not before: the rows end with it


def _adbc(driver: str, url: str) -> Any:
    module = importlib.import_module(f"{driver}.dbapi")
    with failures():
        return module.connect(url)


def _kept_type(kind: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - only SQL sources need it

    plain = (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_timestamp(kind)
        or pa.types.is_date(kind)
        or pa.types.is_decimal(kind)
    )
    return kind if plain else pa.string()


def _kept(column: Any, kind: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - only SQL sources need it

    if column.type == kind:
        return column
    inside = getattr(column, "storage", column)
    if pa.types.is_string(inside.type) or pa.types.is_large_string(inside.type):
        return inside.cast(kind)
    return pa.array([text_of(value) for value in column.to_pylist()], kind)


# --- SQLAlchemy --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlAlchemyLink:
    """An engine of SQLAlchemy; every value becomes text, since a driver's values have no type until they arrive."""

    engine: Any

    def answer(self, query: str, cursor: str | None) -> Answer:
        """The rows through a cursor of the server's, where it has one."""
        import pyarrow as pa  # noqa: PLC0415 - only SQL sources need it

        with failures():
            options = {"stream_results": True, "yield_per": PORTION, "no_parameters": True}
            link = self.engine.connect().execution_options(**options)
            result = link.exec_driver_sql(query)
            names = list(result.keys())
        schema = pa.schema([(name, pa.string()) for name in names])
        place = names.index(cursor) if cursor in names else None
        return Answer(schema=schema, portions=_portions(link, result, schema, place))

    def quoted(self, name: str) -> str:
        """As the dialect quotes it."""
        return str(self.engine.dialect.identifier_preparer.quote_identifier(name))

    def close(self) -> None:
        """End the connection, whatever state it is in."""
        with suppress(Exception):  # a broken connection cannot be closed properly
            self.engine.dispose()


def _portions(link: Any, result: Any, schema: Any, place: int | None) -> Iterator[Portion]:
    import pyarrow as pa  # noqa: PLC0415 - only SQL sources need it

    try:
        while True:
            with failures():
                rows = result.fetchmany(PORTION)
            if not rows:
                return
            columns = [pa.array([text_of(row[at]) for row in rows], pa.string()) for at in range(len(schema.names))]
            values = [] if place is None else [row[place] for row in rows if row[place] is not None]
            yield Portion(rows=pa.RecordBatch.from_arrays(columns, schema=schema), largest=max(values, default=None))
    finally:
        with suppress(Exception):
            link.close()


def _engine(url: str) -> Any:
    import sqlalchemy  # noqa: PLC0415 - only SQL sources need it

    with failures():
        return sqlalchemy.create_engine(url)


def _sqlite(scheme: str, rest: str) -> str:
    """A file of the project, opened for reading: SQLite would make an empty database of a wrong name."""
    file = Path(paths.root() / rest.removeprefix("/").partition("?")[0])
    if not file.is_file():
        message = f"{file} does not exist"
        raise Failure(message)
    return f"{scheme}:///{file.as_uri()}?mode=ro&uri=true"


@contextmanager
def failures() -> Iterator[None]:
    """What drivers and Arrow raise as Failure, in one line; a package that is missing stays what it is."""
    try:
        yield
    except (Failure, ModuleNotFoundError):
        raise
    except Exception as error:  # every driver has failures of its own, and Arrow passes some on as OSError
        raise Failure(_reason(error)) from error


def _reason(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return without_secrets(lines[0], "")
