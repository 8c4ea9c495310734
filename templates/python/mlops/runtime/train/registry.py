"""The registry of models: versions, the challenger, the champion; in MLflow, or a folder of the home."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

from ..core import paths
from ..core.config import ModelConfig
from ..core.console import table
from ..core.errors import StepError, UsageError
from ..core.files import write_json
from .version import CHALLENGER, Promotion, Registry, Version


def open_registry(config: ModelConfig) -> Registry:
    """The registry that the spec asks for."""
    if config.registry == "mlflow":
        from .registry_mlflow import MlflowRegistry  # noqa: PLC0415 - only where MLflow is used

        return MlflowRegistry(config)
    from .registry_local import LocalRegistry  # noqa: PLC0415

    return LocalRegistry(config)


def list_models(configs: Sequence[ModelConfig]) -> str:
    """A table of all versions of all models."""
    rows = [
        [config.model, version.version, ", ".join(version.aliases), version.created]
        for config in configs
        for version in open_registry(config).versions()
    ]
    if not rows:
        return "no version of any model is registered yet"
    return table(["model", "version", "alias", "registered"], rows)


def show_model(config: ModelConfig) -> str:
    """Every version of one model with all its tags."""
    found = open_registry(config).versions()
    if not found:
        return f"no version of '{config.model}' is registered yet"
    blocks = []
    for version in found:
        alias = f" ({', '.join(version.aliases)})" if version.aliases else ""
        lines = [f"{version.name} {version.version}{alias}, registered {version.created}"]
        blocks.append("\n".join([*lines, *(f"  {name}: {value}" for name, value in sorted(version.tags.items()))]))
    return "\n\n".join(blocks)


def promote(config: ModelConfig, *, version: str | None, by: str, why: str) -> str:
    """Make a version the champion, the challenger unless another is named; what happened, in a line."""
    registry = open_registry(config)
    with _one_at_a_time():
        chosen = _choose(config, registry.versions(), version)
        before = registry.champion()
        promotion = Promotion(by=by, why=why, at=now())
        registry.promote(chosen, promotion)
        # The gate's verdict depends on who the champion is: a cached one must not outlive a promotion.
        write_json(paths.Work.of(config.model).promoted, {"version": chosen.version, **asdict(promotion)})
    replaced = f", replacing {before.version}" if before and before.version != chosen.version else ""
    return f"{config.model}: version {chosen.version} is the champion{replaced}"


def _choose(config: ModelConfig, versions: Sequence[Version], wanted: str | None) -> Version:
    for version in versions:
        if version.version == wanted or (wanted is None and CHALLENGER in version.aliases):
            return version
    known = ", ".join(version.version for version in versions)
    what = f"version {wanted}" if wanted else "challenger"
    raise UsageError(f"'{config.model}' has no {what}", f"there is: {known}" if known else "train it first")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two promotions at once cannot both win: the second is refused."""
    lock = paths.prepare_home() / "promote.lock"
    try:
        handle = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError as error:
        raise StepError("another promotion is going on", f"wait for it; if there is none, remove {lock}") from error
    try:
        yield
    finally:
        os.close(handle)
        lock.unlink(missing_ok=True)


def now() -> str:
    """The present in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()
