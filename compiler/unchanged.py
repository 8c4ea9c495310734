"""The early-out: what was compiled before, and did not change since, is found by a look at the files.

After a compile that left every file as it was rendered, a record says what went in and how the files looked. The spec
and all that is read with it are compared by content; the files that were written, which are many, by what ``lstat``
says of them. A record that cannot be read, or that is about something else, costs only the time of a compile.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .inputs import content, digest
from .lock import LOCK_NAME, of
from .lock import digest as lock_digest
from .pins import PINS_NAME
from .places import places
from .records import record
from .resources import schema_folder, template_folder

if TYPE_CHECKING:
    from .phases import Compilation
    from .writer import Change

HOME = ".mlops"
RECORD = "cache/compile.json"
VERSION = 1
NO_PART = frozenset({"__pycache__", "cases", "examples"})
"""Folders of the compiler that decide nothing of what it writes."""

SETTLED_NS = 2_000_000_000
"""A part of the compiler that is younger may change once more within one tick of a coarse clock."""

_BOM = b"\xef\xbb\xbf"


@record
class Said:
    """The diagnostics of a compile as they were printed, plain and for a terminal."""

    plain: str = ""
    coloured: str = ""


@record
class Unchanged:
    """A compile that has nothing to do: what it would say, and how many files it would leave as they are."""

    said: Said
    files: int


class Memory:
    """What the last compile of one spec to one place left behind."""

    def __init__(self, spec: Path, out: Path | None = None) -> None:
        self._spec = spec
        self.project, git = places(spec.parent, out)
        self._file = self.project / HOME / RECORD
        self._begun = time.time_ns()
        compiler, self._youngest = _signature(map(str, (Path(__file__).parent, template_folder(), schema_folder())))
        where = [str(spec), str(self.project), str(git)]
        pins = digest(content(spec.parent, PINS_NAME))
        known = [VERSION, sys.version, compiler, _installed(), pins, where]
        self._key = hashlib.sha256(json.dumps(known).encode()).hexdigest()

    def recall(self) -> Unchanged | None:
        """The last compile, if another one would give the same and would find everything as that one left it."""
        try:
            record: Any = json.loads(self._file.read_bytes())
            if record["key"] != self._key or not self._same_inputs(record) or not self._same_outputs(record):
                return None
            return Unchanged(said=Said(**record["said"]), files=len(record["outputs"]) - 1)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):  # lost, torn, or of another version
            return None

    def remember(self, compiled: Compilation, changes: Iterable[Change], said: Said) -> None:
        """Keep the record of a compile that left every file as it was rendered; that it cannot be kept is no error."""
        changes, plug_ins = tuple(changes), _plug_ins()
        youngest = max(self._youngest, *(age for _, age in plug_ins.values()), 0)
        if self._begun - youngest < SETTLED_NS or any(change.by_hand for change in changes):
            return
        digests = {change.path: change.digest for change in changes if change.digest is not None}
        temporary = self._file.with_name(f".{self._file.name}.{os.getpid()}.tmp")
        with suppress(OSError):
            self._prepare()
            try:
                temporary.touch()
                moment = temporary.stat().st_mtime_ns  # by the clock of the file system that stamps the other files
                written = self._written(digests, moment)
                if written is not None:
                    signatures = {path: signature for path, (signature, _) in plug_ins.items()}
                    known = {"key": self._key, "said": asdict(said), "plug_ins": signatures}
                    record = {**known, **_read(compiled), **written}
                    temporary.write_text(json.dumps(record), encoding="utf-8")
                    temporary.replace(self._file)
            finally:
                temporary.unlink(missing_ok=True)

    def _prepare(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        ignore = self.project / HOME / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")

    def _written(self, digests: dict[str, str], moment: int) -> dict[str, Any] | None:
        """How each file looks, and the digests of those that may change without looking otherwise.

        A file stamped at ``moment`` or later can be edited again within the same tick of the clock. None where the
        lock is not that of these files: another compile was at work.
        """
        looks = {path: _look(self._place(path)) for path in (*digests, LOCK_NAME)}
        lock = (self.project / LOCK_NAME).read_bytes()
        if None in looks.values() or lock != of(digests.items()).text.encode():
            return None
        known = {**digests, LOCK_NAME: lock_digest(lock)}
        fresh = {path: known[path] for path, look in looks.items() if look is not None and look[0] >= moment}
        return {"outputs": looks, "fresh": fresh}

    def _same_inputs(self, record: Mapping[str, Any]) -> bool:
        folder = self._spec.parent
        sources, included = record["sources"], record["included"]
        return (
            all(_source(folder / name) == known for name, known in sources.items())
            and all(self._matching(pattern) == names for pattern, names in included.items())
            and all(digest(content(folder, path)) == known for path, known in record["digests"].items())
            and all((folder / path).exists() == known for path, known in record["present"].items())
            and all(_signature([path])[0] == known for path, known in record["plug_ins"].items())
        )

    def _matching(self, pattern: str) -> list[str]:
        from .compose import matching  # noqa: PLC0415  (only where a spec includes others)

        return [file.relative_to(self._spec.parent).as_posix() for file in matching(self._spec, pattern)]

    def _same_outputs(self, record: Mapping[str, Any]) -> bool:
        if any(_look(self._place(path)) != look for path, look in record["outputs"].items()):
            return False
        tops = {path.partition("/")[0] for path in record["outputs"]}
        if any(os.path.islink(os.path.join(self.project, top)) for top in tops):  # noqa: PTH114, PTH118
            return False
        return all(lock_digest(Path(self._place(path)).read_bytes()) == one for path, one in record["fresh"].items())

    def _place(self, path: str) -> str:
        return os.path.join(self.project, path)  # noqa: PTH118  (thousands of them)


def _look(path: str) -> list[int] | None:
    """What tells whether a file was touched; None where there is none."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_mode]


