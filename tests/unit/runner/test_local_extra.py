"""``pip install 'mlopsc[local]'`` brings what the generated code of the examples imports."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from mlopsc.phases import analyse, compilation

ROOT = Path(__file__).parents[3]
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def names(lines: list[str]) -> set[str]:
    """The distributions that requirement lines name."""
    return {match.group().lower() for line in lines if (match := NAME.match(line.strip()))}


@pytest.mark.parametrize("example", ["penguins", "diabetes", "own-training", "flight-delays"])
def test_local_extra_holds_every_requirement_of_the_example(example: str) -> None:
    """What training, serving and monitoring require is in the extra, so that ``mlopsc run`` works at once."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    local = names(pyproject["project"]["optional-dependencies"]["local"])
    rendered = compilation(analyse(ROOT / "examples" / example / "mlops.yaml")).rendered
    wanted = [path for path in rendered if re.search(r"requirements-(train|serve|monitor)", path)]
    required = set().union(*(names(rendered[path].content.decode().splitlines()) for path in wanted))
    assert wanted
    assert required - local == set()
