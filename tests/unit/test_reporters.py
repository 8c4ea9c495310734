"""Diagnostics for scripts, pull requests and code scanning."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mlopsc.cli.codes import all_codes, document
from mlopsc.diagnostics import Diagnostic, Label, Repair, Severity
from mlopsc.phases import analyse
from mlopsc.reporters import data, github, sarif
from mlopsc.source import SourceFile, Sources, Span

SOURCES = Sources(
    files={"mlops.yaml": SourceFile(name="mlops.yaml", text="a: distanc\n" * 50)}, entries={}, root="mlops.yaml"
)
PLACE = Span(file="mlops.yaml", line=48, column=4, end_line=48, end_column=11)
DIAGNOSTIC = Diagnostic(
    code="MLC203",
    severity=Severity.ERROR,
    message="unknown column 'distanc', 100% sure",
    primary=Label(span=PLACE, text="not a column"),
    related=(Label(span=Span(file="mlops.yaml", line=21, column=5, end_line=22, end_column=1), text="declared here"),),
    help="did you mean 'distance'?",
    fix=(Repair(span=PLACE, value="distance"),),
)
WARNING = Diagnostic(
    code="MLC707",
    severity=Severity.WARNING,
    message="odd",
    primary=Label(span=Span(file="models/a b.yaml", line=1, column=1, end_line=3, end_column=1)),
)
SARIF_SCHEMA = "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8"
"""sha256 of the schema of OASIS SARIF 2.1.0, as the npm package @microsoft/jest-sarif 1.0.0-beta.0 (MIT) carries it."""

WRONG = """\
version: 1
data:
  fl%C3:
    source: data/flights.parquet
    columns: {carrier: string, carrier2: string, distance: floaty, late: boolean}
models:
  late-arrival:
    label: lat
    train: {estimator: sklearn.ensemble.RandomForestClasifier}
    evaluate: {metrics: [acuracy, accuracy, accuracy]}
