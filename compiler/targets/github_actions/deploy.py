"""The workflow ``deploy``: build, try, release to each environment, promote."""

from __future__ import annotations

from ...checks.stored import store_variables, stored_sets
from ...model.environments import Environment
from ...model.resolved import Project
from ...model.values import valid_items
from ..base import Context
from ..deployed import deployed_models, image_name, image_registry, registry_is_own
from .expressions import literal
from .shared import shared_view
from .views import DeployView, Stage, Variable


def deploy_view(context: Context) -> DeployView | None:
    """All that the template sees; None where nothing is served, or nowhere to push an image to."""
    project = context.project
    registry = image_registry(project)
    models = deployed_models(project)
    if not models or registry is None:
        return None
    stages = _stages([environment for _, environment in valid_items(project.spec.environments)])
    return DeployView(
        shared=shared_view(context),
        models=models,
        image=_image(project, models),
        registry=registry.split("/")[0],
        registry_is_own=registry_is_own(project),
        registered=project.spec.stack.registry != "none",
        store_env=_store_env(project),
        stages=stages,
        last=f", release-{stages[-1].environment}" if stages else "",
    )


def _store_env(project: Project) -> tuple[Variable, ...]:
    secrets = {reference.name for reference in project.spec.secrets}
    names = store_variables(stored_sets(project))
    return tuple(Variable(name=name, expression=f"{'secrets' if name in secrets else 'vars'}.{name}") for name in names)


def _image(project: Project, models: tuple[str, ...]) -> str:
    """The image of the model that is deployed; a model with the name of the project does not repeat it."""
    own, other = project.spec.project.name, image_name(project, "{0}")
    if own not in models:
        return other.replace("{0}", "${{ inputs.model }}")
    if models == (own,):
        return image_name(project, own)
    alone = f"inputs.model == {literal(own)} && {literal(image_name(project, own))}"
    return f"${{{{ {alone} || format({literal(other)}, inputs.model) }}}}"


def _stages(environments: list[Environment]) -> tuple[Stage, ...]:
    """The environments in the order of the spec: each waits for the one before it."""
    before: list[Environment | None] = [None, *environments]
    return tuple(
        Stage(
            environment=item.name,
            needs=f", release-{previous.name}" if previous else "",
            runs_on=dict(item.runs_on).get("default", "ubuntu-24.04"),
        )
        for previous, item in zip(before, environments, strict=False)
    )
