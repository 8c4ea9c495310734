"""Columns that wait for each other."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.data import Column, Dataset
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import columns, datasets


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every cycle of ``known_at``, once."""
    for dataset in datasets(project):
        seen: set[str] = set()
        for column in columns(dataset):
            cycle = cycle_from(dataset, column)
            if cycle and not seen & set(cycle):
                seen |= set(cycle)
                yield _finding(dataset, cycle)


def cycle_from(dataset: Dataset, start: Column) -> list[str]:
    """The names from ``start`` back to it; empty where the chain ends."""
    chain, column = [start.name], start
    while column.known_at is not None:
        following = dataset.columns.get(column.known_at.name)
        if not isinstance(following, Column):
            return []
        if following.name in chain:
            return chain if following.name == start.name else []
        chain.append(following.name)
        column = following
    return []


def _finding(dataset: Dataset, cycle: list[str]) -> Finding:
    paths = [(*dataset.columns[name].path, "known_at") for name in cycle]
    marks = [Mark(path=path, text=f"'{name}' waits here", at="value") for name, path in zip(cycle, paths, strict=True)]
    around = " → ".join(f"'{name}'" for name in (*cycle, cycle[0]))
    return Finding(
        message=f"columns of '{dataset.name}' wait for each other: {around}",
        mark=Mark(path=marks[0].path, text="the circle begins here", at="value"),
        related=tuple(marks[1:]),
        help="known_at names a timestamp column that says when the value arrived, and waits for nothing itself",
    )


CHECK = Check(
    code="MLC310",
    title="cyclic definition",
    explanation="`known_at` names the column that holds the moment from which a value is known. Two columns that wait "
    "for each other are never known.",
    run=find,
)
