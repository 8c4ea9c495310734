"""``compose``: the served models on one machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...artifact import Artifact, Json, Tree
from ...checks.stored import SQLITE, StoredSet, store_variables, stored_sets_by_model
from ...model.resolved import Project
from ..base import Context, TargetFinding
from ..deployed import Served, image_name, served
from .checks import findings

PATH = "mlops/deploy/compose.yaml"
COMMENT = """\

Serve every model on this machine. From the project folder:

  docker compose --file mlops/deploy/compose.yaml up --build --wait

Set <MODEL>_VERSION to run a version that CI has pushed, and BIND_ADDRESS to be reachable from elsewhere.
The volume holds the prediction log."""


class Compose:
    """One container per served model, hardened, with a volume for the prediction log."""

    name = "compose"
    serves: tuple[tuple[str, str], ...] = (("deploy", "compose"),)

    def applies(self, context: Context) -> bool:
        """Whether the stack names it and anything is served."""
        return context.project.spec.stack.deploy == "compose" and bool(served(context.project))

    def check(self, context: Context) -> Iterable[TargetFinding]:
        """What one machine cannot express."""
        return findings(context.project)

    def artifacts(self, context: Context) -> Iterable[Artifact]:
        """The compose file."""
        yield Artifact(path=PATH, content=Tree(data=_document(context.project), comment=COMMENT))


def _document(project: Project) -> dict[str, Json]:
    return {
        "name": project.spec.project.name,
        "services": {item.model.name: _service(project, item) for item in served(project)},
        "volumes": {"home": {}},
    }


def _service(project: Project, item: Served) -> dict[str, Json]:
    name = item.model.name
    stores = stored_sets_by_model(project).get(name, ())
    return {
        **_environment(stores),
        "image": f"{image_name(project, name)}:${{{version_variable(name)}:-local}}",
        "build": {
            "context": "../..",
            "dockerfile": "mlops/docker/serve.Dockerfile",
            "args": {"MODEL": name},
        },
        "ports": [f"${{BIND_ADDRESS:-127.0.0.1}}:{item.api.port}:8080"],
        "volumes": ["home:/var/lib/mlops", *_refreshed_here(project, stores)],
        "healthcheck": {
            "test": ["CMD", "python", "-c", PROBE],
            "interval": "5s",
            "timeout": "3s",
            "start_period": "60s",
            "retries": 3,
        },
        "restart": "unless-stopped",
        "read_only": True,
        "tmpfs": ["/tmp"],  # noqa: S108  (a mount inside the container)
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
    }


def _environment(stores: Sequence[StoredSet]) -> dict[str, Json]:
    names = store_variables(stores)
    return {"environment": {name: f"${{{name}:?the address of the online store}}" for name in names}} if names else {}


def _refreshed_here(project: Project, stores: Sequence[StoredSet]) -> list[str]:
    """The folders in which a refresh on this machine replaces files: the service sees them as they are here."""
    feast = project.spec.stack.feature_store == "feast"
    files = [found for found in stores if found.online.store == SQLITE]
    folders = [
        *(["feast"] if feast and files else []),
        *(["features"] if any(found.online.refresh for found in files) and not feast else []),
    ]
    return [f"../../.mlops/{folder}:/var/lib/mlops/{folder}:ro" for folder in folders]


PROBE = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/ready', timeout=2)"


def version_variable(model: str) -> str:
    """The environment variable that chooses the version of one model."""
    return f"{model.upper().replace('-', '_').replace('.', '_')}_VERSION"
