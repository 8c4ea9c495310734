"""What kind of learning it is: told by the label's type, and by the estimator where that leaves it open."""

from __future__ import annotations

from ..catalogue import Estimator, estimators, metrics
from ..model.data import Column, Dataset
from ..model.models import Evaluate, Gate, Model, Train, Tune
from ..model.resolved import BINARY, MULTICLASS, REGRESSION
from ..sql.tree import Case, Literal, Node, TypedExpr
from ..sql.tree import Column as ColumnNode

DEFAULT_METRICS = {
    BINARY: ("roc_auc", "average_precision", "log_loss", "accuracy"),
    MULTICLASS: ("accuracy", "balanced_accuracy", "f1_macro", "log_loss"),
    REGRESSION: ("rmse", "mae", "r2"),
}
TWO = 2


def estimator_of(model: Model) -> Estimator | None:
    """The model's estimator, where the catalogue has it."""
    train = model.train
    return estimators().get(train.estimator.name) if isinstance(train, Train) and train.estimator else None


def task_of(model: Model, dataset: Dataset | None, label: TypedExpr | None) -> str | None:
    """The task: as written, else as the label and the estimator say; None where they leave it open."""
    if model.task is not None:
        return model.task
    if label is None or label.dtype is None:
        return None
    if label.dtype == "boolean":
        return BINARY
    if label.dtype == "float":
        return REGRESSION
    if label.dtype == "string":
        return BINARY if _values(label.tree, dataset) == TWO else MULTICLASS
    return _of_integer(model, dataset, label) if label.dtype == "integer" else None


def _of_integer(model: Model, dataset: Dataset | None, label: TypedExpr) -> str | None:
    estimator, two = estimator_of(model), _values(label.tree, dataset) == TWO
    if estimator is not None:
        classes = BINARY if two else MULTICLASS
        return REGRESSION if estimator.kind == "regressor" else classes
    return BINARY if two else None


def _values(tree: Node | None, dataset: Dataset | None) -> int | None:
    """How many values the label can have, where that is told."""
    if isinstance(tree, Case):
        results = [value for _, value in tree.branches] + [tree.default]
        constants = {result.value for result in results if isinstance(result, Literal) and result.value is not None}
        return len(constants) if all(isinstance(result, Literal) for result in results) else None
    column = dataset.columns.get(tree.name) if isinstance(tree, ColumnNode) and dataset is not None else None
    if not isinstance(column, Column):
        return None
    if column.allowed is not None:
        return len(set(column.allowed))
    return TWO if column.type == "integer" and (column.min, column.max) == (0, 1) else None


def metrics_of(model: Model, task: str | None) -> tuple[str, ...]:
    """The metrics as written; else the task's own, and those that the gates and the tuning ask for."""
    evaluate = model.evaluate
    if isinstance(evaluate, Evaluate) and evaluate.metrics:
        return tuple(dict.fromkeys(reference.name for reference in evaluate.metrics))
    asked = [gate.metric.name for gate in model.gates if isinstance(gate, Gate) and gate.metric is not None]
    if isinstance(model.tune, Tune):
        asked.append(model.tune.metric.name)
    fitting = [name for name in asked if name in metrics() and task in metrics()[name].tasks]
    return tuple(dict.fromkeys((*DEFAULT_METRICS.get(task or "", ()), *fitting)))
