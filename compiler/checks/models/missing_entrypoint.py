"""A training function of the user's that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from ...diagnostics import Edit, Finding, Mark
from ...model.models import Train
from ...model.resolved import Project
from ...model.values import Reference
from ..base import Check, Surroundings
from ..entrypoints import problem
from ..sections import specs


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every entrypoint without a file or a function, or whose function takes something else; nothing is imported."""
    for reference in project.spec.project.code:
        if _inside(reference.name) and not surroundings.exists(reference.name):
            yield Finding(
                message=f"'{reference.name}' is not there",
                mark=Mark(path=reference.path, text="no such folder in the project", at="value"),
                help="name a folder or file of your own code, relative to mlops.yaml",
            )
    gone = [one.name for one in project.spec.project.code if not _inside(one.name) or not surroundings.exists(one.name)]
    for model in specs(project) if not gone else ():
        if isinstance(model.train, Train) and model.train.entrypoint is not None:
            yield from _entrypoint(project, surroundings, model.train.entrypoint)


def _inside(path: str) -> bool:
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


def _entrypoint(project: Project, surroundings: Surroundings, entry: Reference) -> Iterator[Finding]:
    module, _, name = entry.name.partition(":")
    if not re.fullmatch(r"[A-Za-z_][\w.]*", module) or not name.isidentifier():
        yield _finding(entry, "is not written package.module:function", "such as mypackage.training:train")
        return
    roots = _roots(project)
    if not roots:
        yield _finding(entry, "comes from no code of this project", "add the package: project: {code: [src/mypackage]}")
        return
    files = [path for root in roots for path in _files(root, module)]
    text = next((text for text in map(surroundings.read, files) if text is not None), None)
    if text is None:
        yield _finding(entry, f"has no file: {' or '.join(files[:2])}", _elsewhere(surroundings, roots, entry.name))
        return
    found = problem(text, name)
    if found is not None:
        fix = (Edit(mark=Mark(path=entry.path, at="value"), value=f"{module}:{found.name}"),) if found.name else ()
        yield replace(_finding(entry, found.what, found.help), fix=fix)


def _elsewhere(surroundings: Surroundings, roots: list[str], entry: str) -> str:
    """Where the module is instead: named with the folder that holds it, or below a folder that is listed itself."""
    module, _, name = entry.partition(":")
    for root in roots:
        shorter = module.removeprefix(root.replace("/", ".") + ".")
        if shorter != module and any(map(surroundings.exists, _files(root, shorter))):
            return f"write: entrypoint: {shorter}:{name}"
    for reference in [PurePosixPath(root) for root in roots]:
        below = [found for found in ("src", "lib", "python") if surroundings.exists(str(reference / found))]
        for folder in below:
            package = reference / folder / module.partition(".")[0]
            if surroundings.exists(str(package)):
                return f"list the package itself: code: [{package}]"
    return "project.code lists the folders of your packages"


def _roots(project: Project) -> list[str]:
    """The folders that steps find packages in: those that hold what ``project.code`` lists."""
    paths = [PurePosixPath(reference.name) for reference in project.spec.project.code]
    return list(dict.fromkeys(str(path.parent) for path in paths))


def _files(root: str, module: str) -> tuple[str, str]:
    base = (PurePosixPath(root) / module.replace(".", "/")).as_posix()
    return f"{base}.py", f"{base}/__init__.py"


def _finding(entry: Reference, what: str, help_: str) -> Finding:
    return Finding(message=f"the entrypoint '{entry.name}' {what}", mark=Mark(path=entry.path, at="value"), help=help_)


CHECK = Check(
    code="MLC406",
    title="entrypoint not found",
    explanation="A model may be trained by a function of the project's own: `package.module:function`, in a folder "
    "that `project.code` lists. The compiler reads its file, and imports and runs nothing. The function "
    "gets matrices, and returns something with `predict`, and `predict_proba` for classes. It is called as "
    "`train(x, y, columns=…, categorical=…, params=…, seed=…)`.",
    run=find,
)
