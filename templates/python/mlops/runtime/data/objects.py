# mypy: disable-error-code="import-untyped, import-not-found"
"""Objects of a store elsewhere (s3://, gs://, az://, https://): copied to this disk, piece by piece, and read there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..core.config import Source
from ..core.environment import without_secrets
from ..core.errors import StepError
from . import local

CHUNK = 4 << 20
TIMEOUT = 10  # seconds until an address that does not answer is given up
ATTEMPTS = 3
HINTS = {
    r"NO_SUCH_BUCKET|bucket does not exist": "there is no such bucket: check 'path', AWS_REGION and AWS_ENDPOINT_URL",
    r"ACCESS_DENIED|HTTP status 403|INVALID_ACCESS_KEY|SIGNATURE_DOES_NOT|Forbidden|\b403\b": "the credentials may not "
    "read it: check those of the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for s3://)",
    r"NETWORK_CONNECTION|curlCode|Could not connect|Cannot connect|timed? ?out|resolve host": "the store does not "
    "answer: check the network, and AWS_ENDPOINT_URL where the store is not Amazon's",
    r"NoCredentials|DefaultCredentialsError|credentials": "no credentials were found in the environment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A path in an object store."""

    files: Any  # pyarrow.fs.FileSystem
    path: str
    url: str
    label: str


def fetch(url: str, source: Source, label: str, folder: Path) -> list[local.File]:
    """The files that ``url`` means, copied below ``folder`` with their names; StepError says why they cannot be."""
    place = _open(url, source, label)
    with _understood(place, source):
        found = sorted(_find(place, source.kind))
        if not found:
            raise StepError(f"dataset '{label}': nothing is at {source.path}", _absent(place))
    base = _base(place.path)
    fetched = []
    for path in found:
        name = path.removeprefix(base).lstrip("/")
        target = folder / PurePosixPath(name)
        with _understood(place, source):
            _copy(place, path, target)
        fetched.append(local.File(path=target, name=_shown(url, path)))
    return local.checked(fetched, source.kind, label)


def _open(url: str, source: Source, label: str) -> Place:
    scheme, _, rest = url.partition("://")
    try:
        import pyarrow.fs  # noqa: PLC0415 - only remote sources need it

        if scheme == "s3":
            return Place(files=_s3(rest), path=rest, url=url, label=label)
        if scheme in {"gs", "gcs"}:
            return Place(files=pyarrow.fs.GcsFileSystem(), path=rest, url=url, label=label)
        from fsspec.core import url_to_fs  # noqa: PLC0415 - the other stores

        files, path = url_to_fs(url)
    except (ImportError, ValueError) as error:
        message = f"dataset '{label}': nothing here can read {source.path}: {error}"
        raise StepError(message, "install the generated requirements; s3://, gs:// and az:// have theirs") from error
    return Place(files=pyarrow.fs.PyFileSystem(pyarrow.fs.FSSpecHandler(files)), path=str(path), url=url, label=label)


def _s3(path: str) -> Any:
    """Amazon's store, or another with its interface that AWS_ENDPOINT_URL names."""
    from pyarrow import fs  # noqa: PLC0415 - only remote sources need it

    address = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    scheme, _, host = (address or "").rpartition("://")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region is None and address is None:
        try:
            region = fs.resolve_s3_region(path.partition("/")[0])
        except OSError:  # the first real request says why
            region = None
    return fs.S3FileSystem(
        region=region,
        scheme=scheme or "https",
        endpoint_override=host or None,
        connect_timeout=TIMEOUT,
        request_timeout=TIMEOUT * 3,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )


def _find(place: Place, kind: str) -> Iterator[str]:
    """The paths of the objects: those that a glob matches, those of a folder, or the one that is named."""
    from pyarrow import fs  # noqa: PLC0415 - only remote sources need it

    if _has_glob(place.path):
        wanted = re.compile(_pattern(place.path))
        selector = fs.FileSelector(_base(place.path), recursive=True, allow_not_found=True)
        yield from (info.path for info in place.files.get_file_info(selector) if wanted.fullmatch(info.path))
        return
    info = place.files.get_file_info(place.path.rstrip("/"))
    if info.type == fs.FileType.File:
        yield info.path
    elif info.type == fs.FileType.Directory:
        base = info.path.rstrip("/")
        for inside in place.files.get_file_info(fs.FileSelector(base, recursive=True)):
            relative = Path(inside.path.removeprefix(base).lstrip("/"))
            if inside.type == fs.FileType.File and local.is_data(relative, kind):
                yield inside.path


def _absent(place: Place) -> str:
    from pyarrow import fs  # noqa: PLC0415 - only remote sources need it

    bucket = place.path.partition("/")[0]
    if "://" not in place.path and place.files.get_file_info(bucket).type == fs.FileType.NotFound:
        return f"there is no bucket '{bucket}': check 'path', AWS_REGION and AWS_ENDPOINT_URL"
    return "the bucket is there: check the rest of the path"


def _copy(place: Place, path: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with place.files.open_input_stream(path) as stream, target.open("wb") as file:
        while chunk := stream.read(CHUNK):
            file.write(chunk)


def _has_glob(path: str) -> bool:
    return any(sign in path for sign in "*?[")


def _base(path: str) -> str:
    """The folder below which everything lies that ``path`` can mean."""
    parts = path.split("/")
    fixed = next((index for index, part in enumerate(parts) if _has_glob(part)), len(parts) - 1)
    return "/".join(parts[:fixed]) or path


def _pattern(path: str) -> str:
    """A glob as a regular expression: ``*`` stays within a folder, ``**`` does not."""
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\])", path)
    return "".join(
        signs.get(piece) or (piece.replace("[!", "[^") if piece.startswith("[") else re.escape(piece))
        for piece in pieces
    )


def _shown(url: str, path: str) -> str:
    return path if "://" in path else f"{url.partition('://')[0]}://{path}"


@contextmanager
def _understood(place: Place, source: Source) -> Iterator[None]:
    """Failures of a store as a message: what it said, and what that usually means."""
    try:
        yield
    except StepError:
        raise
    except Exception as error:  # every library below fsspec has failures of its own
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        hint = next((hint for sign, hint in HINTS.items() if re.search(sign, f"{type(error).__name__} {error}")), None)
        reason = without_secrets(reason, source.path or "")
        message = f"dataset '{place.label}': cannot read {source.path}: {reason}"
        raise StepError(message, hint or "check the address and the credentials of the environment") from error
