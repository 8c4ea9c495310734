"""A parameter that the estimator does not have, or a value that it does not take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...catalogue import Estimator, Parameter
from ...diagnostics import Finding, Mark
from ...model.models import SearchSpace, Train, Tune
from ...model.resolved import Project
from ...model.values import valid_items
from ...resolve.tasks import estimator_of
from ...source import YamlPath
from ...suggest import renamed, suggest
from ..base import Check, Surroundings
from ..sections import specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every parameter, fixed or tuned, that the estimator would refuse."""
    for model in specs(project):
        estimator, train, tune = estimator_of(model), model.train, model.tune
        fixed = train.params if isinstance(train, Train) else {}
        if isinstance(tune, Tune):
            for name, space in valid_items(tune.space):
                yield from _space(name, space)
                if estimator is not None:
                    yield from _known(estimator, name, space.path, _samples(space))
        if estimator is not None and isinstance(train, Train):
            for name, value in fixed.items():
                yield from _known(estimator, name, (*train.path, "params", name), [value])


def _known(estimator: Estimator, name: str, path: YamlPath, values: list[Any]) -> Iterator[Finding]:
    short = estimator.path.rpartition(".")[2]
    parameter = estimator.parameters.get(name)
    if parameter is None and estimator.closed:
        near = suggest(name, estimator.parameters)
        yield Finding(
            message=f"'{short}' has no parameter '{name}'",
            mark=Mark(path=path),
            fix=renamed(Mark(path=path), name, estimator.parameters),
            help=f"did you mean '{near}'?" if near else f"it has: {', '.join(estimator.parameters)}",
        )
    wrong = [value for value in values if parameter is not None and not _takes(parameter, value)]
    if parameter is not None and wrong:
        yield Finding(
            message=f"'{name}' of '{short}' does not take {wrong[0]!r}",
            mark=Mark(path=path, at="value"),
            help=_taken(parameter),
        )


def _samples(space: SearchSpace) -> list[Any]:
    if space.kind == "choice":
        return list(space.choices)
    return [int(space.low or 0)] if space.kind == "int" else [(space.low or 0.0) + 0.5]


def _takes(parameter: Parameter, value: Any) -> bool:
    kinds = set(parameter.kinds)
    if "any" in kinds:
        return True
    if isinstance(value, bool):
        return "boolean" in kinds
    if value is None:
        return "null" in kinds
    if isinstance(value, str):
        return "string" in kinds and (not parameter.options or value in parameter.options)
    if isinstance(value, int):
        return bool(kinds & {"integer", "number"})
    return not isinstance(value, float) or "number" in kinds


def _taken(parameter: Parameter) -> str:
    words = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "null": "null"}
    options = list(parameter.options) or (["a string"] if "string" in parameter.kinds else [])
    return f"it takes {', '.join([*(words[kind] for kind in parameter.kinds if kind in words), *options])}"


def _space(name: str, space: SearchSpace) -> Iterator[Finding]:
    if space.low is not None and space.high is not None and space.low >= space.high:
        yield Finding(
            message=f"the range of '{name}' is empty: {space.low:g} is not below {space.high:g}",
            mark=Mark(path=space.path),
            help="the smaller number comes first",
        )
    if space.log and space.low is not None and space.low <= 0:
        yield Finding(
            message=f"a logarithmic range begins above zero, '{name}' at {space.low:g}",
            mark=Mark(path=space.path),
            help="begin with a small positive number, or leave log out",
        )


CHECK = Check(
    code="MLC405",
    title="parameter does not fit",
    explanation="Parameters are checked against the estimator's own signature, so that a training job does not fail "
    "on a typo after an hour of features.",
    run=find,
)
