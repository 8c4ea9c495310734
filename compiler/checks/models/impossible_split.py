"""A split that the data cannot give."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.models import Decision, Split, Train, Tune
from ...model.resolved import REGRESSION, Project, ResolvedModel
from ..base import Check, Surroundings
from ..sections import models, time_to_name


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every split without what it splits by, or that leaves no rows to learn from."""
    for model in models(project):
        own = model.dataset
        timeless = own is not None and own.time is None and not surroundings.written((*own.path, "time"))
        if isinstance(model.spec.split, Split) and own is not None:
            yield from _judged(model, model.spec.split, timeless=timeless)
        train = model.spec.train
        if isinstance(train, Train) and train.rows_last is not None and own is not None and timeless:
            yield Finding(
                message=f"model '{model.name}' learns from the last {train.rows_last.text}, but rows have no time",
                mark=Mark(path=(*train.path, "rows")),
                help=f"say which column of '{own.name}' holds each row's time, write: {time_to_name(own)}",
            )


def _judged(model: ResolvedModel, split: Split, *, timeless: bool) -> Iterator[Finding]:
    name = model.dataset.name if model.dataset else ""
    if model.split_by == "time" and model.dataset is not None and timeless:
        yield Finding(
            message=f"'{name}' has no time to split by",
            mark=Mark(path=(*split.path, "by"), at="value"),
            related=(Mark(path=model.dataset.path, text=f"'{name}' is declared here"),),
            help=f"say which column holds each row's time, write: {time_to_name(model.dataset)}; or write: by: random",
        )
    if model.split_by == "group" and split.group is None:
        yield Finding(
            message="a split by group does not say which column is the group",
            mark=Mark(path=(*split.path, "by"), at="value"),
            help="add group: a column, such as the customer that several rows belong to",
        )
    if split.validation + split.test >= 1:
        yield Finding(
            message=f"validation and test take {split.validation + split.test:.0%} of the rows, and none is left",
            mark=Mark(path=split.path),
            help="15% each is usual: validation: 15%, test: 15%",
        )
    yield from _empty(model, split)
    if split.stratify and model.task == REGRESSION:
        yield Finding(
            message="only classes can be stratified, and this is a regression",
            mark=Mark(path=(*split.path, "stratify")),
            help="leave stratify out",
        )


def _empty(model: ResolvedModel, split: Split) -> Iterator[Finding]:
    """A part of the rows that something needs, and that gets none."""
    if not split.test:
        yield Finding(
            message=f"model '{model.name}' has no rows to be tested on",
            mark=Mark(path=(*split.path, "test")),
            help="write: test: 15%",
        )
    tune, decision = model.spec.tune, model.spec.decision
    users = [(tune.path, "searches for parameters")] if isinstance(tune, Tune) else []
    if isinstance(decision, Decision) and (decision.maximize or decision.minimize):
        users.append((decision.path, "chooses its threshold"))
    if users and not split.validation:
        yield Finding(
            message=f"model '{model.name}' {' and '.join(does for _, does in users)} on validation rows, and has none",
            mark=Mark(path=(*split.path, "validation")),
            related=tuple(Mark(path=path, text="needs them") for path, _ in users),
            help="write: validation: 15%",
        )


CHECK = Check(
    code="MLC409",
    title="impossible split",
    explanation="A split by time needs a time, a split by group needs a column, and some rows have to be left to "
    "learn from.",
    run=find,
)
