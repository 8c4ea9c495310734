# mypy: disable-error-code="import-untyped, import-not-found"
"""The rows of a query, written to a Parquet file as they arrive: by ADBC where there is a driver, else SQLAlchemy."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.config import Source
from ..core.environment import expand, without_secrets
from ..core.errors import StepError
from ..core.files import replacing
from . import drivers
from .drivers import Failure, Link

ATTEMPTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a query gave: its file, all columns that it has, and the largest value of the cursor."""

    file: Path
    names: tuple[str, ...]
    last: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a database, and where its answer goes."""

    source: Source
    label: str
    names: Sequence[str]  # of the columns that are kept
    target: Path
    after: object = None  # value of the cursor from which on rows are wanted


class BrokenOffError(Exception):
    """Rows stopped arriving."""

    def __init__(self, rows: int, reason: str) -> None:
        super().__init__(f"the rows stopped coming after {rows:,}: {reason}")


def read(question: Question) -> Answer:
    """Write the answer to its target.

    When the rows stop half-way the query is asked once more, from the beginning. StepError when they stop again, when
    the database cannot be reached, and when the query is wrong. Nothing but a whole answer is ever at ``target``.
    """
    source, attempt = question.source, 1
    while True:
        try:
            with _link(source, question.label) as link:
                return _write(link, question)
        except BrokenOffError as broken:
            what = f"dataset '{question.label}': {without_secrets(str(broken), source.url or '')}"
            if attempt == ATTEMPTS:
                hint = "none of them was kept: run the step again; with 'since' it reads large tables bit by bit"
                raise StepError(what, hint) from broken
            print(f"{what}\nasking once more", file=sys.stderr)
            attempt += 1


def ask(source: Source, label: str, query: str) -> tuple[Any, ...]:
    """The first row of a query of ours, in which {rows} stands for those of the source and {cursor} for its cursor."""
    with _link(source, label) as link:
        rows = f"({_text(source)}) AS {drivers.ROWS}"
        return drivers.first(link, query.format(rows=rows, cursor=link.quoted(str(source.cursor))))


@contextmanager
def _link(source: Source, label: str) -> Iterator[Link]:
    """A connection; whatever fails but the flow of the rows is a message."""
    link = None
    try:
        link = drivers.open_link(expand(source.url or "", f"dataset '{label}'"))
        yield link
    except ModuleNotFoundError as error:
        hint = "install the generated requirements; project.requirements names drivers that they do not know"
        raise StepError(f"dataset '{label}': the package '{error.name}' is not installed", hint) from error
    except Failure as error:
        reason = without_secrets(str(error), source.url or "")
        raise StepError(f"dataset '{label}': the query failed: {reason}", "check 'url' and 'query'") from error
    finally:
        if link is not None:
            link.close()


def _text(source: Source) -> str:
    return (source.query or "").strip().rstrip(";")


def _write(link: Link, question: Question) -> Answer:
    import pyarrow as pa  # noqa: PLC0415 - only SQL sources need it
    import pyarrow.parquet as pq  # noqa: PLC0415

    source, query = question.source, _text(question.source)
    if question.after is not None:
        query = drivers.newer(link, query, str(source.cursor), question.after)
    answer = link.answer(query, source.cursor)
    every = answer.schema.names
    kept = [name for name in dict.fromkeys(question.names) if name in every] or every[:1]
    twice = next((name for name in kept if every.count(name) > 1), None)
    if twice:
        message = f"dataset '{question.label}': the query gives two columns '{twice}'"
        raise StepError(message, "name each of them apart, with as")
    rows, last = 0, None
    narrow = pa.schema([answer.schema.field(name) for name in kept])
    with replacing(question.target) as temporary, pq.ParquetWriter(temporary, narrow) as writer:
        try:
            for portion in answer.portions:
                writer.write_batch(portion.rows.select(kept))
                rows += portion.rows.num_rows
                seen = [value for value in (last, portion.largest) if value is not None]
                last = max(seen, default=None)
        except Failure as error:
            raise BrokenOffError(rows, str(error)) from error
    return Answer(file=question.target, names=tuple(every), last=last)
