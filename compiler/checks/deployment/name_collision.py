"""Two names that become the same file, module, table or port."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...catalogue import metrics
from ...diagnostics import Finding, Mark
from ...model.models import Api
from ...model.resolved import Project
from ...resolve.names import snake
from ...source import YamlPath
from ..base import Check, Surroundings
from ..sections import business, datasets, specs


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every two names that differ by case or punctuation alone, and every two services on one port."""
    spec = project.spec
    for kind, section in (
        ("datasets", "data"),
        ("feature sets", "features"),
        ("models", "models"),
        ("monitors", "monitors"),
    ):
        yield from _same(kind, [(name, (section, name)) for name in getattr(spec, section)])
    for dataset in datasets(project):
        columns = [(name, (*dataset.path, "columns", name)) for name in dataset.columns]
        yield from _same("columns", columns, lower_only=True)
    for model in specs(project):
        for name in sorted(business(model) & set(metrics())):
            yield Finding(
                message=f"'{name}' is a built-in metric",
                mark=Mark(path=(*model.path, "evaluate", "business", name)),
                help="choose another name for the business metric",
            )
    if spec.stack.deploy == "compose":
        yield from _ports(project)


def _same(kind: str, names: Iterable[tuple[str, YamlPath]], *, lower_only: bool = False) -> Iterator[Finding]:
    first: dict[str, tuple[str, YamlPath]] = {}
    for name, path in names:
        other, place = first.setdefault(name.lower() if lower_only else snake(name), (name, path))
        if place != path:
            yield Finding(
                message=f"{kind} '{other}' and '{name}' have the same name in generated files",
                mark=Mark(path=path),
                related=(Mark(path=place, text=f"'{other}' is declared here"),),
                help="choose names that differ by more than case, hyphens and underscores",
            )


def _ports(project: Project) -> Iterator[Finding]:
    first: dict[int, Api] = {}
    taken = {model.deploy.api.port for model in specs(project) if isinstance(model.deploy.api, Api)}
    for model in specs(project):
        api = model.deploy.api
        if not isinstance(api, Api):
            continue
        other = first.setdefault(api.port, api)
        if other is not api:
            free = next(port for port in range(api.port + 1, 2**16 + len(taken)) if port not in taken)
            yield Finding(
                message=f"two services share port {api.port} of one machine",
                mark=Mark(path=(*api.path, "port"), at="value"),
                related=(Mark(path=(*other.path, "port"), text="the other one", at="value"),),
                help=f"give one of them another: port: {free}",
            )


CHECK = Check(
    code="MLC607",
    title="name or port collision",
    explanation="Names become files and Python modules, columns become columns of SQL, and services with compose "
    "listen on ports of one machine. None of those may be the same for two things.",
    run=find,
)
