"""The online store of one machine: a SQLite file that a refresh replaces as a whole."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from ..core.files import replacing
from .store import Latest, Status, Values, Wanted, encode_value, entity_key, one

SCHEMA = """
CREATE TABLE latest (feature TEXT, entity TEXT, value TEXT, as_of TEXT, PRIMARY KEY (feature, entity)) WITHOUT ROWID;
CREATE TABLE refresh (as_of TEXT, refreshed_at TEXT);
"""
FEATURE_VALUE = "SELECT value, as_of FROM latest WHERE feature = ? AND entity = ?"
MOST_REMEMBERED = 100_000


def write(path: Path, values: Values) -> None:
    """Put a new file in place; who reads the old one sees it whole until it opens the new one."""
    as_of = values.status.as_of.isoformat()
    with replacing(path) as temporary:
        with closing(sqlite3.connect(temporary)) as database, database:
            database.executescript(SCHEMA)
            database.executemany(
                "INSERT INTO latest VALUES (?, ?, ?, ?)",
                sorted((name, key, encode_value(value), at.isoformat()) for name, key, value, at in values.rows),
            )
            database.execute("INSERT INTO refresh VALUES (?, ?)", (as_of, values.status.refreshed_at.isoformat()))
        temporary.chmod(0o644)  # a service may run as another user


class SqliteStore:
    """Reads the files at ``paths``, of what they know the newest; a file that was replaced is opened again.

    A file is immutable while it is there, so what was read once is remembered.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._files = [_File(path) for path in paths]
        self._remembered: dict[tuple[object, ...], Latest | None] = {}

    def latest(self, feature: str, entity: Sequence[object]) -> Latest | None:
        """The value under one stored name."""
        return one(self.latest_many([(feature, entity)]))

    def latest_many(self, wanted: Sequence[Wanted]) -> list[Latest | None]:
        """The values under many stored names."""
        self._follow()
        # Of this generation of the files: what another thread opens meanwhile is remembered elsewhere.
        remembered = self._remembered
        found = []
        for feature, entity in wanted:
            key = (feature, *entity)
            try:
                latest = remembered[key]
            except KeyError:
                latest = self._find(feature, entity_key(entity))
                if len(remembered) >= MOST_REMEMBERED:
                    remembered.clear()
                remembered[key] = latest
            found.append(latest)
        return found

    def status(self) -> Status | None:
        """The refresh of the newest file."""
        self._follow()
        known = [status for file in self._files if (status := file.status())]
        return max(known, key=lambda status: status.as_of, default=None)

    def close(self) -> None:
        """Give the files back."""
        for file in self._files:
            file.close()

    def _follow(self) -> None:
        changed = [file for file in self._files if file.follow()]
        if changed:
            self._remembered = {}

    def _find(self, feature: str, key: str) -> Latest | None:
        known = [found for file in self._files if (found := file.find(feature, key))]
        return known[0] if len(known) == 1 else max(known, key=lambda found: found.as_of, default=None)


class _File:
    """One file, and the connection to what it is now."""

    def __init__(self, path: Path) -> None:
        self._path, self._place = path, str(path)
        self._seen: tuple[int, int, int] | None = None
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def follow(self) -> bool:
        """Open the file that is there now, if it is another one than before; says whether it is."""
        try:
            there = os.stat(self._place)  # noqa: PTH116 - in every request
            now = (there.st_ino, there.st_mtime_ns, there.st_size)
        except OSError:
            now = None
        if now == self._seen:
            return False
        with self._lock:
            self._close()
            if now is not None:
                address = f"{self._path.resolve().as_uri()}?mode=ro&immutable=1"
                self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._seen = now
        return True

    def find(self, feature: str, key: str) -> Latest | None:
        """The value under a stored name for one entity's key."""
        with self._lock:
            row = self._connection.execute(FEATURE_VALUE, (feature, key)).fetchone() if self._connection else None
        return Latest(value=json.loads(row[0]), as_of=datetime.fromisoformat(row[1])) if row else None

    def status(self) -> Status | None:
        """When the file was written, and as of when."""
        with self._lock:
            row = self._connection.execute("SELECT * FROM refresh").fetchone() if self._connection else None
        return (
            Status(as_of=datetime.fromisoformat(row[0]), refreshed_at=datetime.fromisoformat(row[1])) if row else None
        )

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._close()
            self._seen = None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
