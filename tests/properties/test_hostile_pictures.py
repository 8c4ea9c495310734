"""Pictures and messages whose names are hostile: they show them, and obey none of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from fuzzing import hostile
from fuzzing.invariants import hold_diagnostics
from mlopsc.cli.graph import command as graph
from mlopsc.diagnostics import Diagnostic, Label, Severity, readable
from mlopsc.phases import analyse
from mlopsc.planning.graph import FORMATS
from mlopsc.planning.plan import Job, Plan, Step, Trigger
from mlopsc.source import Span

OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plan(name: str) -> Plan:
    """A plan of one model, one monitor and one schedule that are all called ``name``."""
    step = Step(id=f"{name}/train", model=name, name="train", needs=(), inputs=(), outputs=(), code=(), config=())
    train = Job(id=name, model=name, monitor=None, steps=(step.id,), needs=())
    watch = Job(id=f"monitor/{name}", model=name, monitor=name, steps=(), needs=())
    clock = Trigger(kind="schedule", target=name, cron="0 6 * * *", timezone=name)
    return Plan(project=name, steps=(step,), jobs=(train, watch), triggers=(clock,), models=(name,), monitors=(name,))


class Tags(HTMLParser):
    """The tags of a page in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag and the names of its attributes, of which a script would be one."""
        self.found.append(f"{tag} {[name for name, _ in attrs]}")

    def handle_endtag(self, tag: str) -> None:
        """Keep the end."""
        self.found.append(f"/{tag}")


def tags(page: str) -> list[str]:
    """The tags of a page."""
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser.found


@pytest.mark.parametrize("value", [hostile.CARRIED, *hostile.HTML], ids=range(1 + len(hostile.HTML)))
def test_page_has_the_same_tags_whatever_the_words_are(value: str, tmp_path: Path) -> None:
    """No description closes a tag or the script, or opens another; and it is there, in the data of the page."""
    assert tags(drawn(value, tmp_path)) == tags(drawn("harmless", tmp_path))


def drawn(words: str, folder: Path) -> str:
    """The page of a spec whose descriptions are ``words``."""
    text = json.dumps(words, ensure_ascii=False)
    spec = (
        f"project: {{name: birds, description: {text}}}\n"
        f"data: {{p: {{source: p.csv, description: {text}, columns: {{a: float, b: float}}}}}}\n"
        f"models: {{m: {{description: {text}, label: b, train: {{estimator: sklearn.linear_model.Ridge}}}}}}\n"
    )
    (folder / "mlops.yaml").write_text(spec, encoding="utf-8")
    result = CliRunner().invoke(graph, [str(folder), "--format", "html"])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("value", [hostile.CARRIED, *hostile.DRAWING], ids=range(1 + len(hostile.DRAWING)))
@pytest.mark.parametrize("kind", ["mermaid", "dot"])
def test_drawing_has_the_same_lines_whatever_the_names_are(kind: str, value: str) -> None:
    """Names stand in quotes: with them taken away, nothing is left of what they say."""
    shapes = [_without_quoted(FORMATS[kind](plan(name))) for name in (value, "harmless")]
    assert shapes[0] == shapes[1]


def test_graph_as_json_says_the_names_as_they_are() -> None:
    """JSON carries every name."""
    assert json.loads(FORMATS["json"](plan(hostile.COMBINED)))["project"] == hostile.COMBINED


def _without_quoted(text: str) -> list[str]:
    return [re.sub(r'"(?:\\.|[^"\\])*"', '""', line) for line in text.split("\n")]


@pytest.mark.parametrize("value", [*hostile.CONTROL, "\u202ex", "\u2066x", "\ufeff", "\ud800"])
def test_message_shows_what_a_terminal_would_obey(value: str) -> None:
    """A message quotes a control character as an escape."""
    label = Label(span=Span(file="a", line=1, column=1, end_line=1, end_column=2), text=f"<{value}>")
    found = Diagnostic(code="MLC101", severity=Severity.ERROR, message=f"<{value}>", primary=label, help=f"<{value}>")
    shown = f"{found.message}{found.primary.text}{found.help}"
    assert not OBEYED.search(shown)
    assert found.message == readable(f"<{value}>") != f"<{value}>"
    assert replace(found).message == found.message


def test_message_of_a_megabyte_keeps_its_beginning_and_its_end() -> None:
    """What is quoted may have any length; a message has not."""
    shown = readable(f"unknown column '{hostile.LONG}' in model 'late'")
    assert shown.startswith("unknown column 'a")
    assert shown.endswith("' in model 'late'")
    assert len(shown) < 1_000


def test_command_says_a_hostile_file_name_without_obeying_it() -> None:
    """Errors that are no diagnostics go through the same."""
    result = CliRunner().invoke(graph, ["\x1b[2J.yaml"])
    assert result.exit_code != 0
    assert "\x1b" not in result.output


def test_included_file_with_a_hostile_name_is_shown_and_not_obeyed(tmp_path: Path) -> None:
    """A name of a file reaches every report: it is shown as an escape, and its lines are found all the same."""
    (tmp_path / "mlops.yaml").write_text("include: '*.yml'\ndata: {}\nmodels: {}\n")
    (tmp_path / "\x1b[2J::error::\n.yml").write_text("date: {}\n")
    analysis = analyse(tmp_path / "mlops.yaml")
    hold_diagnostics(analysis.diagnostics, analysis.sources)
    files = {found.primary.span.file for found in analysis.diagnostics}
    assert files == {"mlops.yaml", "\\x1b[2J::error::\\n.yml"}
