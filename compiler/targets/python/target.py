"""The Python runtime, the compiled features, and the data of each model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...artifact import Artifact, Json, Template, Text, Tree
from ...checks.stored import stored_sets
from ...model.resolved import Project, ResolvedFeatureSet, ResolvedModel
from ...model.values import valid_items
from ...sql.python import module as feature_module
from ..base import Context, TargetFinding
from . import requirements
from .config import model_configs
from .params import ABOUT, PARAMETERS, parameters
from .runtime import runtime_files, tests_features, used_stores
from .shared import project_plan
from .views import readme

ATTRIBUTES = "* text=auto eol=lf linguist-generated\n"
RUFF = """\
line-length = 120
target-version = "{version}"

[lint]
ignore = ["RUF100"]  # some comments silence rules that are not on by default
"""
RUFF_FEAST = """
[lint.isort]
known-third-party = ["feast"]  # the library, not the folder beside this file
"""
FEATURES_INIT = '"""The compiled features: one module for each feature set of the spec."""\n'


class PythonTarget:
    """What every project gets: a folder of Python that runs all steps without the compiler."""

    name = "python"
    serves: tuple[tuple[str, str], ...] = (
        ("orchestrator", "ci"),
        ("tracking", "mlflow"),
        ("tracking", "none"),
        ("registry", "mlflow"),
        ("registry", "none"),
        ("data_quality", "pandera"),
        ("data_quality", "great-expectations"),
        ("data_engine", "duckdb"),
        ("feature_store", "builtin"),
        ("data_versioning", "none"),
        ("ci", "none"),
        ("deploy", "none"),
    )

    def applies(self, context: Context) -> bool:
        """Always: everything else calls it."""
        del context
        return True

    def check(self, context: Context) -> Iterable[TargetFinding]:
        """Nothing: the words of the stack that it does not know are reported as unsupported."""
        del context
        return ()

    def artifacts(self, context: Context) -> Iterator[Artifact]:
        """The folder ``mlops/`` but for what the other targets add."""
        project = context.project
        yield from runtime_files(project)
        yield Artifact(path="mlops/README.md", content=Template(name="python/README.md.j2", view=readme(context)))
        yield Artifact(path="mlops/.gitattributes", content=Text(text=ATTRIBUTES))
        version = "py" + project.spec.project.python.replace(".", "")
        rules = RUFF.format(version=version) + (RUFF_FEAST if "feast" in used_stores(project) else "")
        yield Artifact(path="mlops/ruff.toml", content=Text(text=rules))
        yield Artifact(path="mlops/plan.json", content=Tree(data=project_plan(project, context.plan)))
        yield Artifact(path="mlops/features/__init__.py", content=Text(text=FEATURES_INIT))
        for found in used_feature_sets(project):
            yield Artifact(path=f"mlops/features/{found.module}.py", content=Text(text=feature_module(found)))
        configs = tuple(model_configs(project, context.plan))
        for model, config in configs:
            yield from _model(project, model, config)
        if stored_sets(project):
            yield _requirements("mlops/requirements-features.txt", requirements.features(project))
        if tests_features(project):
            yield _requirements("mlops/requirements-test.txt", requirements.test())
        if project.spec.stack.data_versioning == "dvc":
            yield Artifact(path=PARAMETERS, content=Tree(data=parameters(configs, context.plan), comment=ABOUT))
        if context.plan.monitors:
            yield _requirements("mlops/requirements-monitor.txt", requirements.monitor(project))


def used_feature_sets(project: Project) -> list[ResolvedFeatureSet]:
    """The feature sets that a model takes features from, by module."""
    used = {prepared.feature.module for _, model in valid_items(project.models) for prepared in model.features}
    found = {found.module: found for _, found in valid_items(project.feature_sets)}
    return [found[module] for module in sorted(used)]


def _model(project: Project, model: ResolvedModel, config: Json) -> Iterator[Artifact]:
    folder = f"mlops/models/{model.name}"
    yield Artifact(path=f"{folder}/config.json", content=Tree(data=config))
    yield _requirements(f"{folder}/requirements-train.txt", requirements.train(project, model))
    if model.spec.deploy.api is not None or model.spec.deploy.batch is not None:
        yield _requirements(f"{folder}/requirements-serve.txt", requirements.serve(project, model))


def _requirements(path: str, lines: str) -> Artifact:
    return Artifact(path=path, content=Text(text=lines))
