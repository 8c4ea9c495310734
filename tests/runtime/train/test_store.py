"""The embedded MLflow store, which steps of several models open at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

OPEN = """
import sys
from mlops.runtime.train import tracking
print("ready", flush=True)
sys.stdin.readline()
client = tracking.client()
client.create_experiment(sys.argv[1])
print(len(client.search_registered_models()))
"""


@pytest.mark.slow
def test_client_makes_one_store_for_two_processes(tmp_path: Path) -> None:
    """Two processes that find no store both get the same whole one, and what each writes is there for both."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    env |= {"MLOPS_HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3] / "templates" / "python")}
    words = [sys.executable, "-c", OPEN]
    pipe = subprocess.PIPE
    both = [
        subprocess.Popen(
            [*words, name], env=env, cwd=tmp_path, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True
        )
        for name in ("one", "other")
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert all(text.endswith("0\n") for text in said)
    again = subprocess.run(
        [*words, "third"], check=False, env=env, cwd=tmp_path, input="go\n", capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr
