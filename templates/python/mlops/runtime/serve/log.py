"""The prediction log: JSON lines in one folder per UTC date, written beside the requests.

A request only puts its record into a queue; a thread writes everything that waits there with one system call, so
the queue is empty again within milliseconds. What can be lost, and nothing else: what still waits in the queue
when the process is killed (a normal stop writes it first), and what finds the queue full because the disk has been
refusing writes for that long; the latter is counted in ``dropped`` and shown by ``/metrics``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import uuid
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ..core.config import Feature, PredictionLog
from ..core.files import finite, replacing

CAPACITY = 50_000
RETRY_SECONDS = 1.0
ONE_DAY = timedelta(days=1)
STAMP = "%Y%m%dT%H%M%SZ"


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return _utc(value).isoformat(timespec="microseconds" if value.microsecond else "seconds")[:-6] + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One prediction as it is logged; ``time`` is the request's own time, else when it was answered."""

    request_id: str
    key: Mapping[str, Any]
    time: datetime
    features: Mapping[str, Any]
    request: Mapping[str, Any]
    score: float | None
    decision: Any
    version: str
    logged_at: datetime
    probabilities: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which predictions are kept, and what of each."""

    sample: float
    hidden: frozenset[str]  # raw columns
    hidden_features: frozenset[str]

    @classmethod
    def of(cls, settings: PredictionLog, features: Iterable[Feature]) -> Filter:
        """Redaction hides a raw column and every feature computed from its value in the request."""
        hidden = frozenset(settings.redact)
        derived = {item.name for item in features if item.kind != "window" and hidden.intersection(item.columns)}
        return cls(sample=settings.sample, hidden=hidden, hidden_features=frozenset(derived))

    def keeps(self, request_id: str) -> bool:
        """Whether this prediction is in the sample: decided by its id, so a retry decides the same."""
        return self.sample >= 1 or zlib.crc32(request_id.encode()) < self.sample * 2**32

    def line(self, record: Record) -> str:
        """The record as one line of JSON; what is hidden is absent."""
        content = {
            "request_id": record.request_id,
            "key": {name: value for name, value in record.key.items() if name not in self.hidden},
            "time": _text(record.time),
            "features": {name: value for name, value in record.features.items() if name not in self.hidden_features},
            "request": {name: value for name, value in record.request.items() if name not in self.hidden},
            "score": record.score,
            "decision": record.decision,
            "version": record.version,
            "logged_at": _text(record.logged_at),
        }
        if record.probabilities is not None:
            content["probabilities"] = record.probabilities
        try:
            return ENCODER.encode(content)
        except ValueError:  # NaN or infinity, which JSON does not have
            return ENCODER.encode(finite(content))


@dataclass(slots=True, kw_only=True)
class PredictionWriter:
    """Writes records from a thread of its own; ``close`` returns when everything is on disk."""

    folder: Path
    filter: Filter
    retention: timedelta | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    capacity: int = CAPACITY
    written: int = 0
    dropped: int = 0
    failures: int = 0
    _waiting: deque[Record] = field(default_factory=deque)
    _lines: dict[date, list[str]] = field(default_factory=dict)  # belongs to the thread
    _accepted: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wake: threading.Event = field(default_factory=threading.Event)
    _closing: bool = False
    _thread: threading.Thread | None = None
    _day: date | None = None
    _name: str = ""

    def start(self) -> None:
        """Start the thread that writes."""
        self._thread = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._thread.start()

    def put(self, record: Record) -> None:
        """Hand over one record; never waits."""
        if not self.filter.keeps(record.request_id):
            return
        with self._lock:
            if self.pending >= self.capacity:
                self.dropped += 1
                return
            self._accepted += 1
        self._waiting.append(record)
        self._wake.set()

    @property
    def pending(self) -> int:
        """How many records are not on disk yet."""
        return self._accepted - self.written

    def close(self, timeout: float = 10.0) -> None:
        """Write what waits, then stop; what a broken disk refuses until then is counted as dropped."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)
        self.dropped += self.pending
        if self.dropped:
            print(f"prediction log: {self.dropped} predictions were not logged", file=sys.stderr, flush=True)

    def _run(self) -> None:
        while True:
            self._wake.wait(None if not self._lines else RETRY_SECONDS)
            self._wake.clear()
            closing = self._closing  # read before the queue: nothing is put after closing
            self._drain()
            if closing:
                return

    def _drain(self) -> None:
        while self._waiting:
            record = self._waiting.popleft()
            self._lines.setdefault(_utc(record.time).date(), []).append(self.filter.line(record))
        try:
            self._turn_of_day()
            for day in list(self._lines):
                append_whole(partition(self.folder, day) / self._name, self._lines[day])
                self.written += len(self._lines.pop(day))
        except OSError as error:
            self.failures += 1
            if self.failures == 1:
                print(f"prediction log: cannot write {self.folder}: {error}", file=sys.stderr, flush=True)

    def _turn_of_day(self) -> None:
        """Begin new files every day, so that retention can remove whole files."""
        now = self.clock()
        if self._day != now.date():
            self._day, self._name = now.date(), f"{now.strftime(STAMP)}-{uuid.uuid4().hex[:8]}.jsonl"
            if self.retention is not None:
                expire(self.folder, self.retention, now)


def write_batch(folder: Path, name: str, filtered: Filter, records: Iterable[Record], now: datetime) -> int:
    """Write the records of one batch run; a second run under the same ``name`` replaces them."""
    by_date: dict[date, list[str]] = defaultdict(list)
    for record in records:
        if filtered.keeps(record.request_id):
            by_date[_utc(record.time).date()].append(filtered.line(record))
    before = set(folder.glob(f"date=*/*-{name}.jsonl"))
    for day, lines in by_date.items():
        target = partition(folder, day) / f"{now.strftime(STAMP)}-{name}.jsonl"
        with replacing(target) as temporary:
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
        before.discard(target)
    for file in before:
        file.unlink(missing_ok=True)
    return sum(map(len, by_date.values()))


def partition(folder: Path, day: date) -> Path:
    """The folder of one UTC date."""
    return folder / f"date={day.isoformat()}"


def append_whole(path: Path, lines: list[str]) -> None:
    """Append the lines or none of them: what a full disk cut short is taken back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(line + "\n" for line in lines).encode()
    with path.open("ab", buffering=0) as file:
        before = file.tell()
        try:
            while data:
                data = data[file.write(data) :]
        except OSError:
            os.ftruncate(file.fileno(), before)
            raise


def expire(folder: Path, retention: timedelta, now: datetime) -> int:
    """Remove the files whose every line was logged longer ago than ``retention``; how many, comes back."""
    removed = 0
    for file in sorted(folder.glob("date=*/*.jsonl")):
        begun = datetime.strptime(file.name.partition("-")[0], STAMP).replace(tzinfo=UTC)
        if begun + ONE_DAY + retention < now:  # a file takes lines for one day
            file.unlink(missing_ok=True)
            removed += 1
            if not any(file.parent.iterdir()):
                file.parent.rmdir()
    return removed
