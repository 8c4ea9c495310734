"""Plain data to the typed spec: the only place of the compiler that sees dictionaries of the user's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...source import YamlPath
from ..spec import Spec
from .data import dataset
from .environments import environment
from .features import feature_set
from .models import model
from .monitors import monitor
from .policy import policy
from .project import images, project_info, stack, storage
from .reader import Node, definitions

__all__ = ["build"]


def build(data: Mapping[str, Any], invalid: Collection[YamlPath] = frozenset()) -> Spec:
    """The spec with every default; what stands at an ``invalid`` path is absent, or an ``Invalid`` definition."""
    root = Node(data=dict(data), path=(), invalid=invalid)
    return Spec(
        project=project_info(root),
        stack=stack(root),
        secrets=root.references("secrets"),
        variables=root.references("variables"),
        storage=storage(root),
        images=images(root),
        policy=policy(root),
        data=definitions(root, "data", dataset),
        features=definitions(root, "features", feature_set),
        models=definitions(root, "models", model),
        monitors=definitions(root, "monitors", monitor),
        environments=definitions(root, "environments", environment),
    )
