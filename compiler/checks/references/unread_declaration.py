"""A secret or a variable that is declared and read by nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...diagnostics import Finding, Mark, Severity
from ...model.models import Train
from ...model.resolved import Project
from ...model.values import is_valid
from ...suggest import suggest
from ..base import Check, Surroundings
from ..sections import specs
from .variable_not_replaced import REFERENCE

READ_BY_LIBRARIES = re.compile(
    r"(AWS|AZURE|GOOGLE|GCP|GCLOUD|CLOUDSDK|S3|FSSPEC|MLFLOW|MLOPS|WANDB|DVC|FEAST|DATABRICKS|SNOWFLAKE|SLACK|GITHUB|GH"
    r"|GITLAB|CI|DOCKER|REGISTRY|PIP|UV|NETRC|KAGGLE|HF|HUGGING_?FACE|ODBC|ORACLE|TNS|MYSQL|REDIS|SPARK|JAVA|HADOOP"
    r"|OTEL|SENTRY|OMP|OPENBLAS|MKL|NUMEXPR|PYTHON|SSL|REQUESTS|CURL|KUBE|LOG)_\w*"
    r"|PG[A-Z]+|KUBECONFIG|TZ|LANG|LC_ALL|PATH|(HTTPS?|NO|ALL)_PROXY",
    re.IGNORECASE,
)
"""Names that libraries of the generated code and of drivers look up by themselves."""


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every declared name that no value mentions; none where code of the user's own may read it."""
    spec = project.spec
    declared = [("secret", name) for name in spec.secrets] + [("variable", name) for name in spec.variables]
    unusual = [pair for pair in declared if not READ_BY_LIBRARIES.fullmatch(pair[1].name)]
    if not unusual or _runs_own_code(project):
        return
    read = {name for _, text in surroundings.scalars for name in REFERENCE.findall(text)}
    known = [name.name for _, name in declared]
    meant = {suggest(name, known) for name in read.difference(known)}  # undeclared ones are said to be those
    for kind, name in unusual:
        if name.name not in read and name.name not in meant:
            yield Finding(
                message=f"{kind} '{name.name}' is read by nothing",
                mark=Mark(path=name.path, at="value"),
                help=f"remove it, or read it where it is needed: ${{{name.name}}}",
            )


def _runs_own_code(project: Project) -> bool:
    """Whether functions, packages or drivers of the user's run in the jobs; they may read any variable."""
    trains = [model.train for model in specs(project)]
    entrypoint = any(not is_valid(one) or (isinstance(one, Train) and one.entrypoint is not None) for one in trains)
    info = project.spec.project
    return bool(info.code or info.requirements or entrypoint)


CHECK = Check(
    code="MLC209",
    title="secret or variable that nothing reads",
    explanation="Every job gets all declared secrets and variables. One that no value of the spec reads as `${NAME}`, "
    "and that no library is known to look up by itself, is a key that lies about for nobody. The check is silent where "
    "the project has code or requirements of its own, which may read anything.",
    severity=Severity.WARNING,
    run=find,
)
