"""A name that Kubernetes, Docker, GitHub or Python would refuse."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ...resolve.names import snake
from ...source import YamlPath
from ..base import Check, Surroundings

MODEL_WORDS = ("monitor", "monitors", "models", "features", "lineage", "state", "data", "serve")
LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST = 40
"""Names are joined to others, and Kubernetes allows 63 characters in all."""


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every name that becomes an image, a service, a file or a variable, and cannot."""
    spec = project.spec
    if ("project", "name") in surroundings.sources.entries:  # by default it is the first model's
        yield from _label("project", spec.project.name, ("project", "name"), at_value=True)
    for kind, section in (("model", "models"), ("monitor", "monitors"), ("environment", "environments")):
        for name in getattr(spec, section):
            yield from _label(kind, name, (section, name))
    for name in spec.models:
        if name in MODEL_WORDS:
            yield _finding("model", name, ("models", name), "is a word of `python -m mlops`", f"such as {name}-model")
    for kind, section in (("dataset", "data"), ("feature set", "features")):
        for name in getattr(spec, section):
            yield from _identifier(kind, name, (section, name))
    for reference in (*spec.secrets, *spec.variables):
        if not VARIABLE.fullmatch(reference.name) or reference.name.upper().startswith("GITHUB_"):
            kept = reference.name.upper().startswith("GITHUB_")
            wrong = "begins with GITHUB_, which GitHub keeps" if kept else "is no variable's name"
            bare = re.sub(r"\W+", "_", reference.name).strip("_")
            help_ = (
                f"write the name alone: {bare}" if VARIABLE.fullmatch(bare) and not kept else "such as WAREHOUSE_URL"
            )
            yield _finding("secret", reference.name, reference.path, wrong, help_, at_value=True)


def _label(kind: str, name: str, path: YamlPath, *, at_value: bool = False) -> Iterator[Finding]:
    if not LABEL.fullmatch(name):
        near = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-").lstrip("0123456789-") or f"my-{kind}"
        wrong = "is no name for images and services"
        yield _finding(kind, name, path, wrong, f"lower-case letters, digits and hyphens: {near}", at_value=at_value)
    elif len(name) > LONGEST:
        yield _finding(kind, name, path, f"has {len(name)} characters", f"{LONGEST} at most", at_value=at_value)
    elif kind == "model" and keyword.iskeyword(snake(name)):
        yield _finding(kind, name, path, "is a keyword of Python", f"such as {name}-model", at_value=at_value)


def _identifier(kind: str, name: str, path: YamlPath) -> Iterator[Finding]:
    if not IDENTIFIER.fullmatch(name):
        near = re.sub(r"\W+", "_", name).strip("_").lstrip("0123456789_") or "rows"
        yield _finding(kind, name, path, "is no name for tables and files", f"letters, digits and underscores: {near}")
    elif kind == "feature set" and keyword.iskeyword(snake(name)):
        yield _finding(kind, name, path, "is a keyword of Python", f"such as {name}_features")


def _finding(  # noqa: PLR0913  (it is all that is said)
    kind: str, name: str, path: YamlPath, wrong: str, help_: str, *, at_value: bool = False
) -> Finding:
    return Finding(
        message=f"{kind} '{name}' {wrong}", mark=Mark(path=path, at="value" if at_value else "key"), help=help_
    )


CHECK = Check(
    code="MLC606",
    title="name that would be refused",
    explanation="Names become image names, Kubernetes resources, workflow files, Python modules and environment "
    "variables. What one of them would refuse is refused here, before it is in a registry.",
    run=find,
)
