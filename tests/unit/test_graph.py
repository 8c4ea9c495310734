"""Plans: what each step reads and writes, how steps become jobs, and their pictures."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import networkx as nx
import pytest
from click.testing import CliRunner

from mlopsc.cli import cli
from mlopsc.planning.build import graph_of
from mlopsc.planning.graph import as_json, dot, mermaid
from mlopsc.planning.jobs import fuse
from mlopsc.planning.plan import Job, Plan, Step, Trigger


def step(model: str, name: str, *needs: str) -> Step:
    """A step of a hand-made plan."""
    return Step(id=f"{model}/{name}", model=model, name=name, needs=needs, inputs=(), outputs=(), code=(), config=())


STEPS = (step("late", "ingest"), step("late", "train", "late/ingest"))
PLAN = Plan(
    project="flights",
    steps=STEPS,
    jobs=(
        Job(id="late", model="late", monitor=None, steps=("late/ingest", "late/train"), needs=()),
        Job(id="monitor/drift", model="late", monitor="drift", steps=(), needs=()),
    ),
    triggers=(
        Trigger(kind="schedule", target="late", cron="0 2 * * 1", timezone="UTC"),
        Trigger(kind="monitor", target="drift", cron="0 6 * * *", timezone="America/New_York"),
        Trigger(kind="breach", target="late", monitor="drift"),
    ),
    models=("late",),
    monitors=("drift",),
)


def test_mermaid_draws_steps_monitors_and_what_starts_them() -> None:
    """Waiting is a solid arrow, starting a dotted one, and the retraining arrow leads back to the first step."""
    assert mermaid(PLAN) == (
        "flowchart LR\n"
        '  subgraph m0["late"]\n'
        '    n0["ingest"]\n'
        '    n1["train"]\n'
        "  end\n"
        '  n2{{"monitor drift"}}\n'
        '  n3(["0 2 * * 1 UTC"])\n'
        '  n4(["0 6 * * * America/New_York"])\n'
        "  n0 --> n1\n"
        "  n1 --- n2\n"
        "  n3 -.-> n0\n"
        "  n4 -.-> n2\n"
        "  n2 -.-> n0\n"
    )


def test_dot_quotes_every_name() -> None:
    """Graphviz reads names with slashes and blanks."""
    text = dot(PLAN)
    assert text.splitlines()[0] == 'digraph "flights" {'
    assert '  "late/ingest" -> "late/train";' in text.splitlines()
    assert '  "schedule/0 2 * * 1 UTC" -> "late/ingest" [style=dashed];' in text.splitlines()


ODD = 'end "x" <b>#1</b> `y` \\N & é'


def test_mermaid_shows_odd_names_as_they_are() -> None:
    """Quotes, markup, entities and reserved words are text, and ids never come from a name."""
    plan = Plan(project="p", steps=(step(ODD, "ingest"),), jobs=(), triggers=(), models=(ODD,), monitors=())
    assert mermaid(plan).splitlines()[1:3] == [
        '  subgraph m0["end #quot;x#quot; #lt;b#gt;#35;1#lt;/b#gt; #96;y#96; #92;N #amp; é"]',
        '    n0["ingest"]',
    ]


def test_dot_shows_odd_names_as_they_are() -> None:
    """A backslash starts no escape, a quote ends no name, and letters stay letters."""
    plan = Plan(project=ODD, steps=(step(ODD, "ingest"),), jobs=(), triggers=(), models=(ODD,), monitors=())
    assert dot(plan).splitlines()[0] == r'digraph "end \"x\" <b>#1</b> `y` \\N & é" {'
    assert r'    label="end \"x\" <b>#1</b> `y` \\N & é";' in dot(plan).splitlines()


def test_graph_help_says_what_each_format_is_for() -> None:
    """The help has an example for those formats that another tool or a browser takes."""
    text = CliRunner().invoke(cli, ["graph", "--help"]).output
    assert "mlopsc graph --format dot | dot -Tsvg > graph.svg" in text
    assert "mlopsc graph --format html > graph.html" in text


def test_json_holds_the_whole_plan() -> None:
    """Scripts get the steps, the jobs, the triggers and the edges."""
    data = json.loads(as_json(PLAN))
    assert [one["id"] for one in data["steps"]] == ["late/ingest", "late/train"]
    assert {"source": "monitor/drift", "target": "late/ingest", "kind": "starts"} in data["edges"]
    assert data["jobs"][0]["steps"] == ["late/ingest", "late/train"]


def test_fuse_keeps_a_chain_of_one_model_together() -> None:
    """Steps that only wait for one another are one job, a step that two wait for ends its job."""
    steps = {
        one.id: one
        for one in (
            step("a", "ingest"),
            step("a", "train", "a/ingest"),
            step("b", "ingest"),
            step("b", "left", "b/ingest"),
            step("b", "right", "b/ingest"),
            step("b", "join", "b/left", "b/right"),
        )
    }
    jobs = fuse(steps)
    assert [(job.id, job.steps, job.needs) for job in jobs] == [
        ("a", ("a/ingest", "a/train"), ()),
        ("b/ingest", ("b/ingest",), ()),
        ("b/left", ("b/left",), ("b/ingest",)),
        ("b/right", ("b/right",), ("b/ingest",)),
        ("b/join", ("b/join",), ("b/left", "b/right")),
    ]


def test_graph_of_refuses_steps_that_wait_for_one_another() -> None:
    """A cycle is a mistake of ours and never becomes a plan."""
    steps = {one.id: one for one in (step("a", "x", "a/y"), step("a", "y", "a/x"))}
    with pytest.raises(AssertionError, match="wait for one another"):
        graph_of(steps)
    assert nx.is_directed_acyclic_graph(graph_of({one.id: one for one in STEPS}))


def test_json_keeps_its_schema(repository: Path) -> None:
    """What scripts rely on is written down, and holds."""
    schema = json.loads((repository / "schemas/output/graph.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(as_json(PLAN)), schema)