def _source(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().removeprefix(_BOM)).hexdigest()


def _read(compiled: Compilation) -> dict[str, Any]:
    """What the compile read besides what the key stands for."""
    analysis = compiled.analysis
    return {
        "sources": {name: digest(one.text.encode()) for name, one in analysis.sources.files.items()},
        "included": {pattern: list(names) for pattern, names in analysis.included.items()},
        "digests": analysis.inputs.digests,
        "present": analysis.inputs.present,
    }


def _plug_ins() -> dict[str, tuple[str, int]]:
    """What the targets that are not built in look like, and how old they are, by where they lie."""
    from .targets import plug_in_places  # noqa: PLC0415  (what has nothing to do needs no target)

    return {path: _signature([path]) for path in plug_in_places()}


def _installed() -> list[tuple[str, int]]:
    """The folders that packages are installed to: they change with every package, and with its version.

    The working directory and the folder of commands are no such folders, even where Python looks there first.
    """
    others = {Path.cwd(), Path(sys.executable).parent, Path(sys.argv[0]).parent.absolute()}
    folders = [path for path in map(Path, sys.path) if path.absolute() not in others and path.exists()]
    return [(str(path), path.stat().st_mtime_ns) for path in folders]


def _signature(places: Iterable[str]) -> tuple[str, int]:
    """What ``stat`` says of every file below some folders, as one hash, and when the youngest one was written."""
    looks = [look for place in places for look in _looks(place)]
    return hashlib.sha256(json.dumps(looks).encode()).hexdigest(), max((look[1] for look in looks), default=0)


def _looks(place: str) -> Iterator[tuple[str, int, int, int]]:
    if not os.path.isdir(place):  # noqa: PTH112
        found = os.stat(place)  # noqa: PTH116  (hundreds of them, at every start)
        yield place, found.st_mtime_ns, found.st_ctime_ns, found.st_size
        return
    with os.scandir(place) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.name in NO_PART:
                continue
            if entry.is_dir():
                yield from _looks(entry.path)
            else:
                found = entry.stat()
                yield entry.path, found.st_mtime_ns, found.st_ctime_ns, found.st_size
