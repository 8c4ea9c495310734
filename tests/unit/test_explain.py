"""``mlopsc explain``."""

from __future__ import annotations

from click.testing import CliRunner

from mlopsc.cli.explain import command


def test_explain_shows_example_words_and_difference() -> None:
    """Title, why, the failing spec, what is said about it, and what mends it."""
    done = CliRunner().invoke(command, ["mlc201"])
    assert done.exit_code == 0
    parts = done.output.split("\n\n")
    assert parts[0] == "MLC201: unknown dataset (error)"
    assert parts[2] == "For example:"
    assert "        from: flight\n" in parts[3]
    assert parts[4] == "mlopsc says:"
    assert parts[5].startswith("    error[MLC201]: unknown dataset 'flight'\n      --> mlops.yaml:15:11\n")
    assert parts[6] == "Mended:"
    assert "    -    from: flight\n    +    from: flights\n" in parts[7]


def test_explain_lists_every_code() -> None:
    """Without a code there is an overview."""
    done = CliRunner().invoke(command, [])
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0] == "Structure:"
    assert "  MLC203  unknown column" in lines
    assert "  MLC707  retraining limit not enforced (warning)" in lines


def test_explain_suggests_a_code() -> None:
    """A code that does not exist is a usage error with the nearest one."""
    done = CliRunner().invoke(command, ["MLC203X"])
    assert str(done.exception) == "there is no diagnostic 'MLC203X'; did you mean 'MLC203'?"
    assert getattr(done.exception, "exit_code", None) == 2
