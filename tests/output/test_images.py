"""Dockerfiles, compose and the smoke test: accepted by their judges, and hardened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

Compiled = Callable[..., Path]
Tool = Callable[[str], str]
Judge = Callable[[list[str], Path], str]


def test_dockerfiles_have_no_finding(compiled: Compiled, tool: Tool, judge: Judge) -> None:
    """The linter reports every level, down to style, and finds nothing."""
    folder = compiled("flight-delays") / "mlops" / "docker"
    for role in ("serve", "train"):
        assert judge([tool("hadolint"), "--failure-threshold", "style", f"{role}.Dockerfile"], folder) == ""


def test_smoke_test_has_no_finding(compiled: Compiled, tool: Tool, judge: Judge) -> None:
    """The script that tries an image is clean and executable."""
    script = compiled("flight-delays") / "mlops" / "docker" / "smoke-test.sh"
    assert (
        judge(
            [tool("shellcheck"), "--severity=style", script.name],
            script.parent,
        )
        == ""
    )
    assert script.stat().st_mode & 0o100


def test_images_run_without_root_and_name_their_base(compiled: Compiled) -> None:
    """The base image can be replaced, and nothing runs as root."""
    for role in ("serve", "train"):
        text = (compiled("flight-delays") / "mlops" / "docker" / f"{role}.Dockerfile").read_text(encoding="utf-8")
        assert "ARG BASE_IMAGE=python:3.11-slim-bookworm\n" in text
        assert "\nUSER 10001\n" in text
        assert "--mount" not in text


def test_build_context_is_an_explicit_list(compiled: Compiled) -> None:
    """Data, secrets and the rest of the project never reach the builder."""
    text = (compiled("flight-delays") / "mlops" / "docker" / "serve.Dockerfile.dockerignore").read_text(
        encoding="utf-8"
    )
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines == ["*", "!mlops", "!.mlops/work/*/package", "**/__pycache__"]


def test_model_without_api_has_no_image(compiled: Compiled) -> None:
    """A model that nobody deploys needs no container."""
    assert not (compiled("penguins") / "mlops" / "docker").exists()


def test_compose_file_is_valid_and_hardened(compiled: Compiled, tool: Tool, judge: Judge) -> None:
    """Compose accepts it; the service is read-only, unprivileged, and reachable only from this machine."""
    project = compiled("flight-delays")
    judge([tool("docker-compose"), "--file", "mlops/deploy/compose.yaml", "config", "--quiet"], project)
    compose = yaml.safe_load((project / "mlops" / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    service = compose["services"]["late-arrival"]
    assert service["image"] == "ghcr.io/acme/flight-delays-late-arrival:${LATE_ARRIVAL_VERSION:-local}"
    assert service["ports"] == ["${BIND_ADDRESS:-127.0.0.1}:8080:8080"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["home:/var/lib/mlops"]
