"""What the tests beside peers share: the programs of a peer's own environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks import peers


@pytest.fixture(scope="session")
def peer() -> Callable[[str], Path]:
    """A function from the name of a peer to the ``bin`` of its environment.

    The test is skipped where that was not built (``python -m benchmarks.peers NAME``), except where
    ``MLOPSC_REQUIRE_PEERS`` names the peer: there it is built, or the test fails.
    """

    def find(name: str) -> Path:
        if name in os.environ.get("MLOPSC_REQUIRE_PEERS", "").split(","):
            return peers.peer(name)
        found = peers.built(name)
        if found is None:
            pytest.skip(f"the environment of {name} is not built; python -m benchmarks.peers {name}")
        return found

    return find
