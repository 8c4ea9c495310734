"""A gate on a slice that nothing measures."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Evaluate, Gate
from ...model.resolved import Project, ResolvedModel
from ...suggest import suggest
from ..base import Check, Surroundings
from ..sections import business, gates, models


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every gate by slices whose figures are not there."""
    for model in models(project):
        evaluate = model.spec.evaluate
        if isinstance(evaluate, Evaluate):
            for gate in gates(model.spec):
                yield from _judged(model, evaluate, gate)


def _judged(model: ResolvedModel, evaluate: Evaluate, gate: Gate) -> Iterator[Finding]:
    if gate.slice is None or gate.metric is None:
        return
    place, listed = Mark(path=gate.slice.path, at="value"), [name.name for name in evaluate.slices]
    if gate.kind == "champion":
        yield Finding(
            message=f"a comparison with the champion does not look at slices of '{gate.slice.name}'",
            mark=Mark(path=gate.slice.path, text="both are compared on all rows"),
            help=f"leave 'slice' out, and add a gate: {{metric: {gate.metric.name}, slice: {gate.slice.name}, min: …}}",
        )
    elif gate.metric.name in business(model.spec):
        yield Finding(
            message=f"the business metric '{gate.metric.name}' is not computed on slices",
            mark=place,
            related=(Mark(path=("models", model.name, "evaluate", "business", gate.metric.name), text="on all rows"),),
            help="leave 'slice' out, or gate a built-in metric by it",
        )
    elif listed and gate.slice.name not in {*listed, *_meant(model, listed)} and _known(model, gate.slice.name):
        yield Finding(
            message=f"gate on slices of '{gate.slice.name}', which is not among evaluate.slices",
            mark=place,
            related=(Mark(path=(*evaluate.path, "slices"), text="what is cut"),),
            help=f"add it: slices: [{', '.join((*listed, gate.slice.name))}]",
        )


def _meant(model: ResolvedModel, listed: list[str]) -> set[str | None]:
    """What mistyped slices stand for; they have been reported."""
    known = {*(model.dataset.columns if model.dataset else ()), *(one.feature.name for one in model.features)}
    return {suggest(name, known) for name in listed if name not in known}


def _known(model: ResolvedModel, name: str) -> bool:
    columns = model.dataset.columns if model.dataset is not None else {}
    return name in columns or any(name == prepared.feature.name for prepared in model.features)


CHECK = Check(
    code="MLC415",
    title="slice that is not evaluated",
    explanation="A gate by slices looks at the worst value of a column that `evaluate.slices` lists, by a built-in "
    "metric. Business metrics and the comparison with the champion are computed on all test rows at once.",
    run=find,
)
