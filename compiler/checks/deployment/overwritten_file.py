"""A batch that writes over something else."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from ...diagnostics import Finding, Mark
from ...model.data import Source
from ...model.models import Batch
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import datasets, specs


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every output of a batch that is a dataset, or the output of another batch."""
    sources = {}
    for dataset in datasets(project):
        source = dataset.source
        if isinstance(source, Source) and source.location is not None:
            path = (*source.path, "path")
            sources[_plain(source.location)] = dataset, path if surroundings.written(path) else source.path
    first: dict[str, Batch] = {}
    for model in specs(project):
        batch = model.deploy.batch
        if not isinstance(batch, Batch):
            continue
        output, mark = _plain(batch.output), Mark(path=(*batch.path, "output"), at="value")
        if output in sources:
            dataset, path = sources[output]
            yield Finding(
                message=f"the batch of '{model.name}' writes over the dataset '{dataset.name}'",
                mark=mark,
                related=(Mark(path=path, text=f"'{dataset.name}' is read from here", at="value"),),
                help=f"write it elsewhere: output: predictions/{model.name}.parquet",
            )
        other = first.setdefault(output, batch)
        if other is not batch:
            yield Finding(
                message=f"two batches write '{batch.output}'",
                mark=mark,
                related=(Mark(path=(*other.path, "output"), text="the other one", at="value"),),
                help=f"give each its own: output: predictions/{model.name}.parquet",
            )


def _plain(path: str) -> str:
    return path if "://" in path else normpath(path)


CHECK = Check(
    code="MLC620",
    title="batch that writes over a file",
    explanation="A batch replaces its output each time. Where that is the file that a dataset is read from, the rows "
    "are gone after the first run; where another batch writes it as well, the last one wins.",
    run=find,
)
