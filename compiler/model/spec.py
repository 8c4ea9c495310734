"""The whole spec, typed, with every default filled in and names not yet looked up."""

from __future__ import annotations

from ..records import record
from .data import Dataset
from .environments import Environment
from .features import FeatureSet
from .models import Model
from .monitors import Monitor
from .policy import Policy
from .project import Images, ProjectInfo, Stack, Storage
from .values import Invalid, Reference


@record
class Spec:
    """What one mlops.yaml says; the dictionaries keep the order of the text."""

    project: ProjectInfo
    stack: Stack
    secrets: tuple[Reference, ...]
    variables: tuple[Reference, ...]
    storage: Storage | None
    images: Images | None
    policy: Policy
    data: dict[str, Dataset | Invalid]
    features: dict[str, FeatureSet | Invalid]
    models: dict[str, Model | Invalid]
    monitors: dict[str, Monitor | Invalid]
    environments: dict[str, Environment | Invalid]
