"""Files on this machine: a file, a folder or a glob, looked at before their ending is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..core import paths
from ..core.errors import StepError
from .tracked import pull_hint

ENDINGS = {
    "csv": (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz"),
    "parquet": (".parquet", ".pq"),
    "json": (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz"),
}
"""What the names of files usually end with; in a folder only these are read."""

MAGIC = b"PAR1"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a source: where it lies, and the name that messages show."""

    path: Path
    name: str


def find(path: str, kind: str, label: str) -> list[File]:
    """The files that ``path`` means, in the order of their names; StepError when there are none."""
    path = path.removeprefix("file://")
    if any(sign in path for sign in "*?["):
        top = Path(Path(path).anchor or paths.root())  # a variable may hold an absolute path
        found = sorted(file for file in top.glob(path.removeprefix(str(top))) if file.is_file())
        if not found:
            hint = pull_hint(path) or f"looked below {top}"
            raise StepError(f"dataset '{label}': no file matches {path}", hint)
        return checked([File(path=file, name=_shown(file)) for file in found], kind, label)
    place = paths.root() / path
    if place.is_dir():
        return checked(_folder(place, path, kind, label), kind, label)
    if not place.is_file():
        raise _missing(place, label)
    return checked([File(path=place, name=str(place))], kind, label)


def _folder(folder: Path, path: str, kind: str, label: str) -> list[File]:
    found = sorted(file for file in folder.rglob("*") if file.is_file() and is_data(file.relative_to(folder), kind))
    if not found:
        message = f"dataset '{label}': the folder {path} holds no {kind} file"
        raise StepError(message, f"their names end with {', '.join(ENDINGS[kind])}; or name them: {path}/*")
    return [File(path=file, name=_shown(file)) for file in found]


def is_data(file: Path, kind: str) -> bool:
    """Whether a file of a folder is one of its data files: by its ending, and not hidden or a marker."""
    return file.name.lower().endswith(ENDINGS[kind]) and not any(part.startswith((".", "_")) for part in file.parts)


def checked(found: Iterable[File], kind: str, label: str) -> list[File]:
    """The files, once each of them looks like what it is said to be."""
    listed = list(found)
    for file in listed:
        _look_inside(file, kind, label)
    return listed


def _shown(file: Path) -> str:
    return file.relative_to(paths.root()).as_posix() if file.is_relative_to(paths.root()) else str(file)


def _missing(file: Path, label: str) -> StepError:
    beside = sorted(other.name for other in file.parent.glob("*") if other.stem.lower() == file.stem.lower())
    hint = f"there is {file.parent / beside[0]}" if beside else "put it there, or change 'path' of its source"
    hint = pull_hint(_shown(file)) or hint
    return StepError(f"dataset '{label}': {file} does not exist", hint)


def _look_inside(file: File, kind: str, label: str) -> None:
    where = f"dataset '{label}': {file.name}"
    try:
        with file.path.open("rb") as stream:
            head = stream.read(4096)
            stream.seek(-min(len(head), len(MAGIC)), 2)
            tail = stream.read()
    except OSError as error:
        raise StepError(f"{where} cannot be read: {error.strerror}", "check its permissions") from error
    if not head.strip():
        raise StepError(f"{where} is empty", "it needs a header line and rows" if kind == "csv" else "it needs rows")
    looks = _looks_like(head)
    if looks == "parquet" == kind and tail != MAGIC:
        raise StepError(f"{where} is cut off: the end of a Parquet file is missing", "write or copy it again")
    packed = looks == "gzip" and file.path.suffix == ".gz" and kind != "parquet"
    if looks == kind or (looks == "text" and kind == "csv") or packed:
        return
    if kind == "csv" and looks == "json" and not head.lstrip().startswith((b"{", b"[{")):
        return
    hint = f"set 'kind: {looks}' on its source" if looks in ENDINGS else f"convert it to {kind} first"
    raise StepError(f"{where} is not a {kind} file: its content is {looks}", hint)


def _looks_like(head: bytes) -> str:
    magic = {MAGIC: "parquet", b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip"}
    for sign, kind in magic.items():
        if head.startswith(sign):
            return kind
    if b"\x00" in head:
        return "binary"
    return "json" if re.match(rb"(\xef\xbb\xbf)?\s*[\[{]", head) else "text"
