"""mlopsc: one mlops.yaml becomes everything that runs machine learning in production.

The Python API: ``check``, ``compile`` and ``plan``; each takes the path of a spec, or of the folder that holds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import check, compile, plan  # noqa: A004  (named like the commands)

__all__ = ["check", "compile", "plan"]


def __getattr__(name: str) -> Any:
    """Import the API only when it is used: `mlopsc --help` stays instant."""
    if name in __all__:
        from . import api  # noqa: PLC0415

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
