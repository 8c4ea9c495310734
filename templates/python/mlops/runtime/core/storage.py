"""State that outlives a runner: pulled from the project's storage before a job, pushed after it.

One archive holds the tracking database, the prediction log, the monitors' records, the rows that incremental
sources have given so far, and the packages. The
record of the last pull or push says which archive this home came from; with it, a push never overwrites what
somebody else pushed meanwhile, and a pull never overwrites work that was not pushed yet.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from . import paths
from .config import ProjectPlan
from .environment import expand
from .errors import StepError
from .files import write_json
from .stores import ARCHIVE, Store, file_digest, open_store

PARTS = (
    "mlflow",
    "registry/*",
    "monitors/*",
    "batch/*",
    "features/*",
    "feast",
    "sources/*/*",
    "accepted/*",
    "work/*/package",
)
"""Folders of which one side wins as a whole: two trainings cannot be merged file by file."""

MERGED = "predictions"
"""A folder whose files are only ever added, under names of their own: both sides' files are kept."""

ARTIFACTS = re.compile(r"file://[^'\"]*?/mlflow/artifacts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What this home had in common with the storage at the last pull or push."""

    url: str
    version: str | None = None
    parts: dict[str, str] = field(default_factory=dict)


def pull(plan: ProjectPlan) -> str:
    """Bring the storage's state into the home; an empty storage is a fine start."""
    url = storage_url(plan)
    if url is None:
        return _no_storage()
    home = paths.prepare_home()
    store, record = open_store(url), _read_record(home, url)
    version = store.version()
    if version is None:
        return f"nothing in {url} yet: this home starts it with the next push"
    if version == record.version:
        return f"up to date with {url}"
    with _downloaded(store, home) as incoming:
        parts = _digests(incoming)
        taken = _choose(_digests(home), parts, record.parts, home)
        for part in taken:
            _replace_folder(incoming / part, home / part)
        added = _add_missing_files(incoming / MERGED, home / MERGED)
        _write_record(home, Record(url=url, version=version, parts=parts))
    return f"pulled from {url}: {', '.join(taken) or 'no folder changed'}; {added} files of predictions added"


def push(plan: ProjectPlan) -> str:
    """Put the home's state into the storage, unless somebody else pushed since the last pull."""
    url = storage_url(plan)
    if url is None:
        return _no_storage()
    home = paths.prepare_home()
    store, record = open_store(url), _read_record(home, url)
    version, parts = store.version(), _digests(home)
    if version is not None and version != record.version:
        message = f"{url} changed since this home was last pulled"
        raise StepError(message, "run `python -m mlops state pull` first, then push again")
    if parts == record.parts:
        return f"nothing new for {url}"
    with TemporaryDirectory(dir=home, prefix=".push-") as folder:
        archive = Path(folder) / ARCHIVE
        _pack(home, sorted(parts), archive)
        size = archive.stat().st_size
        _write_record(home, Record(url=url, version=store.upload(archive), parts=parts))
    return f"pushed to {url}: {', '.join(sorted(parts))} ({size / 1e6:.1f} MB)"


def storage_url(plan: ProjectPlan) -> str | None:
    """Where the state goes: MLOPS_STORAGE, else what the spec says; None keeps it in the home.

    ``${NAME}`` in it stands for an environment variable.
    """
    written = os.environ.get("MLOPS_STORAGE") or plan.storage
    url = expand(written, "storage") if written else None
    if url is None or "://" in url:
        return url
    return str(paths.root() / url)


def _no_storage() -> str:
    return f"no storage is named (`storage` in mlops.yaml, or MLOPS_STORAGE): the state stays in {paths.home()}"


def _folders(home: Path) -> Iterator[str]:
    for pattern in (*PARTS, MERGED):
        for folder in sorted(home.glob(pattern)):
            if folder.is_dir() and any(_files(folder)):
                yield folder.relative_to(home).as_posix()


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.endswith(".tmp"))


def _digests(home: Path) -> dict[str, str]:
    return {part: _folder_digest(home / part) for part in _folders(home)}


def _folder_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in _files(folder):
        content = _database_digest(file) if file.suffix == ".db" else file_digest(file)
        digest.update(f"{file.relative_to(folder).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _database_digest(file: Path) -> str:
    """What a tracking database says, without where it says its artifacts are: that is corrected wherever it is read."""
    digest = hashlib.sha256()
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            for line in database.iterdump():
                digest.update(ARTIFACTS.sub("artifacts", line).encode())
    except sqlite3.DatabaseError:  # not one of ours
        return file_digest(file)
    return digest.hexdigest()


def _choose(here: dict[str, str], there: dict[str, str], base: dict[str, str], home: Path) -> list[str]:
    """The folders to take from the storage; StepError when both sides changed one of them since ``base``."""
    taken = []
    for part in sorted(set(there) - {MERGED}):
        if part not in here or here[part] == base.get(part) != there[part]:
            taken.append(part)
        elif there[part] not in (here[part], base.get(part)):
            message = f"{home / part} holds work that was never pushed, and the storage holds another version of it"
            raise StepError(message, f"move {home / part} away to take the storage's version, then pull again")
    return taken


@contextmanager
def _downloaded(store: Store, home: Path) -> Iterator[Path]:
    with TemporaryDirectory(dir=home, prefix=".pull-") as folder:
        archive, content = Path(folder) / ARCHIVE, Path(folder) / "content"
        store.download(archive)
        content.mkdir()
        try:
            with tarfile.open(archive, "r:gz") as tar:
                tar.extractall(content, filter="data")  # refuses absolute names, links outside, devices
        except (tarfile.TarError, gzip.BadGzipFile, EOFError) as error:
            message = f"the state in the storage is damaged: {error}"
            raise StepError(message, "restore an older version of it, or remove it and push again") from error
        yield content


def _pack(home: Path, parts: list[str], archive: Path) -> None:
    """Pack in sorted order and without times, so that equal content gives equal bytes."""
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for file in (file for part in parts for file in _files(home / part)):
            tar.add(file, file.relative_to(home).as_posix(), filter=_anonymous)


def _anonymous(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    info.mode = 0o644
    return info


def _replace_folder(new: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    old = new.with_name(f"{new.name}.old")  # lies in the temporary folder, which goes as a whole
    if target.exists():
        target.rename(old)
    new.rename(target)


def _add_missing_files(new: Path, target: Path) -> int:
    added = 0
    for file in _files(new):
        there = target / file.relative_to(new)
        if not there.exists() or there.stat().st_size < file.stat().st_size:  # a log file only ever grows
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, there.with_name(f".{there.name}.tmp"))
            there.with_name(f".{there.name}.tmp").replace(there)
            added += 1
    return added


def _read_record(home: Path, url: str) -> Record:
    try:
        record = Record(**json.loads((home / "state.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Record(url=url)
    return record if record.url == url else Record(url=url)


def _write_record(home: Path, record: Record) -> None:
    write_json(home / "state.json", {"url": record.url, "version": record.version, "parts": record.parts})
