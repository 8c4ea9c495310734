"""The workflow ``ci``: the spec, the generated files, and data that is in the repository."""

from __future__ import annotations

import re
from importlib.metadata import version

from ...model.resolved import ResolvedModel
from ...model.values import is_valid, valid_items
from ...pins import Pins
from ..base import Context
from .shared import shared_view
from .views import CheckedModel, CiView


def ci_view(context: Context) -> CiView:
    """All that the template sees."""
    models = (
        CheckedModel(name=name, data=_data(model, context))
        for name, model in sorted(valid_items(context.project.models))
    )
    tested = any(p.feature.kind == "sql" for _, m in valid_items(context.project.models) for p in m.features)
    return CiView(
        shared=shared_view(context), tested=tested, hashed=bool(context.pins.compiler_hashes), models=tuple(models)
    )


def compiler_requirement(pins: Pins) -> str:
    """The compiler itself, pinned; with its hashes where they are known."""
    hashes = "".join(f" \\\n    --hash=sha256:{digest}" for digest in pins.compiler_hashes)
    return f"mlopsc=={version('mlopsc')}{hashes}\n"


def local_file(model: ResolvedModel, context: Context) -> str | None:
    """The data file of a model relative to the Git root; None where it is not a file beside the spec."""
    source = model.dataset.source if model.dataset else None
    if source is None or not is_valid(source) or source.location is None or re.search(r"://|\$\{", source.location):
        return None
    path = source.location.removeprefix("./")
    return f"{context.project_dir}/{path}" if context.project_dir else path


def _data(model: ResolvedModel, context: Context) -> str:
    return local_file(model, context) or ""
