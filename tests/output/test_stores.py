"""What online stores add to a compiled project: jobs, settings of the services, requirements, and no more modules."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

REDIS = 'online: {store: "${REDIS_URL}", refresh: "*/15 * * * *", max_staleness: 1h}'
SQLITE = 'online: {store: sqlite, refresh: "*/15 * * * *", max_staleness: 1h}'


@pytest.fixture(scope="module")
def on_github(stored_flights: Callable[..., Path]) -> Path:
    """The project with Redis, compiled for GitHub Actions and an image registry."""
    folder = stored_flights("builtin", REDIS)
    spec = (folder / "mlops.yaml").read_text(encoding="utf-8").replace("ci: none, ", "")
    spec = spec.replace("variables: [REDIS_URL]", "secrets: [REDIS_URL]\nimages: {registry: ghcr.io/acme}")
    (folder / "mlops.yaml").write_text(spec, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    command = [sys.executable, "-c", "from mlopsc.cli import main; main()", "compile"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def modules(folder: Path) -> set[str]:
    """The modules of stores that a project was given."""
    return {path.name for path in (folder / "mlops/runtime/features").glob("store_*.py")} - {
        "store_latest.py",
        "store_packaged.py",
        "store_sqlite.py",
        "store_values.py",
    }


def test_workflow_refreshes_on_its_schedule(on_github: Path, tool: Callable[[str], str]) -> None:
    """One job for the feature set, with the secret in the steps that need it; zizmor and actionlint find nothing."""
    workflows = on_github / ".github" / "workflows"
    document = yaml.safe_load((workflows / "stored-flights-features.yml").read_text())
    assert document[True]["schedule"] == [{"cron": "*/15 * * * *"}]  # YAML 1.1 reads the key `on` so
    steps = {step["name"]: step for step in document["jobs"]["refresh-flown"]["steps"]}
    assert steps["Refresh"] == {
        "name": "Refresh",
        "env": {"REDIS_URL": "${{ secrets.REDIS_URL }}"},
        "run": "python -m mlops features refresh flown",
    }
    zizmor = ("--offline", "--quiet", "--persona=auditor", "--strict-collection", "--no-ignores", str(workflows))
    for judge in ([tool("zizmor"), *zizmor], [tool("actionlint"), *map(str, workflows.glob("*.yml"))]):
        done = subprocess.run(judge, cwd=on_github, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_smoke_test_of_an_image_is_told_where_the_store_is(on_github: Path) -> None:
    """The deployment hands the secret on, by its name."""
    document = yaml.safe_load((on_github / ".github/workflows/stored-flights-deploy.yml").read_text())
    step = next(step for step in document["jobs"]["build"]["steps"] if step["name"] == "Send it a real request")
    assert step["env"]["REDIS_URL"] == "${{ secrets.REDIS_URL }}"
    assert step["run"] == 'bash mlops/docker/smoke-test.sh "$IMAGE:$VERSION" --env REDIS_URL'


def test_compose_hands_over_the_address(on_github: Path) -> None:
    """A service with Redis gets the address and no folder; it does not start without one."""
    service = yaml.safe_load((on_github / "mlops/deploy/compose.yaml").read_text())["services"]["late"]
    assert service["environment"] == {"REDIS_URL": "${REDIS_URL:?the address of the online store}"}
    assert service["volumes"] == ["home:/var/lib/mlops"]
    assert modules(on_github) == {"store_redis.py"}
    assert (on_github / "mlops/requirements-features.txt").read_text().splitlines()[1:] == [
        "duckdb>=1.4",
        "oras>=0.2",
        "redis>=5",
    ]


def test_project_on_one_machine_refreshes_by_cron_into_a_folder_that_the_service_sees(
    stored_flights: Callable[..., Path],
) -> None:
    """With SQLite and no CI: a line of the crontab, a folder of this machine in the container, no module of Redis."""
    folder = stored_flights("builtin", SQLITE)
    lines = (folder / "mlops/deploy/crontab").read_text().splitlines()
    assert lines[-1] == '*/15 * * * * cd "$PROJECT" && "$PYTHON" -m mlops features refresh flown'
    service = yaml.safe_load((folder / "mlops/deploy/compose.yaml").read_text())["services"]["late"]
    assert service["volumes"] == ["home:/var/lib/mlops", "../../.mlops/features:/var/lib/mlops/features:ro"]
    assert "environment" not in service
    assert modules(folder) == set()


def test_feast_repository_is_linted_and_names_its_stores(
    stored_flights: Callable[..., Path], tool: Callable[[str], str]
) -> None:
    """DuckDB offline, Redis online with keys that expire; definitions by the rules that the project brings with it."""
    folder = stored_flights("feast", REDIS)
    settings = yaml.safe_load((folder / "mlops/feast/feature_store.yaml").read_text())
    assert (settings["project"], settings["offline_store"]) == ("stored_flights", {"type": "duckdb"})
    assert settings["online_store"] == {
        "type": "redis",
        "connection_string": "${FEAST_REDIS}",
        "key_ttl_seconds": 86400,
        "skip_dedup": True,
    }
    for arguments in (("check", "--no-cache", "mlops"), ("format", "--no-cache", "--check", "mlops")):
        done = subprocess.run([tool("ruff"), *arguments], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert modules(folder) == {"store_feast.py"}
    required = (folder / "mlops/requirements-features.txt").read_text().splitlines()
    assert required[1:] == ["duckdb>=1.4", "feast[duckdb,redis]>=0.67,<1", "pandas>=2.2,<3"]
    assert "feast[redis]>=0.67,<1" in (folder / "mlops/models/late/requirements-serve.txt").read_text().splitlines()
    assert "feast" not in (folder / "mlops/models/late/requirements-train.txt").read_text()
