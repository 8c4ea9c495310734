"""A parameter that the estimator does not have, or a value that it does not take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...catalogue import Estimator, Parameter
from ...diagnostics import Edit, Finding, Mark
from ...model.models import SearchSpace, Train, Tune
from ...model.resolved import Project
from ...model.values import valid_items
from ...resolve.tasks import estimator_of
from ...source import YamlPath
from ...suggest import certain, renamed, suggest
from ..base import Check, Surroundings
from ..sections import specs

FEW = 2


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every parameter, fixed or tuned, that the estimator would refuse."""
    for model in specs(project):
        estimator, train, tune = estimator_of(model), model.train, model.tune
        fixed = train.params if isinstance(train, Train) else {}
        if isinstance(tune, Tune):
            for name, space in valid_items(tune.space):
                yield from _space(name, space)
                if estimator is not None:
                    yield from _searched(estimator, name, space)
        if estimator is not None and isinstance(train, Train):
            for name, value in fixed.items():
                yield from _known(estimator, name, (*train.path, "params", name), value)


def _known(estimator: Estimator, name: str, path: YamlPath, value: Any) -> Iterator[Finding]:
    parameter = estimator.parameters.get(name)
    if parameter is None:
        yield from _unknown(estimator, name, path)
    elif not parameter.takes(value):
        right = _meant(parameter, value)
        place = Mark(path=path, at="value")
        yield Finding(
            message=f"'{name}' of '{short(estimator)}' does not take {value!r}",
            mark=place,
            help=_taken(parameter) if right is None else f"write: {name}: {yaml_word(right)}",
            fix=() if right is None else (Edit(mark=place, value=right),),
        )


def _unknown(estimator: Estimator, name: str, path: YamlPath) -> Iterator[Finding]:
    if estimator.closed:
        near = suggest(name, estimator.parameters)
        yield Finding(
            message=f"'{short(estimator)}' has no parameter '{name}'",
            mark=Mark(path=path),
            help=f"did you mean '{near}'?" if near else f"it has: {', '.join(estimator.parameters)}",
            fix=renamed(Mark(path=path), name, estimator.parameters),
        )


def _meant(parameter: Parameter, value: Any) -> Any:
    """The same value as the parameter takes it, such as 200 of ``"200"`` or 200.0; None where that is not certain."""
    tried: list[Any] = []
    if isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer():
        tried = [int(value), float(value)]
    elif isinstance(value, str):
        number = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?", value, re.IGNORECASE)
        words = {"true": True, "false": False}
        tried = [float(value) if number[1] or number[2] else int(value)] if number else []
        tried += [words[value.lower()]] if value.lower() in words else []
        near = certain(value, parameter.options)
        tried += [near] if near else []
    return next((right for right in tried if parameter.takes(right)), None)


def _taken(parameter: Parameter) -> str:
    words = {"boolean": "true or false", "null": "null", "collection": "a list or a mapping"}
    plain = {"integer": "a whole number", "number": "a number", **words}
    shown = {} if parameter.ranges else plain
    numbers = [str(found) for found in parameter.ranges]
    options = list(parameter.options) or (["a string"] if "string" in parameter.kinds else [])
    said = [*numbers, *((shown or words)[kind] for kind in parameter.kinds if kind in (shown or words)), *options]
    return f"it takes {' or '.join(said) if len(said) <= FEW else ', '.join(said)}"


def _searched(estimator: Estimator, name: str, space: SearchSpace) -> Iterator[Finding]:
    """A search that would try what the estimator refuses, at either end or among its choices."""
    parameter = estimator.parameters.get(name)
    if parameter is None:
        yield from _unknown(estimator, name, space.path)
    elif space.kind == "choice":
        wrong = [(i, value) for i, value in enumerate(space.choices) if not parameter.takes(value)]
        for index, value in wrong[:1]:
            yield from _known(estimator, name, (*space.path, "choice", index), value)
    elif space.low is not None and space.high is not None:
        yield from _range(estimator, name, parameter, space)


def _range(estimator: Estimator, name: str, parameter: Parameter, space: SearchSpace) -> Iterator[Finding]:
    low, high = space.low or 0, space.high or 0
    place = (*space.path, space.kind)
    if space.kind == "float" and not parameter.takes(_between(low, high)) and "number" not in parameter.kinds:
        whole = "integer" in parameter.kinds and float(low).is_integer() and float(high).is_integer()
        sure = whole and isinstance(low, int) and isinstance(high, int)
        yield Finding(
            message=f"'{name}' of '{short(estimator)}' takes no fractions, and the search tries them",
            mark=Mark(path=place),
            help=f"write: int: [{low:g}, {high:g}]" if whole else _taken(parameter),
            fix=(Edit(mark=Mark(path=place), value="int"),) if sure else (),
        )
        return
    for index, end in enumerate((low, high)):
        tried = int(end) if space.kind == "int" else float(end)
        if space.log and tried <= 0:
            return  # said of the logarithm
        if not parameter.takes(tried):
            yield Finding(
                message=f"'{name}' of '{short(estimator)}' does not take {tried!r}, an end of the search",
                mark=Mark(path=(*place, index), at="value"),
                help=_taken(parameter),
            )
            return


def _between(low: float, high: float) -> float:
    middle = (low + high) / 2
    return middle + 0.25 if float(middle).is_integer() else middle


def short(estimator: Estimator) -> str:
    """The name of an estimator's class."""
    return estimator.path.rpartition(".")[2]


def yaml_word(value: Any) -> str:
    """A scalar as YAML writes it."""
    return str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)


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
    explanation="Parameters are checked against the estimator's own signature and the values that its library accepts, "
    "both ends of a search too, so that a training job does not fail on a typo after an hour of features.",
    run=find,
)
