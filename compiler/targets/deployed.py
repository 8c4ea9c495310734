"""What is deployed: the served models, the scheduled batches, and the names of their images."""

from __future__ import annotations

from ..model.models import Api, Batch
from ..model.resolved import Project, ResolvedModel
from ..model.values import is_valid, valid_items
from ..records import record

OWN_REGISTRY = "ghcr.io"
"""The registry that a workflow opens with its own token."""


@record
class Served:
    """A model behind an HTTP service."""

    model: ResolvedModel
    api: Api


@record
class Scored:
    """A model that scores a whole dataset now and then."""

    model: ResolvedModel
    batch: Batch


def served(project: Project) -> tuple[Served, ...]:
    """The models with an API, by name."""
    found = []
    for _, model in sorted(valid_items(project.models)):
        api = model.spec.deploy.api
        if api is not None and is_valid(api):
            found.append(Served(model=model, api=api))
    return tuple(found)


def scored(project: Project) -> tuple[Scored, ...]:
    """The models with a batch, by name."""
    found = []
    for _, model in sorted(valid_items(project.models)):
        batch = model.spec.deploy.batch
        if batch is not None and is_valid(batch):
            found.append(Scored(model=model, batch=batch))
    return tuple(found)


def image_registry(project: Project) -> str | None:
    """Where images are pushed to, without a slash at the end."""
    images = project.spec.images
    return images.registry.rstrip("/") if images and images.registry else None


def deployed_models(project: Project) -> tuple[str, ...]:
    """The models whose images CI pushes; none where there is no registry to push them to."""
    if image_registry(project) is None or project.spec.stack.deploy == "none":
        return ()
    return tuple(item.model.name for item in served(project))


def registry_is_own(project: Project) -> bool:
    """Whether a workflow's own token may push images."""
    registry = image_registry(project)
    return registry is not None and registry.split("/")[0] == OWN_REGISTRY


def registry_secrets(project: Project) -> tuple[str, ...]:
    """The secrets that open a registry which a workflow's own token does not."""
    return ("REGISTRY_TOKEN",) if deployed_models(project) and not registry_is_own(project) else ()


def image_name(project: Project, model: str) -> str:
    """The image of one model, without a tag; it is local where the spec names no registry."""
    own = project.spec.project.name
    name = own if own == model else f"{own}-{model}"
    registry = image_registry(project)
    return f"{registry}/{name}" if registry else name


def base_image(project: Project, pinned: str | None) -> str:
    """The image that ours are built from, by digest where it is pinned."""
    tag = base_tag(project)
    return f"{tag}@{pinned}" if pinned else tag


def base_tag(project: Project) -> str:
    """The tag of the base image for the Python of the spec."""
    return f"python:{project.spec.project.python}-slim-bookworm"
