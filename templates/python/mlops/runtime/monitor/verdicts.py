"""What a monitor concluded: about one measure, about one window, and altogether."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..core.config import Monitor
from ..core.files import finite, write_text
from .schedule import Window

OK, BREACHED, INSUFFICIENT = "ok", "breached", "insufficient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure against its bound: a column's drift, a metric, a rule of the contract."""

    name: str
    verdict: str
    value: float | int | None
    bound: str
    detail: str = ""
    picture: Any = field(default=None, compare=False)  # drift.Bars, for the report


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowVerdict:
    """What one window of the log says."""

    window: Window
    rows: int
    measures: tuple[Measure, ...] = ()
    why: str = ""

    @property
    def verdict(self) -> str:
        """The worst of the measures; insufficient when there is none to judge by."""
        verdicts = {measure.verdict for measure in self.measures}
        if BREACHED in verdicts:
            return BREACHED
        return OK if OK in verdicts else INSUFFICIENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What the monitor says at one boundary of its schedule: the newest window first."""

    monitor: Monitor
    windows: tuple[WindowVerdict, ...]

    @property
    def newest(self) -> WindowVerdict:
        """The window that ends at this boundary."""
        return self.windows[0]

    @property
    def count(self) -> int:
        """How many of the windows breached."""
        return sum(window.verdict == BREACHED for window in self.windows)

    @property
    def breached(self) -> bool:
        """Whether enough of the last windows breached to act."""
        return self.count >= self.monitor.breaches[0]

    @property
    def verdict(self) -> str:
        """``breached`` only when the monitor acts: one bad window of three is not yet a breach."""
        if self.breached:
            return BREACHED
        return INSUFFICIENT if self.newest.verdict == INSUFFICIENT else OK

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        needed, looked_at = self.monitor.breaches
        if self.breached:
            return f"{self.monitor.name}: breached ({self.count} of the last {looked_at} windows, acts at {needed})"
        if self.verdict == INSUFFICIENT:
            return f"{self.monitor.name}: insufficient ({self.newest.why or 'nothing to judge by'})"
        held = f"; {self.count} of the last {looked_at} windows breached, acts at {needed}" if self.count else ""
        return f"{self.monitor.name}: ok{held}"


def entry(conclusion: Conclusion, at: datetime, acted: Mapping[str, str]) -> dict[str, Any]:
    """The conclusion as it is kept."""
    monitor, newest = conclusion.monitor, conclusion.newest
    return {
        "monitor": monitor.name,
        "model": monitor.model,
        "kind": monitor.kind,
        "boundary": _text(newest.window.end),
        "window": {"start": _text(newest.window.start), "end": _text(newest.window.end)},
        "ran_at": _text(at),
        "verdict": conclusion.verdict,
        "rows": newest.rows,
        "why": newest.why,
        "measures": [
            {"name": m.name, "verdict": m.verdict, "value": m.value, "bound": m.bound, "detail": m.detail}
            for m in newest.measures
        ],
        "windows": [{"end": _text(w.window.end), "verdict": w.verdict, "rows": w.rows} for w in conclusion.windows],
        "acted": dict(acted),
    }


def keep(folder: Path, content: dict[str, Any]) -> None:
    """Write ``latest.json``, and the line of this boundary in ``verdicts.jsonl``: running twice keeps one line."""
    write_text(folder / "latest.json", json.dumps(finite(content), indent=2, sort_keys=True) + "\n")
    lines = [line for line in _lines(folder / "verdicts.jsonl") if line["boundary"] != content["boundary"]]
    lines = sorted([*lines, content], key=lambda line: str(line["boundary"]))
    write_text(folder / "verdicts.jsonl", "".join(json.dumps(finite(line), sort_keys=True) + "\n" for line in lines))


def rows(windows: Sequence[WindowVerdict]) -> list[list[object]]:
    """The newest window's measures as rows of a table."""
    return [[m.name, m.value, m.bound, m.verdict, m.detail] for m in windows[0].measures]


HEADERS = ("measure", "value", "bound", "verdict", "detail")


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