"""


def schema(repository: Path, name: str) -> Any:
    """One of the shipped schemas of what commands print."""
    return json.loads((repository / "schemas" / "output" / name).read_text())


def test_json_report_has_every_field_of_a_diagnostic() -> None:
    """Editors and scripts get positions, help, related places and the text edits of a fix."""
    assert json.loads(data.report([DIAGNOSTIC, WARNING], SOURCES)) == {
        "diagnostics": [
            {
                "code": "MLC203",
                "severity": "error",
                "message": "unknown column 'distanc', 100% sure",
                "label": "not a column",
                "file": "mlops.yaml",
                "line": 48,
                "column": 4,
                "end_line": 48,
                "end_column": 11,
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
                "fixes": [
                    {
                        "file": "mlops.yaml",
                        "line": 48,
                        "column": 4,
                        "end_line": 48,
                        "end_column": 11,
                        "replacement": "distance",
                    }
                ],
            },
            {
                "code": "MLC707",
                "severity": "warning",
                "message": "odd",
                "label": "",
                "file": "models/a b.yaml",
                "line": 1,
                "column": 1,
                "end_line": 3,
                "end_column": 1,
                "help": None,
                "related": [],
                "fixes": [],
            },
        ],
        "summary": {"errors": 1, "warnings": 1},
    }


def test_json_report_of_a_real_check_keeps_its_schema(repository: Path, tmp_path: Path) -> None:
    """What scripts rely on is written down, and holds, for every example of the codes too."""
    checker = jsonschema.Draft202012Validator(schema(repository, "check.json"))
    checker.check_schema(checker.schema)
    spec = tmp_path / "mlops.yaml"
    for text in [WRONG, *(code.example("bad.yaml") for code in all_codes())]:
        spec.write_text(text)
        analysis = analyse(spec)
        checker.validate(json.loads(data.report(analysis.diagnostics, analysis.sources)))


@pytest.mark.parametrize("name", ["check.json", "plan.json", "graph.json"])
def test_output_schemas_leave_nothing_open(repository: Path, name: str) -> None:
    """Every object of an output names all its keys, and says what each of them is."""
    stack = [schema(repository, name)]
    objects = 0
    while stack:
        part = stack.pop()
        if part.get("type") == "object":
            objects += 1
            assert part["additionalProperties"] is False
            assert sorted(part["required"]) == sorted(part["properties"])
            assert all("description" in one for one in part["properties"].values())
            stack += part["properties"].values()
        stack += [part["items"]] if "items" in part else []
    assert objects >= 2


def test_github_report_escapes_and_points_from_the_git_root() -> None:
    """Each diagnostic is one workflow command; a span of several lines has no columns."""
    assert github.report([DIAGNOSTIC, WARNING], "ml/flights") == (
        "::error file=ml/flights/mlops.yaml,line=48,endLine=48,col=4,endColumn=11,title=MLC203"
        "::unknown column 'distanc', 100%25 sure%0Ahelp: did you mean 'distance'?\n"
        "::warning file=ml/flights/models/a b.yaml,line=1,endLine=3,title=MLC707::odd\n"
    )


HOSTILE = "50%\r\n::set-output name=x::y\n::error::\x1b[31m\u202ea,b:c"


def test_github_report_is_one_command_whatever_is_in_it() -> None:
    """Line ends, percent signs, commands and controls of a message or a file name start nothing of their own."""
    place = Span(file="a,b:c%0A\n::debug::.yaml", line=1, column=1, end_line=1, end_column=2)
    found = Diagnostic(code="MLC203", severity=Severity.ERROR, message=HOSTILE, primary=Label(span=place))
    assert github.report([found]) == (
        "::error file=a%2Cb%3Ac%250A%0A%3A%3Adebug%3A%3A.yaml,line=1,endLine=1,col=1,endColumn=2,title=MLC203"
        "::50%25\\r\\n::set-output name=x::y\\n::error::\\x1b[31m\\u202ea,b:c\n"
    )


def many(count: int, severity: Severity, message: str = "number") -> list[Diagnostic]:
    """Diagnostics on lines of their own."""
    return [
        Diagnostic(
            code="MLC203",
            severity=severity,
            message=f"{message} {number}",
            primary=Label(span=Span(file="m.yaml", line=number, column=1, end_line=number, end_column=2)),
        )
        for number in range(1, count + 1)
    ]


def test_github_report_lists_what_github_would_drop() -> None:
    """GitHub shows ten errors and ten warnings of a step: the tenth names the others."""
    lines = github.report([*many(12, Severity.ERROR), *many(10, Severity.WARNING)]).splitlines()
    assert len(lines) == 20
    assert lines[9] == (
        "::error file=m.yaml,line=10,title=3 more::3 more:%0Am.yaml:10: number 10 [MLC203]%0A"
        "m.yaml:11: number 11 [MLC203]%0Am.yaml:12: number 12 [MLC203]"
    )
    assert lines[19].endswith("::number 10")


@pytest.mark.parametrize("line", ["é" * 900, "%" * 900])
def test_github_report_stays_within_the_length_of_a_message(line: str) -> None:
    """A message is cut between characters, and never within an escape."""
    [found] = many(1, Severity.ERROR)
    [command] = github.report([replace(found, help="\n".join([line] * 80))]).splitlines()
    body = command.partition("MLC203::number 1%0Ahelp: ")[2]
    length = len("number 1%0Ahelp: ") + len(body.encode())
    assert github.LONGEST - 4 <= length <= github.LONGEST + 3
    assert body.endswith("…")
    assert re.fullmatch(r"(é|%25|%0A)+", body[:-1])


def test_sarif_report_names_rule_place_fix_and_related_places() -> None:
    """Code scanning gets one result per diagnostic, with what explains and mends it."""
    run = json.loads(sarif.report([DIAGNOSTIC, WARNING], SOURCES, all_codes(), "ml"))["runs"][0]
    first, second = run["tool"]["driver"]["rules"]
    assert (first["id"], second["id"]) == ("MLC203", "MLC707")
    assert first["shortDescription"] == {"text": "unknown column"}
    assert first["fullDescription"]["text"].startswith("Every column that the spec names has to be declared")
    assert first["helpUri"] == "https://mlopsc.dev/diagnostics/#mlc203"
    assert second["defaultConfiguration"] == {"level": "warning"}
    result, warning = run["results"]
    assert result["message"]["text"] == "unknown column 'distanc', 100% sure\ndid you mean 'distance'?"
    assert result["relatedLocations"][0]["message"] == {"text": "declared here"}
    region = {"startLine": 48, "startColumn": 4, "endLine": 48, "endColumn": 11}
    assert result["fixes"] == [
        {
            "description": {"text": "did you mean 'distance'?"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "ml/mlops.yaml"},
                    "replacements": [{"deletedRegion": region, "insertedContent": {"text": "distance"}}],
                }
            ],
        }
    ]
    assert warning["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "ml/models/a%20b.yaml"},
                "region": {"startLine": 1, "startColumn": 1, "endLine": 3, "endColumn": 1},
            }
        }
    ]


def test_sarif_report_keeps_the_schema_of_the_standard(repository: Path, tmp_path: Path) -> None:
    """The official schema takes the report of every example of the codes, and of a spec with many mistakes."""
    raw = (repository / "tests" / "fixtures" / "sarif-2.1.0-rtm.5.json").read_bytes()
    assert hashlib.sha256(raw).hexdigest() == SARIF_SCHEMA
    checker = jsonschema.Draft4Validator(json.loads(raw), format_checker=jsonschema.FormatChecker())
    checker.check_schema(checker.schema)
    spec, codes = tmp_path / "mlops.yaml", all_codes()
    found: list[Diagnostic] = []
    for text in [WRONG, *(code.example("bad.yaml") for code in codes)]:
        spec.write_text(text)
        analysis = analyse(spec)
        checker.validate(json.loads(sarif.report(analysis.diagnostics, analysis.sources, codes, "a b")))
        found += analysis.diagnostics
    assert sum(bool(one.fix) for one in found) >= 15
    broken = json.loads(sarif.report([DIAGNOSTIC], SOURCES, codes))
    broken["runs"][0]["results"][0]["fixes"][0]["artifactChanges"] = []
    assert not checker.is_valid(broken)


def test_sarif_fingerprints_follow_a_problem_when_lines_move() -> None:
    """The same mistake on another line is the same; a second one with the same words is another."""
    moved = many(2, Severity.ERROR, "same")
    one, two = (
        [result["partialFingerprints"]["mlopscDiagnostic/v1"] for result in json.loads(text)["runs"][0]["results"]]
        for text in (
            sarif.report([DIAGNOSTIC, *moved], SOURCES, all_codes()),
            sarif.report([*moved, DIAGNOSTIC, DIAGNOSTIC], SOURCES, all_codes()),
        )
    )
    assert one == [two[2], two[0], two[1]]
    assert len(set(two)) == 4


def test_rules_lead_to_headings_of_the_page() -> None:
    """The fragment of each code is the one that its heading on the page of diagnostics gets."""
    headings = re.findall(r"^### (.*)$", document(), re.MULTILINE)
    assert headings == [f'<a id="{code.anchor}"></a>{code.heading}' for code in all_codes()]
    anchors = [code.anchor for code in all_codes()]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"mlc[0-9]{3}", anchor) for anchor in anchors)


def test_every_format_is_the_same_each_time(tmp_path: Path) -> None:
    """Byte for byte, in whatever order sets are walked."""
    (tmp_path / "mlops.yaml").write_text(WRONG)
    program = (
        "import sys; from mlopsc.cli.check import command\n"
        "for form in ('text', 'json', 'github', 'sarif'):\n"
        "    try: command([sys.argv[1], '--format', form])\n"
        "    except SystemExit: pass\n"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1
    assert runs.pop().count(b"MLC205") >= 4
