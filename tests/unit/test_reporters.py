"""Diagnostics for scripts, pull requests and code scanning."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from mlopsc.diagnostics import Diagnostic, Label, Severity
from mlopsc.reporters import data, github, sarif
from mlopsc.source import Span

DIAGNOSTIC = Diagnostic(
    code="MLC203",
    severity=Severity.ERROR,
    message="unknown column 'distanc', 100% sure",
    primary=Label(span=Span(file="mlops.yaml", line=48, column=20, end_line=48, end_column=27), text="not a column"),
    related=(Label(span=Span(file="mlops.yaml", line=21, column=5, end_line=22, end_column=1), text="declared here"),),
    help="did you mean 'distance'?",
)
WARNING = Diagnostic(
    code="MLC306",
    severity=Severity.WARNING,
    message="odd",
    primary=Label(span=Span(file="models/a b.yaml", line=1, column=1, end_line=3, end_column=1)),
)


def test_json_report_has_every_field_of_a_diagnostic() -> None:
    """Editors and scripts get positions, help and related places."""
    assert json.loads(data.report([DIAGNOSTIC, WARNING])) == {
        "diagnostics": [
            {
                "code": "MLC203",
                "severity": "error",
                "message": "unknown column 'distanc', 100% sure",
                "file": "mlops.yaml",
                "line": 48,
                "column": 20,
                "end_line": 48,
                "end_column": 27,
                "help": "did you mean 'distance'?",
                "related": [
                    {
                        "message": "declared here",
                        "file": "mlops.yaml",
                        "line": 21,
                        "column": 5,
                        "end_line": 22,
                        "end_column": 1,
                    }
                ],
            },
            {
                "code": "MLC306",
                "severity": "warning",
                "message": "odd",
                "file": "models/a b.yaml",
                "line": 1,
                "column": 1,
                "end_line": 3,
                "end_column": 1,
                "help": None,
                "related": [],
            },
        ],
        "summary": {"errors": 1, "warnings": 1},
    }


def test_github_report_escapes_and_points_from_the_git_root() -> None:
    """Each diagnostic is one workflow command; a span of several lines has no columns."""
    assert github.report([DIAGNOSTIC, WARNING], "ml/flights") == (
        "::error file=ml/flights/mlops.yaml,line=48,endLine=48,col=20,endColumn=27,title=MLC203"
        "::unknown column 'distanc', 100%25 sure%0Ahelp: did you mean 'distance'?\n"
        "::warning file=ml/flights/models/a b.yaml,line=1,endLine=3,title=MLC306::odd\n"
    )


def test_sarif_report_names_rule_place_and_related_places() -> None:
    """Code scanning gets one result per diagnostic."""
    run = json.loads(sarif.report([DIAGNOSTIC, WARNING], "ml"))["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["MLC203", "MLC306"]
    assert run["results"][0]["message"]["text"] == "unknown column 'distanc', 100% sure\ndid you mean 'distance'?"
    assert run["results"][0]["relatedLocations"][0]["message"] == {"text": "declared here"}
    assert run["results"][1]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "ml/models/a%20b.yaml"},
                "region": {"startLine": 1, "startColumn": 1, "endLine": 3, "endColumn": 1},
            }
        }
    ]


def test_json_report_keeps_its_schema(repository: Path) -> None:
    """What scripts rely on is written down, and holds."""
    schema = json.loads((repository / "schemas/output/check.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(data.report([DIAGNOSTIC, WARNING])), schema)
