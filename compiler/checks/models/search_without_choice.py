"""A search that has nothing to find."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.models import SearchSpace, Tune
from ...model.resolved import Project
from ...model.values import valid_items
from ..base import Check, Surroundings
from ..sections import specs


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every search with a single trial, with more trials than combinations, or over a single value."""
    for model in specs(project):
        if isinstance(model.tune, Tune):
            spaces = valid_items(model.tune.space)
            single = [(name, space) for name, space in spaces if _count(space) == 1]
            yield from (_single(name, space) for name, space in single)
            if not single and len(spaces) == len(model.tune.space):
                yield from _trials(model.tune, [space for _, space in spaces], surroundings)


def _single(name: str, space: SearchSpace) -> Finding:
    return Finding(
        message=f"the search has nothing to choose for '{name}'",
        mark=Mark(path=(*space.path, "choice"), text="one value"),
        help=f"give it to train instead: params: {{{name}: {_yaml(space.choices[0])}}}",
    )


def _yaml(value: object) -> str:
    return (
        {True: "true", False: "false", None: "null"}.get(value, str(value))
        if isinstance(value, bool | None)
        else str(value)
    )


def _trials(tune: Tune, spaces: list[SearchSpace], surroundings: Surroundings) -> Iterator[Finding]:
    combinations = math.prod(_count(space) for space in spaces)
    place = (*tune.path, "trials")
    mark = Mark(path=place if surroundings.written(place) else tune.path)
    if tune.trials == 1 and combinations > 1:
        yield Finding(
            message="a search with one trial compares nothing",
            mark=mark,
            help="write: trials: 20, or leave 'tune' out",
        )
    elif tune.trials > combinations:
        yield Finding(
            message=f"{tune.trials} trials search {combinations:g} combinations, so that some are trained again",
            mark=mark,
            related=(Mark(path=(*tune.path, "space"), text=f"{combinations:g} combinations"),),
            help=f"write: trials: {combinations:g}",
        )


def _count(space: SearchSpace) -> float:
    """How many values there are to choose from; empty ranges are another check's business."""
    if space.kind == "choice":
        return len({(type(value).__name__, repr(value)) for value in space.choices})
    if space.kind == "int" and space.low is not None and space.high is not None and space.low < space.high:
        return space.high - space.low + 1
    return math.inf


CHECK = Check(
    code="MLC418",
    title="search without a choice",
    explanation="Every trial trains the model once. A search over one value, or with more trials than there are "
    "combinations, pays for training that cannot change the result.",
    run=find,
    severity=Severity.WARNING,
)
