"""What the templates of this target see."""

from __future__ import annotations

from ...checks.stored import stored_sets
from ...model.models import Api
from ...model.resolved import ResolvedModel
from ...model.values import Reference, valid_items
from ...planning.plan import Plan
from ...records import record
from ..base import Context
from ..deployed import registry_secrets
from .runtime import runtime_parts, tests_features


@record
class TrainedModel:
    """A model and the words that train it."""

    name: str
    steps: str


@record
class ServedModel:
    """A model that answers requests."""

    name: str
    port: int


@record
class FileRow:
    """One line of the table of files."""

    path: str
    what: str


@record
class Readme:
    """All that ``README.md.j2`` sees."""

    project: str
    description: str
    python: str
    models: tuple[TrainedModel, ...]
    served: tuple[ServedModel, ...]
    batches: tuple[str, ...]
    stored: bool  # whether requests look features up
    monitors: tuple[str, ...]
    tests: bool
    storage: str
    secrets: tuple[str, ...]
    variables: tuple[str, ...]
    dvc: bool
    environment: str  # of the repository on GitHub, which holds them; empty with another CI
    files: tuple[FileRow, ...]


PARTS = {
    "core": "command line, configuration, paths, storage",
    "data": "reads the sources and holds them to their contracts",
    "features": "computes features, for tables and for one request",
    "train": "split, train, evaluate, gate, register, package",
    "serve": "HTTP service, prediction log, batch scoring",
    "monitor": "drift, performance and data quality in production",
}


def readme(context: Context) -> Readme:
    """The view of the generated README."""
    spec, plan = context.project.spec, context.plan
    models = [model for _, model in sorted(valid_items(context.project.models))]
    on_github = spec.stack.ci == "github-actions"
    return Readme(
        project=spec.project.name,
        description=spec.project.description.strip(),
        python=spec.project.python,
        models=tuple(TrainedModel(name=model.name, steps=_steps(plan, model)) for model in models),
        served=tuple(
            ServedModel(name=model.name, port=model.spec.deploy.api.port)
            for model in models
            if isinstance(model.spec.deploy.api, Api)
        ),
        batches=tuple(model.name for model in models if model.spec.deploy.batch is not None),
        stored=bool(stored_sets(context.project)),
        monitors=plan.monitors,
        tests=tests_features(context.project),
        storage=spec.storage.url or "" if spec.storage else "",
        secrets=_sorted_names(spec.secrets, registry_secrets(context.project) if on_github else ()),
        variables=_sorted_names(
            spec.variables, ("REGISTRY_USER",) if registry_secrets(context.project) and on_github else ()
        ),
        dvc=spec.stack.data_versioning == "dvc",
        environment=spec.project.name if on_github else "",
        files=_files(context),
    )


def _steps(plan: Plan, model: ResolvedModel) -> str:
    return " ".join(step.name for step in plan.steps_of(model.name))


def _files(context: Context) -> tuple[FileRow, ...]:
    parts, stored = runtime_parts(context.project), bool(stored_sets(context.project))
    rows = [
        ("__main__.py", "`python -m mlops`"),
        *((f"runtime/{part}/", PARTS[part]) for part in parts),
        ("features/", "the features of the spec: as SQL for tables, as Python for one request"),
        *(
            (("tests/", "a property test of every feature: as SQL and as Python it is the same"),)
            if tests_features(context.project)
            else ()
        ),
        ("models/<model>/config.json", "everything that the spec says about one model"),
        ("models/<model>/requirements-train.txt", "what its steps need"),
        *((("models/<model>/requirements-serve.txt", "what its service needs"),) if "serve" in parts else ()),
        *((("requirements-features.txt", "what a refresh of stored features needs"),) if stored else ()),
        *((("requirements-test.txt", "what the tests need"),) if tests_features(context.project) else ()),
        *((("requirements-monitor.txt", "what the monitors need"),) if context.plan.monitors else ()),
        ("plan.json", "what the models share: monitors, triggers, storage"),
        *_other_targets(context),
        ("ruff.toml", "how this folder is linted and formatted, whatever the rest of the repository does"),
        ("../mlops.lock", "the digest of every generated file; `sha256sum -c mlops.lock` checks them"),
    ]
    return tuple(FileRow(path=path, what=what) for path, what in rows)


def _other_targets(context: Context) -> list[tuple[str, str]]:
    """The rows of files that other targets add to the folder, and of the workflows."""
    stack, project = context.project.spec.stack, context.project.spec.project
    api = any(model.spec.deploy.api is not None for _, model in valid_items(context.project.models))
    rows = []
    if api:
        rows.append(("docker/", "the images that train and serve; `smoke-test.sh` tries one with a real request"))
    if api and stack.deploy == "compose":
        rows.append(("deploy/compose.yaml", "the services, on one machine"))
    if stack.feature_store == "feast" and bool(stored_sets(context.project)):
        rows.append(("feast/", "settings and definitions of the Feast repository"))
    if stack.data_versioning == "dvc":
        rows.append(("../dvc.yaml", "every step as a stage of DVC: `dvc repro` runs what changed"))
        rows.append(("../params.yaml", "the values that those stages depend on, for `dvc exp run --set-param`"))
        rows.append(("dvc/", "what to install for DVC, and a script that makes the folder its repository, once"))
    if stack.ci == "github-actions":
        rows.append(("requirements-mlopsc.txt", "the compiler, which only the workflow `ci` installs"))
        rows.append((f".github/workflows/{project.name}-*.yml", "at the Git root: check, train, deploy, monitor"))
    return rows


def _sorted_names(references: tuple[Reference, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*(reference.name for reference in references), *more}))
