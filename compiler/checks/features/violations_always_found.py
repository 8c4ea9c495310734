"""A check by SQL that finds a violation in every table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...model.values import is_valid
from ..base import Check, Surroundings
from ..sections import datasets

COUNTED = re.compile(r"\s*select\s+(count|sum|avg|min|max|bool_or|bool_and)\s*\(", re.IGNORECASE)
GROUPED = re.compile(r"\b(group\s+by|having|over\s*\(|from\s*\()", re.IGNORECASE)


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every query of violations that aggregates all rows: its one row counts as one violation, whatever it says."""
    for dataset in datasets(project):
        for check in dataset.checks:
            if not is_valid(check) or check.violations is None:
                continue
            text = check.violations.text
            found = COUNTED.match(text)
            if found is not None and not GROUPED.search(text):
                yield Finding(
                    message=f"the check finds a violation in every table: '{found[1].lower()}' gives one row",
                    mark=Mark(path=check.violations.path, text="each row is a violation", at="value"),
                    help=f"select the rows that are wrong: select * from {dataset.name} where …",  # noqa: S608  (words, not run)
                )


CHECK = Check(
    code="MLC332",
    title="violations that are always found",
    explanation="A check of kind `sql` selects what is wrong: each row that comes back is a violation. An aggregate "
    "over the whole table always gives one row, even when it counts none, so that the check fails for every table.",
    run=find,
)
