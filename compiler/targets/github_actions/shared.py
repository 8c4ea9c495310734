"""What the workflows of one project have in common: pinned actions, the home, secrets and variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ... import catalogue
from ...model.resolved import Project
from ...model.values import Reference
from ...pins import Pin
from ..base import Context
from ..deployed import OWN_REGISTRY, registry_secrets
from .expressions import literal
from .views import Shared, Uses, Variable

TOKEN = Variable(name="GITHUB_TOKEN", expression="github.token")


@cache
def known_actions() -> Mapping[str, Pin]:
    """The built-in table of third-party actions."""
    text = Path(catalogue.__file__).with_name("actions.json").read_text(encoding="utf-8")
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
        dvc=project.spec.stack.data_versioning == "dvc",
        own_registry=own,
        environment=_environment(project),
        secrets=_secrets(project),
        job_env=(Variable(name="MLOPS_STORAGE", expression=_storage(context)), *variables),
        home_env=(*((TOKEN,) if own else ()), *secrets),
        step_env=secrets,
        monitor_env=(*((TOKEN,) if issues else ()), *secrets),
    )


def keeps_home_here(project: Project) -> bool:
    """Whether what outlives a runner is kept in the repository's own container registry."""
    url = project.spec.storage.url if project.spec.storage else None
    return url is None or url.startswith(f"oci://{OWN_REGISTRY}/")


def alerts(project: Project) -> tuple[str, ...]:
    """The channels that alerts go to."""
    return tuple(reference.name for reference in project.spec.stack.alerts)


def _names(references: tuple[Reference, ...]) -> tuple[str, ...]:
    return tuple(sorted(reference.name for reference in references))


def _secrets(project: Project) -> tuple[str, ...]:
    """Every secret that a workflow of the project reads."""
    return tuple(sorted({*_names(project.spec.secrets), *registry_secrets(project)}))


def _environment(project: Project) -> str | None:
    return project.spec.project.name if _secrets(project) else None


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
