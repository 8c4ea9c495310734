"""A drift method that cannot compare a column."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings
from ..sections import monitors

FOR_NUMBERS = ("ks", "wasserstein")


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every column that a monitor names and its method cannot take."""
    for monitor in monitors(project):
        if monitor.model is None or monitor.spec.kind != "data-drift":
            continue
        roles = {prepared.feature.name: prepared.role for prepared in monitor.model.features}
        for name in monitor.spec.columns or ():
            role = roles.get(name.name)
            if role == "categorical" and monitor.spec.method in FOR_NUMBERS:
                yield _finding(
                    name.name, monitor.spec.method, "numbers", Mark(path=name.path, at="value"), "psi or chi2"
                )
            if role == "numeric" and monitor.spec.method == "chi2":
                yield _finding(name.name, "chi2", "categories", Mark(path=name.path, at="value"), "psi or ks")


def _finding(name: str, method: str, wanted: str, mark: Mark, instead: str) -> Finding:
    return Finding(message=f"'{method}' compares {wanted}, and '{name}' has none", mark=mark, help=f"use {instead}")


CHECK = Check(
    code="MLC506",
    title="drift method does not fit the column",
    explanation="The Kolmogorov-Smirnov and Wasserstein distances compare numbers, chi-squared compares categories, "
    "and the population stability index compares both.",
    run=find,
)
