"""What a run prints at its end, from the files that the steps wrote."""

from __future__ import annotations

import json
from pathlib import Path

from mlopsc.cli.run_summary import summary
from mlopsc.runner.schedule import Result, Status
from mlopsc.runner.steps import RunStep


def write(file: Path, data: object) -> None:
    """One JSON file of a step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data), encoding="utf-8")


def result(model: str, name: str, status: Status) -> Result:
    """The end of one step."""
    step = RunStep(
        id=f"{model}/{name}", model=model, name=name, needs=(), inputs=(), outputs=(), code=(), config="", env=()
    )
    return Result(step=step, status=status)


def test_summary_shows_metrics_gates_and_places(tmp_path: Path) -> None:
    """Values stand in the unit of their bound; a model that did not get so far says less."""
    work = tmp_path / ".mlops" / "work" / "late"
    write(work / "evaluate" / "metrics.json", {"metrics": {"roc_auc": 0.91941}, "business": {"saved": 298670.0}})
    gates = [
        {"gate": "roc_auc", "value": 0.91941, "bound": ">= 0.7500", "verdict": "pass", "why": "9 rows"},
        {
            "gate": "roc_auc vs champion",
            "value": None,
            "bound": "",
            "verdict": "insufficient",
            "why": "no champion yet",
        },
        {"gate": "latency_p95", "value": 0.0472, "bound": "<= 20.00 ms", "verdict": "fail", "why": ""},
        {"gate": "model_size", "value": 134537, "bound": "<= 20.00 MB", "verdict": "pass", "why": ""},
    ]
    write(work / "gate" / "gates.json", gates)
    write(work / "register" / "registered.json", {"version": "3", "alias": "challenger"})
    logs = tmp_path / ".mlops" / "runs" / "20260101T000000"
    done = [result("late", name, Status.CACHED) for name in ("evaluate", "gate", "register")]
    other = [result("other", "evaluate", Status.FAILED)]
    assert summary(tmp_path, tmp_path / ".mlops", [*done, *other], logs).splitlines() == [
        "late: version 3 (challenger)",
        "",
        "  metric     value",
        "  -------  -------",
        "  roc_auc   0.9194",
        "  saved    298,670",
        "",
        "  gate                 value     bound        verdict       why",
        "  -------------------  --------  -----------  ------------  ---------------",
        "  roc_auc              0.9194    >= 0.7500    pass          9 rows",
        "  roc_auc vs champion                         insufficient  no champion yet",
        "  latency_p95          47.20 ms  <= 20.00 ms  fail",
        "  model_size           0.13 MB   <= 20.00 MB  pass",
        "",
        "  metrics: .mlops/work/late/evaluate/metrics.json",
        "  gates: .mlops/work/late/gate/gates.json",
        "",
        "other",
        "",
        "logs: .mlops/runs/20260101T000000",
    ]


def test_summary_hides_what_an_earlier_run_left(tmp_path: Path) -> None:
    """After a failed training the old metrics would be taken for the new ones."""
    write(tmp_path / ".mlops" / "work" / "late" / "evaluate" / "metrics.json", {"metrics": {"roc_auc": 0.9}})
    ends = [result("late", "train", Status.FAILED), result("late", "evaluate", Status.SKIPPED)]
    logs = tmp_path / ".mlops" / "runs" / "1"
    assert summary(tmp_path, tmp_path / ".mlops", ends, logs) == "late\n\nlogs: .mlops/runs/1"
