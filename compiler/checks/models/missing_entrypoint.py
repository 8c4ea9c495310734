"""A training function of the user's that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from ...diagnostics import Finding, Mark
from ...model.models import Train
from ...model.resolved import Project
from ...model.values import Reference
from ...suggest import suggest
from ..base import Check, Surroundings
from ..sections import specs

ARGUMENTS = ("columns", "categorical", "params", "seed")
SIGNATURE = "def train(x, y, *, columns, categorical, params, seed)"


def find(project: Project, surroundings: Surroundings) -> Iterator[Finding]:
    """Every entrypoint without a file or a function, or whose function takes something else; nothing is imported."""
    for reference in project.spec.project.code:
        if _inside(reference.name) and not surroundings.exists(reference.name):
            yield Finding(
                message=f"'{reference.name}' is not there",
                mark=Mark(path=reference.path, text="no such folder in the project", at="value"),
                help="name a folder or file of your own code, relative to mlops.yaml",
            )
    for model in specs(project):
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
        yield _finding(
            entry, f"has no file: {' or '.join(files[:2])}", "project.code lists the folders of your packages"
        )
        return
    yield from _function(entry, text, name)


def _roots(project: Project) -> list[str]:
    """The folders that steps find packages in: those that hold what ``project.code`` lists."""
    paths = [PurePosixPath(reference.name) for reference in project.spec.project.code]
    return list(dict.fromkeys(str(path.parent) for path in paths))


def _files(root: str, module: str) -> tuple[str, str]:
    base = (PurePosixPath(root) / module.replace(".", "/")).as_posix()
    return f"{base}.py", f"{base}/__init__.py"


def _function(entry: Reference, text: str, name: str) -> Iterator[Finding]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        yield _finding(
            entry,
            f"cannot be read: {error}" if line is None else f"has a syntax error in line {line}",
            "the file has to be Python; nothing else of it is checked",
        )
        return
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    if name in imported:
        return
    if name not in functions:
        near = suggest(name, functions)
        yield _finding(
            entry, f"has no function '{name}'", f"did you mean '{near}'?" if near else f"it needs {SIGNATURE}"
        )
        return
    yield from _signature(entry, functions[name].args)


def _signature(entry: Reference, arguments: ast.arguments) -> Iterator[Finding]:
    named = {argument.arg for argument in (*arguments.args[2:], *arguments.kwonlyargs)}
    missing = [] if arguments.kwarg else [name for name in ARGUMENTS if name not in named]
    positional = len(arguments.posonlyargs) + len(arguments.args)
    if missing or (positional < 2 and arguments.vararg is None):  # noqa: PLR2004  (x and y)
        what = f"does not take {', '.join(missing)}" if missing else "does not take x and y"
        yield _finding(entry, what, f"it needs {SIGNATURE}")


def _finding(entry: Reference, what: str, help_: str) -> Finding:
    return Finding(message=f"the entrypoint '{entry.name}' {what}", mark=Mark(path=entry.path, at="value"), help=help_)


CHECK = Check(
    code="MLC406",
    title="entrypoint not found",
    explanation="A model may be trained by a function of the project's own: `package.module:function`, in a folder "
    "that `project.code` lists. The compiler reads its file, and imports and runs nothing. The function "
    "gets matrices, and returns something with `predict`, and `predict_proba` for classes.",
    run=find,
)
