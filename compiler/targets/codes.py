"""The codes of the built-in targets: words that the language knows and that no target turns into files yet."""

from __future__ import annotations

from ..diagnostics import Finding
from ..records import record
from .base import TargetFinding


@record
class TargetCode:
    """One code: what it is called, and why it is said."""

    code: str
    title: str
    explanation: str
    severity: str = "error"

    def found(self, finding: Finding) -> TargetFinding:
        """A finding under this code."""
        return TargetFinding(code=self.code, finding=finding, severity=self.severity)


STACK = TargetCode(
    code="MLC701",
    title="unsupported word of the stack",
    explanation="The language names a tool that no installed target compiles to yet. Nothing is written rather than a "
    "stub that looks as if it worked.",
)
SERVER = TargetCode(
    code="MLC702",
    title="unsupported server",
    explanation="The language names a server that no target compiles to yet. Nothing is written rather than a service "
    "that does not start.",
)
COMPOSE = TargetCode(
    code="MLC703",
    title="not possible with compose",
    explanation="Compose runs one container per model on one machine and sends it every request. Rolling out in steps "
    "and replicas need something in front that balances requests.",
)
EDGE = TargetCode(
    code="MLC704",
    title="unsupported edge export",
    explanation="Exports for devices are part of the language, and no target makes them yet.",
)
MONITOR = TargetCode(
    code="MLC705",
    title="unsupported monitor",
    explanation="The monitor is of a kind, or uses a method, that the generated monitoring job cannot compute yet. A "
    "monitor that never breaches would look like a healthy model.",
)
ONLINE_STORE = TargetCode(
    code="MLC706",
    title="unsupported online store",
    explanation="Window features reach a request through a store of latest values: `sqlite`, a file of one machine, or "
    "a Redis server at an address such as redis://host:6379/0, which a secret or a variable may hold.",
)
RETRAIN_LIMIT = TargetCode(
    code="MLC707",
    title="retraining limit not enforced",
    explanation="The workflows start training on a schedule, a push or a breach, and do not count how often.",
    severity="warning",
)
ENVIRONMENT = TargetCode(
    code="MLC708",
    title="environment setting without effect",
    explanation="The workflows move one image through the environments. What an environment sets for itself, and the "
    "cluster that it names, reach no generated file yet, so the setting would be silently lost.",
)

FEAST_STORES = TargetCode(
    code="MLC720",
    title="several online stores with Feast",
    explanation="A Feast repository has one online store for all of its feature views, so every feature set with "
    "stored features names the same one.",
)

FEAST_JOINS = TargetCode(
    code="MLC721",
    title="joins with Feast",
    explanation="Feast is given the windows over the dataset of a feature set, and nothing else. What requests "
    "look up of a joined dataset, its columns and the windows over it, is kept by the built-in store only.",
)

DVC_REMOTE = TargetCode(
    code="MLC725",
    title="storage that DVC cannot write to",
    explanation="DVC pushes data to buckets, folders and servers, and not to a container registry. Everything runs "
    "without a remote; what is tracked is then on this machine only.",
    severity="warning",
)

CODES = (
    STACK,
    SERVER,
    COMPOSE,
    EDGE,
    MONITOR,
    ONLINE_STORE,
    RETRAIN_LIMIT,
    ENVIRONMENT,
    FEAST_STORES,
    FEAST_JOINS,
    DVC_REMOTE,
)
"""Every code of a built-in target."""
