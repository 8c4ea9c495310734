"""Fixtures of all tests: the tools that some need, and the folders that compiled projects live in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def pytest_configure() -> None:
    """Start every test from the same surroundings: no colours asked for, no settings of a CI job."""
    for variable in ("FORCE_COLOR", "GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "MLOPS_HOME"):
        os.environ.pop(variable, None)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return REPOSITORY


def missing(what: str) -> None:
    """Skip, or fail where the engines are required (``MLOPSC_REQUIRE_ENGINES=1``)."""
    if os.environ.get("MLOPSC_REQUIRE_ENGINES") == "1":
        pytest.fail(f"{what} is required here (MLOPSC_REQUIRE_ENGINES=1)")
    pytest.skip(f"{what} is not available")


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """A function from the name of a command to its path; the test is skipped where it is not installed."""

    def find(name: str) -> str:
        beside = Path(sys.executable).with_name(name)
        found = str(beside) if beside.exists() else shutil.which(name)
        if found is None:
            missing(f"the command '{name}'")
        return str(found)

    return find


@pytest.fixture(scope="session")
def docker_engine(tool: Callable[[str], str]) -> str:
    """The path of ``docker``, with an engine that answers."""
    docker = tool("docker")
    done = subprocess.run([docker, "info"], capture_output=True, check=False, timeout=30)
    if done.returncode:
        missing("a Docker engine")
    return docker
