"""Requirements of the project, as pip would read them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic

Diagnose = Callable[[str], list[Diagnostic]]
Place = tuple[str, int, int, str]

SPEC = """\
project:
  name: penguins
  requirements: ["REQUIREMENT"]
data:
  penguins:
    source: p.csv
    columns: {species: string, mass: float}
models:
  kind-of-penguin: {label: species, train: {estimator: sklearn.ensemble.RandomForestClassifier}}
"""


def told(found: list[Diagnostic]) -> list[Place]:
    """Code, line, column and message of each, but for those on the structure, which has its own tests."""
    places = [(one.code, one.primary.span.line, one.primary.span.column, one.message) for one in found]
    return [place for place in places if not place[0].startswith("MLC1")]


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        ("pandas>=2", []),
        ("pandas", [("MLC423", 3, 18, "any version of 'pandas' will do")]),
        ("pandas!=2.1", [("MLC423", 3, 18, "any version of 'pandas' will do")]),
        ("pandas<3", []),
        ("pandas>=2  # tested", [("MLC422", 3, 18, "the requirement 'pandas>=2  # tested' has a comment in it")]),
        ("pandas[excel]", [("MLC423", 3, 18, "any version of 'pandas' will do")]),
        ("pandas; python_version < '3.12'", [("MLC423", 3, 18, "any version of 'pandas' will do")]),
        ("pandas~=2", [("MLC422", 3, 18, "the requirement 'pandas~=2' cannot be read")]),
        ("pandas==latest", [("MLC422", 3, 18, "the requirement 'pandas==latest' cannot be read")]),
        ("pandas=>2", [("MLC422", 3, 18, "the requirement 'pandas=>2' cannot be read")]),
        ("pandas=2.1", [("MLC422", 3, 18, "the requirement 'pandas=2.1' cannot be read")]),
        ("pandas >=2 <3", [("MLC422", 3, 18, "the requirement 'pandas >=2 <3' cannot be read")]),
        ("pandas>=2.*", [("MLC422", 3, 18, "the requirement 'pandas>=2.*' cannot be read")]),
        ("-r other.txt", [("MLC422", 3, 18, "the requirement '-r other.txt' is an option of pip")]),
        ("./vendored", [("MLC422", 3, 18, "the requirement './vendored' is on this machine only")]),
        ("holidays-1.0.whl", [("MLC422", 3, 18, "the requirement 'holidays-1.0.whl' is on this machine only")]),
        (
            "git+https://github.com/a/b",
            [("MLC422", 3, 18, "the requirement 'git+https://github.com/a/b' does not say which package it is")],
        ),
        ("b @ git+https://github.com/a/b", [("MLC423", 3, 18, "'b' is whatever its repository has that day")]),
        ("b @ git+https://github.com/a/b@v1", []),
        ("b @ git+ssh://git@github.com/a/b", [("MLC423", 3, 18, "'b' is whatever its repository has that day")]),
        ("b @ https://host/b-1.0-py3-none-any.whl", []),
        (
            "b @ file:///home/me/b",
            [("MLC422", 3, 18, "the requirement 'b @ file:///home/me/b' is on this machine only")],
        ),
    ],
)
def test_requirement_is_one_that_ci_can_install(diagnosed: Diagnose, requirement: str, expected: list[Place]) -> None:
    """A name and a bound, or a place that is not on this machine and does not move."""
    assert told(diagnosed(SPEC.replace("REQUIREMENT", requirement))) == expected


MENDED = [
    ("numpy=>2", "numpy>=2"),
    ("numpy=2.1", "numpy==2.1"),
    ("numpy >=2 <3", "numpy >=2,<3"),
    ("numpy>=2.*", "numpy>=2"),
    ("numpy=2.1,<3", "numpy==2.1,<3"),
    ("numpy 2", None),
]


@pytest.mark.parametrize(("written", "meant"), MENDED)
def test_slip_in_a_requirement_is_mended(diagnosed: Diagnose, written: str, meant: str | None) -> None:
    """What other tools write, or a comma that is missing; what is no such slip has no fix."""
    (found,) = diagnosed(SPEC.replace("REQUIREMENT", written))
    assert [(fix.action, fix.place, fix.value) for fix in found.fix] == ([("replace", "value", meant)] if meant else [])
    assert found.help == (
        f"write: {meant}" if meant else "a name, and the versions that will do, such as: holidays>=0.50,<1"
    )


def test_invalid_requirement_is_not_judged(diagnosed: Diagnose) -> None:
    """What is no text has been reported; the others are found, at the place of the list."""
    found = diagnosed(SPEC.replace('["REQUIREMENT"]', "[3, numpy]"))
    assert told(found) == [("MLC423", 3, 17, "any version of 'numpy' will do")]
