"""What the workflows of one project have in common: pinned actions, the home, secrets and variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ...model.resolved import Project
from ...model.values import Reference
from ...pins import Pin
from ..base import Context
from ..deployed import image_registry, served
from .expressions import literal
from .views import Shared, Uses, Variable

OWN_REGISTRY = "ghcr.io"
TOKEN = Variable(name="GITHUB_TOKEN", expression="github.token")


@cache
def known_actions() -> Mapping[str, Pin]:
    """The built-in table of third-party actions."""
    text = files("mlopsc").joinpath("catalogue/actions.json").read_text(encoding="utf-8")
    return {name: Pin(version=pin["version"], sha=pin["sha"]) for name, pin in json.loads(text).items()}


def shared_view(context: Context) -> Shared:
    """The common part of every view."""
    project = context.project
    secrets = tuple(Variable(name=name, expression=f"secrets.{name}") for name in _names(project.spec.secrets))
    variables = tuple(Variable(name=name, expression=f"vars.{name}") for name in _names(project.spec.variables))
    own = keeps_home_here(project)
    issues = "github-issue" in alerts(project)
    return Shared(
        project=project.spec.project.name,
        folder=f"{context.project_dir}/" if context.project_dir else "",
        python=project.spec.project.python,
        uses=_uses(context),
        own_registry=own,
        environment=_environment(project),
        job_env=(Variable(name="MLOPS_STORAGE", expression=_storage(context)), *variables),
        home_env=(*((TOKEN,) if own else ()), *secrets),
        step_env=secrets,
        monitor_env=(*((TOKEN,) if issues else ()), *secrets),
    )


def keeps_home_here(project: Project) -> bool:
    """Whether what outlives a runner is kept in the repository's own container registry."""
    url = project.spec.storage.url if project.spec.storage else None
    return url is None or url.startswith(f"oci://{OWN_REGISTRY}/")


def deployed_models(project: Project) -> tuple[str, ...]:
    """The models that the workflow ``deploy`` takes; none where there is no registry to push their images to."""
    if image_registry(project) is None or project.spec.stack.deploy == "none":
        return ()
    return tuple(item.model.name for item in served(project))


def registry_is_own(project: Project) -> bool:
    """Whether the job's own token may push images."""
    registry = image_registry(project)
    return registry is not None and registry.split("/")[0] == OWN_REGISTRY


def alerts(project: Project) -> tuple[str, ...]:
    """The channels that alerts go to."""
    return tuple(reference.name for reference in project.spec.stack.alerts)


def _names(references: tuple[Reference, ...]) -> tuple[str, ...]:
    return tuple(sorted(reference.name for reference in references))


def _environment(project: Project) -> str | None:
    foreign_images = bool(deployed_models(project)) and not registry_is_own(project)
    return project.spec.project.name if project.spec.secrets or foreign_images else None


def _storage(context: Context) -> str:
    """The home: what the repository's settings say, else what the spec says, else its own container registry."""
    storage = context.project.spec.storage
    if storage and storage.url:
        return f"vars.MLOPS_STORAGE || {literal(storage.url)}"
    suffix = f"-{context.project.spec.project.name}" if context.project_dir else ""
    return f"vars.MLOPS_STORAGE || format('oci://{OWN_REGISTRY}/{{0}}/mlops{suffix}', github.repository)"


def _uses(context: Context) -> Uses:
    pins = {**known_actions(), **context.pins.actions}
    return Uses(
        checkout=_pinned("actions/checkout", pins),
        setup_python=_pinned("actions/setup-python", pins),
        upload_artifact=_pinned("actions/upload-artifact", pins),
    )


def _pinned(action: str, pins: Mapping[str, Pin]) -> str:
    return f"{action}@{pins[action].sha} # {pins[action].version}"
