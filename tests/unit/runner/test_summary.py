"""What a run prints at its end, from the files that the steps wrote."""

from __future__ import annotations

import json
from pathlib import Path

from mlopsc.cli.run_summary import summary


def write(file: Path, data: object) -> None:
    """One JSON file of a step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data), encoding="utf-8")


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
    assert summary(tmp_path, tmp_path / ".mlops", {"late", "other"}, logs).splitlines() == [
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
