"""A source whose kind is not what the ending of its files says."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Edit, Finding, Mark
from ...model.data import Source
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import datasets

ENDINGS = {
    ".csv": "csv",
    ".csv.gz": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
FOREIGN = (".xlsx", ".xls", ".ods", ".feather", ".arrow", ".avro", ".orc", ".pkl", ".pickle", ".h5", ".zip", ".db")
"""What no reader of the generated code opens, whatever ``kind`` says."""


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every file whose ending belongs to another kind, and a database address whose ``$NAME`` nothing replaces."""
    for dataset in datasets(project):
        source = dataset.source
        if not isinstance(source, Source) or source.location is None:
            continue
        place = (*source.path, "kind")
        if not surroundings.written(place):
            continue
        name = source.location.lower()
        kind = next((kind for ending, kind in ENDINGS.items() if name.endswith(ending)), None)
        foreign = next((ending for ending in FOREIGN if name.endswith(ending)), None)
        located = Mark(path=(*source.path, "path"), text="its ending", at="value")
        if kind is not None and kind != source.kind:
            yield Finding(
                message=f"'{source.location}' is read as {source.kind}, and its ending says {kind}",
                mark=Mark(path=place, text="the kind", at="value"),
                related=(located,),
                help=f"write: kind: {kind}",
                fix=(Edit(mark=Mark(path=place, at="value"), value=kind),),
            )
        elif foreign is not None:
            yield Finding(
                message=f"'{source.location}' cannot be read: {foreign} is neither CSV, Parquet nor JSON",
                mark=located,
                help="export it to CSV or Parquet, and name that file",
            )


CHECK = Check(
    code="MLC330",
    title="kind of source that does not fit the file",
    explanation="`kind` decides which reader opens the files. A Parquet file that is read as CSV, or a workbook, stops "
    "the first step of every training: files are looked into before their rows are believed.",
    run=find,
)
