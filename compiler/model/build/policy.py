"""``policy`` from plain data."""

from __future__ import annotations

from ..policy import Policy
from .reader import Node


def policy(root: Node) -> Policy:
    """The rules of the team; without the section, none."""
    node = root.child("policy")
    return Policy(path=node.path, require_owner=node.get("require_owner", False))
