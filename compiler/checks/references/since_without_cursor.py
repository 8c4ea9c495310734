"""A source that reads what is new, and nothing that says what that is."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import columns, datasets

ORDERED = ("timestamp", "date", "integer")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every ``since`` of a dataset that has neither a time nor a cursor."""
    for dataset in datasets(project):
        source = dataset.source
        if not is_valid(source) or source.since is None or source.cursor is not None or dataset.time is not None:
            continue
        if surroundings.written((*dataset.path, "time")) or surroundings.written((*source.path, "cursor")):
            continue  # which could not be read, and has been reported
        able = [column.name for column in columns(dataset) if column.type in ORDERED and not column.nullable]
        yield Finding(
            message=f"nothing says which rows of '{dataset.name}' are new",
            mark=Mark(path=(*source.path, "since"), text="reads only those"),
            help=f"name the column that grows: time: {able[0]}"
            if able
            else "declare a timestamp, and name it: time: …",
        )


CHECK = Check(
    code="MLC220",
    title="since without a time",
    explanation="`since: last_run` reads the rows that lie behind the last one of the run before, by the `time` of the "
    "dataset or by the `cursor` of its source. Without either, new and old rows cannot be told apart.",
    run=find,
)
