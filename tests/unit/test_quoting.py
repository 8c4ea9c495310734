"""Values of the user's in the files that are generated."""

from __future__ import annotations

import ast
import subprocess

import pytest
import yaml
from markdown_it import MarkdownIt

from mlopsc import quoting
from mlopsc.diagnostics import MlopscError

AWKWARD = [
    "plain",
    "two words",
    "yes",
    "NULL",
    "1.5",
    "0x1f",
    "1_000",
    "12:30:00",
    "2024-01-01",
    "a: b",
    "a #b",
    "- x",
    "'single'",
    '"double"',
    "back\\slash",
    "new\nline",
    "tab\t",
    "bell\x07",
    "next\x85line",
    "line\u2028separator",
    "\ufeffmark",
    "grüße 😀",
    "",
    " lead",
    "trail ",
    "*star",
    "&anchor",
    "!tag",
    "%percent",
    "@at",
    "`tick`",
    "{}",
    "[]",
    "$(touch x)",
    "~",
    "=",
    "<<",
]


@pytest.mark.parametrize("value", [*AWKWARD, 3, 2.5, True, None])
def test_yaml_filter_reads_back_as_the_same_value(value: object) -> None:
    """A value in a YAML file is what the user wrote, of the same type."""
    assert yaml.safe_load(f"key: {quoting.yaml(value)}\n") == {"key": value}  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [*AWKWARD, 3, 2.5, True, None, ["a", 1], {"k": ["v"]}])
def test_python_filter_reads_back_as_the_same_value(value: object) -> None:
    """A value in Python code is what the user wrote."""
    assert ast.literal_eval(quoting.python(value)) == value


@pytest.mark.parametrize("value", [text for text in AWKWARD if "\x00" not in text])
def test_shell_filter_is_one_word(value: str) -> None:
    """A value in a shell script is one word and nothing in it is executed."""
    done = subprocess.run(["sh", "-c", f"printf %s {quoting.shell(value)}"], capture_output=True, check=True)
    assert done.stdout.decode() == value


def test_yaml_filter_refuses_expressions() -> None:
    """No value of the user's becomes an expression of GitHub Actions."""
    with pytest.raises(MlopscError, match="holds an expression of GitHub Actions"):
        quoting.yaml("${{ secrets.TOKEN }}")


def test_dockerfile_filter_escapes_what_docker_expands() -> None:
    """Neither a quote nor a variable ends the argument."""
    assert quoting.dockerfile('a "$B" \\') == '"a \\"\\$B\\" \\\\"'
    with pytest.raises(MlopscError, match="control character"):
        quoting.dockerfile("a\nRUN b")


def test_name_filter_refuses_what_is_not_a_name() -> None:
    """A name can be part of a longer word, so it must be harmless anywhere."""
    assert quoting.name("late-arrival") == "late-arrival"
    with pytest.raises(MlopscError, match=r"'a b' is not a name"):
        quoting.name("a b")


def test_markdown_filter_stays_in_its_cell() -> None:
    """A description neither ends a table cell nor starts a heading."""
    assert quoting.markdown("a | b\n# c") == "a \\| b \\# c"


@pytest.mark.parametrize("value", ["- x", "1. x", "2) x", "+ x", "~~~", "&amp;", "---", "=== x"])
def test_markdown_filter_begins_no_block(value: str) -> None:
    """A description that begins like a list, a rule or a fence is a paragraph that says so."""
    tokens = MarkdownIt("commonmark").parse(quoting.markdown(value))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(child.content for child in tokens[1].children or ()) == value


@pytest.mark.parametrize("url", ["s3://a/b", "a #b", "a: b", "it''s", "line\u2028end", "a:"])
def test_expression_filter_is_one_scalar(url: str) -> None:
    """A literal in an expression neither ends the scalar nor begins a comment."""
    text = f"vars.A || '{url}'"
    assert yaml.safe_load(f"key: {quoting.expression(text)}\n") == {"key": f"${{{{ {text} }}}}"}


def test_finalize_refuses_text_that_went_through_no_filter() -> None:
    """A template of ours that forgets a filter fails in the tests, not at the user's."""
    with pytest.raises(TypeError, match="reaches a file without a filter"):
        quoting.only_quoted("text")
    assert quoting.only_quoted(7) == 7
