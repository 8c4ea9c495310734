"""``project``, ``stack``, ``storage`` and ``images`` from plain data."""

from __future__ import annotations

from ..project import Images, ProjectInfo, Stack, Storage
from .reader import Node

STACK_DEFAULTS = {
    "ci": "github-actions",
    "orchestrator": "ci",
    "tracking": "mlflow",
    "registry": "mlflow",
    "data_quality": "pandera",
    "data_engine": "duckdb",
    "feature_store": "builtin",
    "data_versioning": "none",
    "deploy": "compose",
}


def project_info(root: Node) -> ProjectInfo:
    """Who this is; without a name, the first model's."""
    node = root.child("project")
    first = next((name for name, _ in root.child("models").items()), "mlops")
    return ProjectInfo(
        name=node.get("name", first),
        path=node.path,
        owner=node.get("owner"),
        description=node.get("description", ""),
        python=node.get("python", "3.11"),
        code=node.references("code"),
        requirements=tuple(item.data for item in node.child("requirements").elements()),
    )


def stack(root: Node) -> Stack:
    """Which tool fills each role."""
    node = root.child("stack")
    words = {role: node.get(role, word) for role, word in STACK_DEFAULTS.items()}
    return Stack(**words, alerts=node.references("alerts"), path=node.path)


def storage(root: Node) -> Storage | None:
    """Where what must outlive a runner lives; a plain string is its URL."""
    node = root.child("storage")
    if node.data is None:
        return None
    url = node.data if isinstance(node.data, str) else node.get("url")
    return Storage(url=url, path=node.path)


def images(root: Node) -> Images | None:
    """Where images are pushed to."""
    node = root.child("images")
    return None if node.data is None else Images(registry=node.get("registry"), path=node.path)
