"""The project: the spec with every name looked up, every type known and every expression typed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..records import record
from ..source import YamlPath
from ..sql.tree import SqlProblem, TypedExpr
from .data import Dataset, referred
from .features import Feature, FeatureSet, Join
from .models import Model
from .monitors import Monitor
from .spec import Spec
from .values import Invalid, valid_items

BINARY = "binary-classification"
MULTICLASS = "multiclass-classification"
REGRESSION = "regression"


@record
class ResolvedFeature:
    """One feature with its type; ``problems`` are what its SQL got wrong."""

    feature: Feature
    set_name: str
    module: str  # snake-case name of the compiled module
    kind: str  # column | sql | window
    dtype: str | None  # None where it could not be typed
    expression: TypedExpr | None  # of a window: the aggregate
    columns: tuple[str, ...]  # raw columns that it reads
    problems: tuple[SqlProblem, ...] = ()
    known_at: tuple[str, ...] = ()  # of a window: the columns with the moments from which its values are known
    join: str | None = None  # of a window over a joined dataset: the name of that join

    @property
    def name(self) -> str:
        """The feature's own name."""
        return self.feature.name

    @property
    def path(self) -> YamlPath:
        """Where it is declared."""
        return self.feature.path


@record
class ResolvedJoin:
    """A joined dataset, and what the features of the set read of it."""

    spec: Join
    dataset: Dataset
    as_of: str | None  # the column of the rows with their moment; None for a lookup by key
    columns: tuple[str, ...]  # of the joined dataset
    known_at: tuple[tuple[str, str], ...]  # of those, the ones with a moment of their own, and the column that holds it

    @property
    def name(self) -> str:
        """What stands before its columns in SQL."""
        return self.spec.name

    def own_name(self, qualified: str) -> str | None:
        """The joined dataset's own name of a column that SQL calls ``<join>.<column>``; None of another one's."""
        prefix, name = f"{self.name}.", qualified.removeprefix(f"{self.name}.")
        return name if qualified.startswith(prefix) and name in self.dataset.columns else None

    @property
    def time(self) -> str | None:
        """The column with the moments of the joined rows; None for a lookup by key."""
        return self.dataset.time.name if self.dataset.time is not None else None


@record
class ResolvedFeatureSet:
    """A feature set over a known dataset; ``implicit`` ones are all columns of a dataset that names none."""

    name: str
    module: str
    path: YamlPath
    dataset: Dataset
    spec: FeatureSet | None
    features: tuple[ResolvedFeature, ...]
    joins: tuple[ResolvedJoin, ...] = ()

    @property
    def implicit(self) -> bool:
        """Whether nobody wrote it."""
        return self.spec is None


@record
class RequestField:
    """One field of a prediction request."""

    name: str
    dtype: str
    nullable: bool
    role: str  # key | time | feature


@record
class PreparedFeature:
    """A feature as one model takes it: its role and what is done to it before the estimator."""

    feature: ResolvedFeature
    role: str  # numeric | categorical
    encode: str | None
    impute: str | None
    scale: str | None


@record
class ResolvedModel:
    """A model whose dataset, features, task and request are known.

    ``dataset`` and ``task`` are None where a name could not be found; the checks have said so.
    """

    spec: Model
    module: str  # snake-case name
    dataset: Dataset | None
    task: str | None
    features: tuple[PreparedFeature, ...]
    label: TypedExpr | None
    label_problems: tuple[SqlProblem, ...]
    split_by: str  # time | random | group
    metrics: tuple[str, ...]
    request: tuple[RequestField, ...]
    other_sql: tuple[tuple[YamlPath, TypedExpr | None, tuple[SqlProblem, ...]], ...]  # sample weight, business
    joins: tuple[ResolvedJoin, ...] = ()  # that its features read

    @property
    def name(self) -> str:
        """The model's own name."""
        return self.spec.name


@record
class ResolvedMonitor:
    """A monitor and the model that it watches, where that exists."""

    spec: Monitor
    model: ResolvedModel | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Project:
    """Everything that checks and planning need; only planning requires that there are no errors.

    A project equals itself alone, so that what is found out about it is kept by it.
    """

    spec: Spec
    feature_sets: dict[str, ResolvedFeatureSet | Invalid]
    models: dict[str, ResolvedModel | Invalid]
    monitors: dict[str, ResolvedMonitor | Invalid]
    table_sql: tuple[tuple[YamlPath, tuple[SqlProblem, ...]], ...] = ()

    @cached_property
    def monitors_by_model(self) -> dict[str, list[ResolvedMonitor]]:
        """The monitors that watch each model, by the model's name."""
        found: dict[str, list[ResolvedMonitor]] = {}
        for _, monitor in valid_items(self.monitors):
            if monitor.model is not None:
                found.setdefault(monitor.model.name, []).append(monitor)
        return found

    @cached_property
    def sets_by_module(self) -> dict[str, ResolvedFeatureSet]:
        """The feature sets by the name of their compiled module."""
        return {found.module: found for _, found in valid_items(self.feature_sets)}


def trained_on(project: Project, model: ResolvedModel) -> tuple[Dataset, ...]:
    """What ``ingest`` reads: the model's dataset, those joined to it, and all that their contracts refer to."""
    if model.dataset is None:
        return ()
    own = {model.dataset.name: model.dataset}
    joined = {join.dataset.name: join.dataset for join in model.joins}
    for dataset in (model.dataset, *joined.values()):
        joined |= {other.name: other for other in referred(dataset, project.spec.data)}
    return tuple((own | joined).values())
