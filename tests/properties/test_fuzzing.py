"""Five hundred specs in every run, from bytes that mean nothing to specs that compile: what holds for all of them.

``make fuzz CASES=100000`` runs as many as you like, on every core.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from fuzzing import documents
from fuzzing.case import hold
from fuzzing.specs import STRATEGIES

CASES = {"bytes": 40, "text": 60, "valid": 200, "schema": 50, "mutated": 150}
COMPILED = {"bytes": 0, "text": 0, "valid": 30, "schema": 0, "mutated": 2}
"""The fewest of them that have to compile: else the strategy tests less than it seems to."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the code that some specs name."""
    place = tmp_path_factory.mktemp("fuzzing")
    shutil.copytree(documents.REPOSITORY / "examples" / "own-training" / "src", place / "src")
    return place


@pytest.mark.parametrize("name", CASES)
def test_spec_whatever_it_is_keeps_the_promises(name: str, folder: Path) -> None:
    """No traceback, no hang; diagnostics with code, place and help; what has no errors compiles to readable files."""
    seen: Counter[str] = Counter()

    @settings(
        max_examples=CASES[name],
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),  # the case is printed as it is: shrinking a whole spec takes minutes
        suppress_health_check=list(HealthCheck),
    )
    @given(STRATEGIES[name]())
    def run(content: bytes) -> None:
        seen.update([hold(folder, content)])

    run()
    assert sum(seen.values()) >= CASES[name]
    assert seen["compiled"] >= COMPILED[name], seen
