"""A name of the surroundings that is set twice."""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Finding, Mark
from ...model.resolved import Project
from ..base import Check, Surroundings

OWN = {
    "MLOPS_STORAGE": "the home of the project; set it in the settings of the repository, it needs no declaration",
    "MODEL": "the model that is deployed",
    "IMAGE": "the image that is deployed",
    "VERSION": "the version that is deployed",
}
"""What the generated workflows set themselves, and to what."""


def find(project: Project, _: Surroundings) -> Iterator[Finding]:
    """Every name that is a secret and a variable, and every one that workflows set to something else."""
    spec = project.spec
    variables = {name.name: name for name in spec.variables}
    for name in spec.secrets:
        other = variables.get(name.name)
        if other is not None:
            yield Finding(
                message=f"'{name.name}' is declared as a secret and as a variable",
                mark=Mark(path=other.path, at="value"),
                related=(Mark(path=name.path, text="it is a secret here", at="value"),),
                help="keep one of them; a variable is not hidden in logs",
            )
    if spec.stack.ci == "github-actions":
        for name in (*spec.secrets, *spec.variables):
            if name.name in OWN:
                yield Finding(
                    message=f"'{name.name}' is set by the generated workflows themselves",
                    mark=Mark(path=name.path, at="value"),
                    help=f"it is {OWN[name.name]}"
                    if name.name == "MLOPS_STORAGE"
                    else f"it is {OWN[name.name]}; choose another name, such as OWN_{name.name}",
                )


CHECK = Check(
    code="MLC210",
    title="name of the surroundings that is set twice",
    explanation="Secrets and variables become environment variables of the jobs, one for each name. A variable and a "
    "secret of one name hide each other, and a few names are taken by the generated workflows: a second value would "
    "make the workflow invalid, or deploy something else.",
    run=find,
)
