"""What the templates of the images see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageView:
    """One Dockerfile: it serves every model, which one is a build argument."""

    base_image: str
    code: tuple[str, ...]  # the user's own packages, relative to the project folder
    openmp: bool  # whether a library needs the OpenMP runtime of the system


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextView:
    """The files that a build may see."""

    code: tuple[str, ...]
    package: bool  # whether the models' packages are among them
