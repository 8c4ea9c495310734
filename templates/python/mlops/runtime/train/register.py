"""Step ``register``: the package of the model becomes a version, the challenger, with its lineage."""

from __future__ import annotations

from ..core.config import ModelConfig
from ..core.errors import GateError
from ..core.files import read_json, write_json
from ..core.paths import Work
from .lineage import data_hash, record, tags_of
from .package import assemble
from .registry import open_registry
from .version import CHALLENGER, LINEAGE


def register(config: ModelConfig, work: Work) -> str:
    """Assemble the package and register it; GateError when a gate blocks the model."""
    blocking = [gate["gate"] for gate in read_json(work.gates, "gate") if gate["blocks"]]
    if blocking:
        raise GateError(f"not registered: blocked by {', '.join(blocking)}", "a better model, or a reviewed change")
    assemble(config, work)
    made_of = record(config, work)
    write_json(work.candidate / LINEAGE, made_of)
    tags = tags_of(made_of, data=data_hash(work))
    version = open_registry(config).register(work.candidate, _run_id(config, work), tags)
    write_json(
        work.registered,
        {"name": version.name, "version": version.version, "alias": CHALLENGER, "run_id": version.run_id, "tags": tags},
    )
    return f"{version.name} version {version.version} is the {CHALLENGER}"


def _run_id(config: ModelConfig, work: Work) -> str | None:
    if config.tracking == "mlflow":
        return str(read_json(work.run, "gate")["run_id"])
    if config.registry != "mlflow":
        return None
    from .tracking import log_run  # noqa: PLC0415 - a version in MLflow needs a run, tracked or not

    return log_run(config, work)
