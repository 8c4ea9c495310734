"""``serving``: the HTTP service of a model; its code is the runtime's, so it writes no file of its own."""

from __future__ import annotations

from collections.abc import Iterable

from ...artifact import Artifact
from ...model.values import valid_items
from ..base import Context, TargetFinding
from ..deployed import served
from .checks import findings


class Serving:
    """FastAPI on uvicorn, from the package of a model."""

    name = "serving"
    serves: tuple[tuple[str, str], ...] = ()

    def applies(self, context: Context) -> bool:
        """Whether anything leaves the pipeline towards requests."""
        project = context.project
        exported = any(model.spec.deploy.edge is not None for _, model in valid_items(project.models))
        return exported or bool(project.spec.features) or bool(served(project))

    def check(self, context: Context) -> Iterable[TargetFinding]:
        """What the service cannot express."""
        return findings(context.project)

    def artifacts(self, context: Context) -> Iterable[Artifact]:
        """Nothing besides the runtime."""
        del context
        return ()
