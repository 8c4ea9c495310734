"""What the template of this target sees."""

from __future__ import annotations

from ...records import record

SCHEMES = {"s3": "s3", "gs": "gs", "gcs": "gs", "az": "azure", "abfs": "azure", "file": "file", "ssh": "ssh"}
"""The schemes of a storage, and what DVC calls them."""

EXTRAS = ("s3", "gs", "azure", "ssh")
"""The schemes that need more than DVC itself, which are also the names of what brings it."""

FOLDER = "dvc"
"""The folder of the storage that DVC keeps its files in."""


@record
class SetupView:
    """What sets DVC up: where `dvc push` goes, if that is known."""

    remote: str | None


def remote(storage: str) -> str | None:
    """The address of DVC's own folder in a storage; None where DVC cannot write to it."""
    scheme, separator, rest = storage.rstrip("/").partition("://")
    if not separator:
        return f"{scheme}/{FOLDER}"
    if scheme == "file":
        return f"{rest}/{FOLDER}"
    return f"{SCHEMES[scheme]}://{rest}/{FOLDER}" if scheme in SCHEMES else None


def requirement(storage: str | None) -> str:
    """What to install for ``dvc push`` and ``dvc pull``."""
    scheme = (remote(storage) or "").partition("://")[0] if storage else ""
    return f"dvc[{scheme}]>=3.60\n" if scheme in EXTRAS else "dvc>=3.60\n"
