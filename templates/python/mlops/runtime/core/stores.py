# mypy: disable-error-code="import-untyped, import-not-found"
"""Where the state of a project is kept: a folder, an OCI registry, or an object store."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from .errors import StepError

ARCHIVE = "state.tar.gz"
TAG = "state"
GITHUB_REGISTRY = "ghcr.io"
NOT_FOUND = 404
OK = 200


class Store(Protocol):
    """One archive at a fixed address, with a version that changes whenever its content does."""

    def version(self) -> str | None:
        """What identifies the content that is there now; None when there is none yet."""

    def download(self, target: Path) -> None:
        """Write the archive to ``target``."""

    def upload(self, archive: Path) -> str:
        """Put ``archive`` in place of what is there; its version comes back."""


def open_store(url: str) -> Store:
    """The store at ``url``; StepError when nothing handles its scheme."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return FolderStore(folder=Path(url))
    if scheme == "file":
        return FolderStore(folder=Path(rest))
    if scheme in {"oci", "oci+http"}:
        return _oci_store(rest, insecure=scheme == "oci+http")
    return _remote_store(url)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStore:
    """A folder of this machine, or a share mounted into it."""

    folder: Path

    def version(self) -> str | None:
        """The sha256 of the archive."""
        archive = self.folder / ARCHIVE
        return file_digest(archive) if archive.exists() else None

    def download(self, target: Path) -> None:
        """Copy the archive to ``target``."""
        shutil.copyfile(self.folder / ARCHIVE, target)

    def upload(self, archive: Path) -> str:
        """Copy the archive into the folder; it appears there as a whole."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary = self.folder / f".{ARCHIVE}.{os.getpid()}"
            shutil.copyfile(archive, temporary)
            temporary.replace(self.folder / ARCHIVE)
        except OSError as error:
            message = f"cannot write the state to {self.folder}: {error.strerror}"
            raise StepError(message, "check `storage` in mlops.yaml, or MLOPS_STORAGE") from error
        return file_digest(archive)


@dataclass(frozen=True, slots=True, kw_only=True)
class OciStore:
    """A tag in a container registry: the archive is the only layer of an OCI artifact."""

    client: Any
    target: str  # host/repository:tag

    def version(self) -> str | None:
        """The digest of the manifest that the tag names."""
        container = self.client.get_container(self.target)
        self.client.auth.load_configs(container)
        address = f"{self.client.prefix}://{container.manifest_url()}"
        with self._reachable():
            response = self._ask_once(address)
        if response.status_code == NOT_FOUND:
            return None
        if response.status_code != OK:
            raise self._refused(f"HTTP {response.status_code}")
        content: bytes = response.content
        return "sha256:" + hashlib.sha256(content).hexdigest()

    def download(self, target: Path) -> None:
        """Pull the artifact and leave its archive at ``target``."""
        with TemporaryDirectory(dir=target.parent) as folder, self._reachable():
            self.client.pull(target=self.target, outdir=folder)
            (Path(folder) / ARCHIVE).replace(target)

    def upload(self, archive: Path) -> str:
        """Push the archive; the tag moves to it as the last step."""
        with TemporaryDirectory(dir=archive.parent) as folder, self._reachable():
            layer = Path(folder) / ARCHIVE  # the name of the file becomes the title of the layer
            os.link(archive, layer)
            self.client.push(target=self.target, files=[str(layer)], disable_path_validation=True, quiet=True)
        return self.version() or ""

    def _ask_once(self, address: str) -> Any:
        """The first contact: without the retries of oras, which take two minutes to report a wrong address."""
        request = type(self.client).do_request
        headers = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
        return getattr(request, "__wrapped__", request)(self.client, address, "GET", headers=headers)

    @contextlib.contextmanager
    def _reachable(self) -> Iterator[None]:
        import requests  # noqa: PLC0415 - comes with oras, and only this store needs it

        try:
            yield
        except (requests.RequestException, ValueError) as error:  # oras reports a refusal as ValueError
            raise self._refused(str(error)) from error

    def _refused(self, why: str) -> StepError:
        hint = (
            "is the registry reachable, and may GITHUB_ACTOR with GITHUB_TOKEN (or `docker login`) use this repository?"
        )
        return StepError(f"the registry did not accept {self.target}: {why}", hint)


def _oci_store(address: str, *, insecure: bool) -> OciStore:
    try:
        from oras.client import OrasClient  # noqa: PLC0415 - only this kind of storage needs it
    except ModuleNotFoundError as error:
        message = "storage in a container registry needs the package 'oras'"
        raise StepError(message, "install the generated requirements") from error
    logging.getLogger("oras").setLevel(logging.CRITICAL)  # its failures come back as our messages
    client = OrasClient(insecure=insecure, tls_verify=not insecure)
    user, token = os.environ.get("GITHUB_ACTOR"), os.environ.get("GITHUB_TOKEN")
    if user and token and address.startswith(f"{GITHUB_REGISTRY}/"):  # no other host may see this token
        client.auth.set_basic_auth(user, token)
    return OciStore(client=client, target=f"{address.lower().rstrip('/')}:{TAG}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStore:
    """An object store that fsspec knows: s3://, gs://, az:// and the like."""

    files: Any
    path: str

    def version(self) -> str | None:
        """What the object store itself says about the object (an ETag, mostly)."""
        self.files.invalidate_cache()
        return str(self.files.checksum(self.path)) if self.files.exists(self.path) else None

    def download(self, target: Path) -> None:
        """Copy the object to ``target``."""
        self.files.get_file(self.path, str(target))

    def upload(self, archive: Path) -> str:
        """Replace the object; object stores show it as a whole."""
        self.files.makedirs(self.path.rpartition("/")[0], exist_ok=True)
        self.files.put_file(str(archive), self.path)
        return self.version() or ""


def _remote_store(url: str) -> RemoteStore:
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - only this kind of storage needs it

        files, path = url_to_fs(f"{url.rstrip('/')}/{ARCHIVE}")
    except (ImportError, ValueError) as error:
        message = f"nothing here can read {url}: {error}"
        raise StepError(message, "use a path, oci://…, or install the fsspec package of that storage") from error
    return RemoteStore(files=files, path=path)


def file_digest(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
