"""What the templates of the images see."""

from __future__ import annotations

from ...records import record


@record
class ImageView:
    """One Dockerfile: it serves every model, which one is a build argument."""

    base_image: str
    code: tuple[str, ...]  # the user's own packages, relative to the project folder
    openmp: bool  # whether a library needs the OpenMP runtime of the system


@record
class ContextView:
    """The files that a build may see."""

    code: tuple[str, ...]
    package: bool  # whether the models' packages are among them
