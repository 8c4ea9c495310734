"""Which generated files belong to which part of the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

MODELS = "mlops/models/"
OWN: Mapping[str, tuple[str, ...]] = {
    "model": ("*",),
    "train": ("config.json", "requirements-train.txt"),
    "gate": ("config.json",),
    "api": ("config.json", "requirements-serve.txt"),
    "batch": ("config.json", "requirements-serve.txt"),
    "edge": ("config.json",),
}
"""Files in the folder of a model, by kind."""
SHARED: Mapping[str, tuple[str, ...]] = {
    "train": ("*-train.yml", "*/train.Dockerfile"),
    "api": ("*-deploy.yml", "*/serve.Dockerfile", "mlops/deploy/*"),
    "batch": ("*-batch.yml",),
    "environment": ("*-deploy.yml", "mlops/deploy/*"),
    "monitor": ("*-monitor.yml", "*/requirements-monitor.txt"),
}
"""Files that models share, by kind; only those that this stack really writes are shown."""


class Written:
    """The files of a compile, looked up by what they belong to."""

    def __init__(self, files: Iterable[str]) -> None:
        self._own: dict[str, list[str]] = {}
        self._shared: list[str] = []
        for path in (file.replace("../", "") for file in files):  # workflows stand at the root of the repository
            if path.startswith(MODELS):
                self._own.setdefault(path.removeprefix(MODELS).partition("/")[0], []).append(path)
            else:
                self._shared.append(path)
        self._by_kind = {kind: self._matching(patterns) for kind, patterns in SHARED.items()}

    def of(self, kind: str, model: str, *more: str) -> tuple[str, ...]:
        """The files of one kind of thing of one model, and those among ``more`` that are written."""
        own = [
            path
            for path in self._own.get(model, ())
            if any(fnmatchcase(path.removeprefix(f"{MODELS}{model}/"), pattern) for pattern in OWN.get(kind, ()))
        ]
        return (*own, *(path for path in more if path in self._shared), *self._by_kind.get(kind, ()))

    def _matching(self, patterns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(path for path in self._shared if any(fnmatchcase(path, pattern) for pattern in patterns))
