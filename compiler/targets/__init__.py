"""What a plan is compiled into; one folder per target."""

from __future__ import annotations

import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from ..diagnostics import MlopscError
from .base import Target
from .codes import TargetCode
from .compose.target import Compose
from .docker.target import Docker
from .dvc.target import Dvc
from .feast.target import Feast
from .github_actions.target import GithubActions
from .monitors.target import Monitors
from .python.target import PythonTarget
from .serving.target import Serving

BUILT_IN: tuple[Target, ...] = (
    PythonTarget(),
    Docker(),
    Serving(),
    Feast(),
    Monitors(),
    Compose(),
    GithubActions(),
    Dvc(),
)
GROUP = "mlopsc.targets"


@cache
def all_targets() -> tuple[Target, ...]:
    """The built-in targets, then those of installed packages, by name; MlopscError where one of these is broken."""
    plugins = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return (*BUILT_IN, *map(_loaded, plugins))


def _loaded(point: EntryPoint) -> Target:
    try:
        target: Target = point.load()()
    except Exception as error:  # somebody else's code may fail in any way
        package = point.dist.name if point.dist is not None else point.module
        reason = f"{type(error).__name__}: {error}"
        raise MlopscError(
            f"the target '{point.name}' of the package '{package}' cannot be loaded: {reason}\n"
            f"  help: upgrade the package, or remove it: pip uninstall {package}"
        ) from error
    return target


def plug_in_codes() -> tuple[TargetCode, ...]:
    """The codes that installed targets explain, each in its attribute ``codes``."""
    return tuple(code for target in all_targets()[len(BUILT_IN) :] for code in getattr(target, "codes", ()))


def plug_in_places() -> tuple[str, ...]:
    """The package, or the one file, that each target lies in which is not built in."""
    tops = (type(target).__module__.partition(".")[0] for target in all_targets()[len(BUILT_IN) :])
    found = (sys.modules[top] for top in tops)
    return tuple(dict.fromkeys(next(iter(getattr(top, "__path__", ())), top.__file__ or "") for top in found))
