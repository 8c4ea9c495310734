# mypy: disable-error-code="import-untyped, import-not-found"
"""The registry in MLflow: a version is the package of a run; aliases name the challenger and the champion."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlflow.exceptions import MlflowException

from ..core.config import ModelConfig
from ..core.errors import StepError
from .tracking import client, unreachable
from .version import CHALLENGER, CHAMPION, Promotion, Version

PACKAGE = "package"


class MlflowRegistry:
    """The versions of one model; its name there is ``<project>.<model>``, so that projects can share a server."""

    def __init__(self, config: ModelConfig) -> None:
        self._name = f"{config.project}.{config.model}"
        self._client = client()

    def register(self, package: Path, run_id: str | None, tags: dict[str, str]) -> Version:
        """Store the package with its run and make it the challenger."""
        if run_id is None:
            raise StepError("there is no run to register", "run the step 'gate' first")
        try:
            self._client.log_artifacts(run_id, str(package), PACKAGE)
            if self._model() is None:
                self._client.create_registered_model(self._name)
            version = self._client.create_model_version(self._name, f"runs:/{run_id}/{PACKAGE}", run_id, tags=tags)
            self._client.set_registered_model_alias(self._name, CHALLENGER, version.version)
        except (MlflowException, OSError) as error:
            raise unreachable(error) from error
        return self._version(version, {CHALLENGER: str(version.version)})

    def versions(self) -> list[Version]:
        """Every version, newest first."""
        try:
            model = self._model()
            found = self._client.search_model_versions(f"name = '{self._name}'") if model else []
        except MlflowException as error:
            raise unreachable(error) from error
        aliases = _aliases(model)
        return [self._version(v, aliases) for v in sorted(found, key=lambda v: int(v.version), reverse=True)]

    def champion(self) -> Version | None:
        """The version with the alias ``champion``."""
        return next((version for version in self.versions() if CHAMPION in version.aliases), None)

    def fetch(self, version: Version, into: Path) -> Path:
        """Download the package of ``version``."""
        try:
            return Path(self._client.download_artifacts(str(version.run_id), PACKAGE, str(into)))
        except (MlflowException, OSError) as error:
            raise unreachable(error) from error

    def promote(self, version: Version, promotion: Promotion) -> None:
        """Move the alias, and write into the version who did it and why."""
        record = {"promoted_by": promotion.by, "promoted_why": promotion.why, "promoted_at": promotion.at}
        try:
            for name, value in record.items():
                self._client.set_model_version_tag(self._name, version.version, name, value)
            self._client.set_registered_model_alias(self._name, CHAMPION, version.version)
        except MlflowException as error:
            raise unreachable(error) from error

    def _model(self) -> Any:
        try:
            return self._client.get_registered_model(self._name)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return None
            raise

    def _version(self, found: Any, aliases: dict[str, str]) -> Version:
        created = datetime.fromtimestamp(found.creation_timestamp / 1000, UTC).replace(microsecond=0)
        return Version(
            name=self._name,
            version=str(found.version),
            created=created.isoformat(),
            aliases=tuple(sorted(alias for alias, number in aliases.items() if number == str(found.version))),
            run_id=found.run_id,
            tags=dict(found.tags),
        )


def _aliases(model: Any) -> dict[str, str]:
    """Alias to version as text: a number on SQLite, a string over HTTP."""
    return {alias: str(number) for alias, number in (model.aliases if model else {}).items()}
