"""``docker``: the images that train and serve, one Dockerfile each for all models."""

from __future__ import annotations

from collections.abc import Iterable

from ...artifact import Artifact, Copy, Template
from ...model.resolved import Project
from ...model.values import is_valid, valid_items
from ..base import Context, TargetFinding
from ..deployed import base_image, base_tag, served
from .views import ContextView, ImageView

FOLDER = "mlops/docker"
OPENMP_LIBRARIES = ("lightgbm.",)  # their wheels expect libgomp on the system


class Docker:
    """Dockerfiles without BuildKit-only syntax; the model is a build argument."""

    name = "docker"
    serves: tuple[tuple[str, str], ...] = ()

    def applies(self, context: Context) -> bool:
        """Whether anything is served; a batch model needs no image."""
        return bool(served(context.project))

    def check(self, context: Context) -> Iterable[TargetFinding]:
        """Nothing that images cannot express."""
        del context
        return ()

    def artifacts(self, context: Context) -> Iterable[Artifact]:
        """The two Dockerfiles, what may be in their build context, and the test of a serving image."""
        view = _image(context)
        for role in ("serve", "train"):
            path = f"{FOLDER}/{role}.Dockerfile"
            yield Artifact(path=path, content=Template(name=f"docker/{role}.Dockerfile.j2", view=view))
            yield Artifact(
                path=f"{path}.dockerignore",
                content=Template(
                    name="docker/dockerignore.j2", view=ContextView(code=view.code, package=role == "serve")
                ),
            )
        yield Artifact(path=f"{FOLDER}/smoke-test.sh", content=Copy(name="docker/smoke-test.sh"), executable=True)


def _image(context: Context) -> ImageView:
    project = context.project
    return ImageView(
        base_image=base_image(project, context.pins.images.get(base_tag(project))),
        code=tuple(sorted(reference.name for reference in project.spec.project.code)),
        openmp=_needs_openmp(project),
    )


def _needs_openmp(project: Project) -> bool:
    trains = (model.spec.train for _, model in valid_items(project.models))
    estimators = (train.estimator.name for train in trains if is_valid(train) and train.estimator)
    return any(name.startswith(OPENMP_LIBRARIES) for name in estimators)
