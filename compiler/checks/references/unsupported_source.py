"""A path of a source that the generated code cannot open."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Edit, Finding, Mark
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import datasets

SCHEMES = ("s3", "gs", "gcs", "az", "abfs", "http", "https", "file")
MEANT = {"s3a": "s3", "s3n": "s3", "minio": "s3", "abfss": "abfs", "adl": "az", "azure": "az", "wasb": "az"}
"""Schemes of other tools, and what stands for the same place here."""

SURE = ("s3a", "s3n")


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every scheme that nothing opens, and every address that names no object."""
    for dataset in datasets(project):
        source = dataset.source
        if not is_valid(source) or "://" not in (source.location or "") or (source.location or "").startswith("${"):
            continue
        scheme, _, rest = (source.location or "").partition("://")
        written = (*source.path, "path")
        mark = Mark(path=written if surroundings.written(written) else source.path, at="value")
        near = MEANT.get(scheme.lower(), scheme.lower() if scheme.lower() in SCHEMES else None)
        if scheme not in SCHEMES:
            yield Finding(
                message=f"nothing opens '{scheme}://': unsupported source",
                mark=mark,
                help=f"write: {near}://{rest}" if near else f"what works: a path, {', '.join(SCHEMES)}, or kind: sql",
                fix=(Edit(mark=mark, value=f"{near}://{rest}"),) if near == scheme.lower() or scheme in SURE else (),
            )
        elif not rest.strip("/"):
            yield Finding(
                message=f"'{source.location}' names no place",
                mark=mark,
                help=f"such as: {scheme}://your-bucket/{dataset.name}.parquet",
            )


CHECK = Check(
    code="MLC224",
    title="unsupported source",
    explanation="Files are read from the project folder, from the object stores of Amazon, Google and Azure, and over "
    "HTTP; what each of them needs is among the generated requirements. A database has `kind: sql` and a `url`.",
    run=find,
)
