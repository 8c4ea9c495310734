"""What a plan is compiled into; one folder per target."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import entry_points

from .base import Target
from .compose.target import Compose
from .docker.target import Docker
from .feast.target import Feast
from .github_actions.target import GithubActions
from .monitors.target import Monitors
from .python.target import PythonTarget
from .serving.target import Serving

BUILT_IN: tuple[Target, ...] = (PythonTarget(), Docker(), Serving(), Feast(), Monitors(), Compose(), GithubActions())
GROUP = "mlopsc.targets"


@cache
def all_targets() -> tuple[Target, ...]:
    """The built-in targets, then those of installed packages, by name."""
    plugins = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return (*BUILT_IN, *(point.load()() for point in plugins))


def plug_in_places() -> tuple[str, ...]:
    """The package, or the one file, that each target lies in which is not built in."""
    tops = (type(target).__module__.partition(".")[0] for target in all_targets()[len(BUILT_IN) :])
    found = (sys.modules[top] for top in tops)
    return tuple(dict.fromkeys(next(iter(getattr(top, "__path__", ())), top.__file__ or "") for top in found))
