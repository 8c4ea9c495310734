"""Step ``gate``: the conditions under which a model may be registered; every one is judged, then they block."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..core.config import Gate, ModelConfig
from ..core.console import append_summary, cell, markdown_table, table
from ..core.errors import GateError, StepError
from ..core.files import read_json, write_json
from ..core.paths import Work
from .champion import Duel, compare
from .measure import goal_of
from .registry import open_registry

PASS, FAIL, INSUFFICIENT = "pass", "fail", "insufficient"
HEADERS = ("gate", "value", "bound", "verdict", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one gate says: ``value`` against ``bound``, and whether the model is stopped by it."""

    gate: str
    value: float | None
    bound: str
    verdict: str
    blocks: bool
    why: str


def gate(config: ModelConfig, work: Work) -> str:
    """Judge every gate; GateError, after all of them are written and shown, when one blocks."""
    report = read_json(work.metrics, "evaluate")
    judge = Judge(config, work, report)
    verdicts = [judge.verdict(item) for item in config.gates]
    write_json(work.gates, [asdict(verdict) for verdict in verdicts])
    _show(config, verdicts)
    if config.tracking == "mlflow":
        from .tracking import log_run  # noqa: PLC0415 - only where runs are tracked

        write_json(work.run, {"run_id": log_run(config, work)})
    blocking = [verdict.gate for verdict in verdicts if verdict.blocks]
    if blocking:
        raise GateError(f"blocked by {len(blocking)} of {len(verdicts)} gates: {', '.join(blocking)}")
    return f"{sum(verdict.verdict == PASS for verdict in verdicts)} of {len(verdicts)} gates passed, none blocks"


def _show(config: ModelConfig, verdicts: list[Verdict]) -> None:
    rows = [[v.gate, _shown(v), v.bound, v.verdict + (" (blocks)" if v.blocks else ""), v.why] for v in verdicts]
    if rows:
        print(table(HEADERS, rows))
    append_summary(f"### Gates of {config.model}\n\n" + (markdown_table(HEADERS, rows) if rows else "No gates."))


def _shown(verdict: Verdict) -> str:
    return "" if verdict.value is None else _amount(verdict.gate, verdict.value)


def _amount(kind: str, value: float) -> str:
    if kind == "latency_p95":
        return f"{value * 1000:.2f} ms"
    return f"{value / 1e6:.2f} MB" if kind == "model_size" else cell(float(value))


class Judge:
    """Judges gates over one evaluation; the champion is fetched and scored once, when a gate asks for it."""

    def __init__(self, config: ModelConfig, work: Work, report: dict[str, Any]) -> None:
        self._config = config
        self._work = work
        self._report = report

    def verdict(self, item: Gate) -> Verdict:
        """The verdict of one gate."""
        if item.kind == "champion":
            return self._against_champion(item)
        if item.kind == "latency_p95":
            return self._bounded(item, item.kind, self._report["latency_p95_seconds"], self._report["rows"])
        if item.kind == "model_size":
            return self._bounded(item, item.kind, self._report["model_bytes"], self._report["rows"])
        if item.slice:
            return self._of_slices(item)
        name = str(item.metric)
        values = {**self._report["metrics"], **self._report["business"]}
        return self._bounded(item, name, values.get(name), self._report["rows"])

    def _bounded(self, item: Gate, name: str, value: float | None, rows: int) -> Verdict:
        bound = _bound(item, name)
        if rows < item.min_rows:
            return _insufficient(item, name, bound, value, f"{rows:,} rows, needs {item.min_rows:,}")
        if value is None:
            return _insufficient(item, name, bound, None, f"no value on {rows:,} rows")
        good = (item.min is None or value >= item.min) and (item.max is None or value <= item.max)
        return Verdict(
            gate=name, value=value, bound=bound, verdict=PASS if good else FAIL, blocks=not good, why=f"{rows:,} rows"
        )

    def _of_slices(self, item: Gate) -> Verdict:
        """The worst value of the slice decides; values with too few rows are insufficient."""
        name = f"{item.metric} by {item.slice}"
        slices = self._report["slices"].get(item.slice, {})
        found = [
            (value, self._bounded(item, name, entry.get(item.metric), entry["rows"])) for value, entry in slices.items()
        ]
        judged = [(value, v) for value, v in found if v.verdict != INSUFFICIENT]
        few = [f"{value} ({v.why})" for value, v in found if v.verdict == INSUFFICIENT]
        failed = [value for value, v in judged if v.verdict == FAIL]
        bound = _bound(item, name)
        if not judged:
            return _insufficient(item, name, bound, None, "too few rows in every value" if found else "no such slice")
        sign = 1 if (item.goal or goal_of(self._config, str(item.metric))) == "maximize" else -1
        worst, least = min(judged, key=lambda pair: sign * float(pair[1].value or 0.0))
        why = f"worst of {len(judged)}: {worst}" + (f"; below: {', '.join(failed)}" if failed else "")
        if failed:
            return Verdict(gate=name, value=least.value, bound=bound, verdict=FAIL, blocks=True, why=why)
        if few:
            return _insufficient(item, name, bound, least.value, f"{why}; too few: {', '.join(few[:3])}")
        return Verdict(gate=name, value=least.value, bound=bound, verdict=PASS, blocks=False, why=why)

    def _against_champion(self, item: Gate) -> Verdict:
        metric = str(item.metric)
        name = f"{metric} vs champion"
        try:
            duel = self._duel
        except StepError as error:
            return _insufficient(item, name, "", None, f"cannot be compared: {error.message}")
        if duel is None:
            blocks = item.without_champion == FAIL
            return Verdict(gate=name, value=None, bound="", verdict=INSUFFICIENT, blocks=blocks, why="no champion yet")
        rows = len(duel.champion.actual)
        left_out = f", {duel.excluded:,} left out that the champion knows" if duel.excluded else ""
        ours, theirs = duel.values(self._config, metric)
        if rows < max(item.min_rows, 1) or ours is None or theirs is None:
            return _insufficient(item, name, "", ours, f"{rows:,} rows to compare on{left_out}")
        goal = item.goal or goal_of(self._config, metric)
        gain = ours - theirs if goal == "maximize" else theirs - ours
        good = gain >= item.min_delta
        return Verdict(
            gate=name,
            value=ours,
            bound=f"champion {cell(float(theirs))}, gain >= {item.min_delta:g}",
            verdict=PASS if good else FAIL,
            blocks=not good,
            why=f"gain {gain:+.4f} on {rows:,} rows{left_out}",
        )

    @cached_property
    def _duel(self) -> Duel | None:
        registry = open_registry(self._config)
        champion = registry.champion()
        if champion is None:
            return None
        with tempfile.TemporaryDirectory() as folder:
            return compare(self._config, self._work, registry.fetch(champion, Path(folder)))


def _bound(item: Gate, name: str) -> str:
    bounds = [(">=", item.min), ("<=", item.max)]
    return " and ".join(f"{sign} {_amount(name, limit)}" for sign, limit in bounds if limit is not None)


def _insufficient(item: Gate, name: str, bound: str, value: float | None, why: str) -> Verdict:
    blocks = item.insufficient == FAIL
    return Verdict(gate=name, value=value, bound=bound, verdict=INSUFFICIENT, blocks=blocks, why=why)
