"""Personal data that is kept from run to run, and leaves the machine with the state."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import columns, datasets


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every personal column of a source with ``since``; the first of each dataset stands for all."""
    for dataset in datasets(project):
        source = dataset.source
        personal = [column for column in columns(dataset) if column.pii]
        if is_valid(source) and source.since is not None and personal:
            names = ", ".join(f"'{column.name}'" for column in personal)
            yield Finding(
                message=f"personal data of '{dataset.name}' is kept from run to run, and goes to the storage: {names}",
                mark=Mark(path=(*source.path, "since"), text="keeps the rows"),
                related=(Mark(path=personal[0].path, text="personal data"),),
                help="remove 'since', or the column; or see to it that the storage is private and forgets what it must",
            )


CHECK = Check(
    code="MLC223",
    title="personal data that is kept",
    explanation="A source with `since` keeps the rows of all runs in the home, which `state push` puts into the "
    "storage: by default the repository's own container registry. A row that the database deletes stays there.",
    severity=Severity.WARNING,
    run=find,
)
