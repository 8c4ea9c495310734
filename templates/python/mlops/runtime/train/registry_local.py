"""No registry: the package of the last run is the challenger, a copy of it in the home the champion."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from ..core import paths
from ..core.config import ModelConfig
from ..core.errors import StepError
from ..core.files import replacing_folder, write_json
from .lineage import tags_of
from .version import CHALLENGER, CHAMPION, LINEAGE, Promotion, Version

LOCAL = "local"
RECORD = "promotion.json"


class LocalRegistry:
    """A registry of two folders."""

    def __init__(self, config: ModelConfig) -> None:
        self._config = config
        self._candidate = paths.Work.of(config.model).candidate
        self._champion = paths.registry_folder(config.model) / CHAMPION

    def register(self, package: Path, run_id: str | None, tags: dict[str, str]) -> Version:
        """Nothing to store: the package stays where it is."""
        created = datetime.fromtimestamp(package.stat().st_mtime, UTC).replace(microsecond=0).isoformat()
        name, aliases = self._config.model, (CHALLENGER,)
        return Version(name=name, version=LOCAL, created=created, aliases=aliases, run_id=run_id, tags=tags)

    def versions(self) -> list[Version]:
        """The challenger, when there is one that is not yet the champion, then the champion."""
        there = self._candidate.exists()
        challenger = self.register(self._candidate, None, _made_of(self._candidate)) if there else None
        return [version for version in (challenger, self.champion()) if version is not None]

    def champion(self) -> Version | None:
        """The promoted package, if any."""
        if not self._champion.exists():
            return None
        promoted = json.loads((self._champion / RECORD).read_text(encoding="utf-8"))
        tags = _made_of(self._champion) | promoted
        name, aliases = self._config.model, (CHAMPION,)
        return Version(name=name, version=LOCAL, created=promoted["promoted_at"], aliases=aliases, tags=tags)

    def fetch(self, version: Version, into: Path) -> Path:
        """The package itself; nothing is copied."""
        del into
        return self._champion if CHAMPION in version.aliases else self._candidate

    def promote(self, version: Version, promotion: Promotion) -> None:
        """Copy the challenger, so that the next run does not change the champion."""
        source = self.fetch(version, self._champion)
        if not source.exists():
            raise StepError(f"{source} does not exist", "run the step 'register' first")
        record = {"promoted_by": promotion.by, "promoted_why": promotion.why, "promoted_at": promotion.at}
        with replacing_folder(self._champion) as temporary:
            shutil.copytree(source, temporary, dirs_exist_ok=True)
            write_json(temporary / RECORD, record)


def _made_of(package: Path) -> dict[str, str]:
    """What a package was made of; nothing where it is older than that record."""
    try:
        return tags_of(json.loads((package / LINEAGE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
