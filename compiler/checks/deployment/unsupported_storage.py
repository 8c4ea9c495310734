"""A storage that the generated code cannot open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Edit, Finding, Mark
from ...model.resolved import Project
from ...source import YamlPath
from ..base import Check, Surroundings

SCHEMES = ("s3", "gs", "gcs", "az", "abfs", "oci", "oci+http", "file")
MEANT = {
    "s3a": "s3",
    "s3n": "s3",
    "minio": "s3",
    "abfss": "abfs",
    "adl": "az",
    "azure": "az",
    "wasb": "az",
    "wasbs": "az",
    "docker": "oci",
}
"""Schemes of other tools, and what stands for the same place here."""


def _half(url: str, path: YamlPath, surroundings: Surroundings) -> Iterator[Finding]:
    """A URL that lacks a slash would be a folder of that name."""
    found = re.fullmatch(r"([a-z0-9]{2,6}):/?([^/].*)", url)
    if found is not None and found[1] in SCHEMES:
        mark = Mark(path=(*path, "url") if surroundings.written((*path, "url")) else path, at="value")
        mended = f"{found[1]}://{found[2]}"
        yield Finding(
            message=f"'{url}' would be a folder of that name",
            mark=mark,
            help=f"write: {mended}",
            fix=(Edit(mark=mark, value=mended),),
        )


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """A scheme that nothing opens, and an address that names a host or a bucket only in part."""
    storage = project.spec.storage
    if storage is None or storage.url is None or "${" in storage.url:
        return
    if "://" not in storage.url:
        yield from _half(storage.url, storage.path, surroundings)
        return
    scheme, _, rest = storage.url.partition("://")
    written = (*storage.path, "url")
    mark = Mark(path=written if surroundings.written(written) else storage.path, at="value")
    if scheme not in SCHEMES:
        near = MEANT.get(scheme.lower(), scheme.lower() if scheme.lower() in SCHEMES else None)
        sure = near is not None and (scheme.lower() == near or scheme in ("s3a", "s3n"))
        yield Finding(
            message=f"nothing opens '{scheme}://': unsupported storage",
            mark=mark,
            help=f"write: {near}://{rest}" if near else f"what works: a folder, {', '.join(SCHEMES)}",
            fix=(Edit(mark=mark, value=f"{near}://{rest}"),) if sure else (),
        )
    elif not rest.strip("/"):
        yield Finding(
            message=f"'{storage.url}' names no place",
            mark=mark,
            help=f"such as: {scheme}://your-bucket/this-project",
        )
    elif scheme.startswith("oci") and "/" not in rest.strip("/"):
        yield Finding(
            message=f"'{storage.url}' names a registry and no repository in it",
            mark=mark,
            help=f"write: {scheme}://{rest.strip('/')}/your-organisation/{project.spec.project.name}",
        )


CHECK = Check(
    code="MLC615",
    title="unsupported storage",
    explanation="State is kept in a folder, in a container registry (oci://), or in the object stores of Amazon, "
    "Google and Azure, whose libraries are then among the generated requirements. Any other scheme would fail in the "
    "first job, when it fetches the state.",
    run=find,
)
