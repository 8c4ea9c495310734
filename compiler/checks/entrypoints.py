"""The user's training function as its source says it is; nothing is imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..records import record
from ..suggest import certain, suggest

ARGUMENTS = ("columns", "categorical", "params", "seed")
SIGNATURE = "def train(x, y, *, columns, categorical, params, seed)"
ROWS = 2  # x and y

Function = ast.FunctionDef | ast.AsyncFunctionDef


@record
class Problem:
    """What is wrong with an entrypoint, to be read after its name, and what helps; ``name`` is meant for certain."""

    what: str
    help: str
    name: str | None = None


def problem(text: str, name: str) -> Problem | None:
    """What keeps ``name`` of a module's ``text`` from being called as a training step calls it; None where nothing."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        said = f"cannot be read: {error}" if line is None else f"has a syntax error in line {line}"
        return Problem(what=said, help="python -m compileall shows the line")
    names = dict(_names(tree.body))
    if name not in names:
        return None if "*" in names else _missing(name, names)
    return _called(names[name])


def _names(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """What a module defines, also below ``if`` and ``try``; the last definition of a name counts."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name.partition(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((place.id, node.value or node) for place in targets if isinstance(place, ast.Name))
        elif isinstance(node, ast.If):
            yield from _names([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            handled = [one for handler in node.handlers for one in handler.body]
            yield from _names([*node.body, *node.orelse, *handled, *node.finalbody])


def _missing(name: str, names: dict[str, ast.AST]) -> Problem:
    functions = [found for found, node in names.items() if isinstance(node, Function)]
    near = suggest(name, functions)
    help_ = f"did you mean '{near}'?" if near else f"it needs {SIGNATURE}"
    return Problem(what=f"has no function '{name}'", help=help_, name=certain(name, functions))


def _called(node: ast.AST) -> Problem | None:
    needed = f"it needs {SIGNATURE}"
    if isinstance(node, ast.ClassDef):
        return Problem(what="is a class, and a function is called", help=f"{needed} that returns the fitted model")
    if isinstance(node, ast.Constant | ast.List | ast.Dict | ast.Tuple | ast.Set | ast.JoinedStr):
        return Problem(what="is a value, and a function is called", help=needed)
    if isinstance(node, ast.AsyncFunctionDef):
        return Problem(what="is a coroutine, and nothing awaits it", help="leave 'async' out")
    if isinstance(node, ast.Lambda):
        return _signature(node.args)
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        return None  # imported, made by a call, or wrapped: its source does not say
    return _signature(node.args) or _returns_nothing(node)


def _signature(arguments: ast.arguments) -> Problem | None:
    needed = f"it needs {SIGNATURE}"
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    if len(positional) < ROWS and arguments.vararg is None:
        return Problem(what="does not take x and y", help=needed)
    only = [argument.arg for argument in arguments.posonlyargs[ROWS:]]
    by_name = [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
    named = [name for name in by_name if name not in positional[:ROWS]]
    missing = [] if arguments.kwarg else [name for name in ARGUMENTS if name not in named]
    extra = [name for name in (*only, *_required(arguments)) if name not in ARGUMENTS or name in only]
    slip = next(((suggest(name, missing), name) for name in named if suggest(name, missing)), None)
    if slip is not None and slip[1] not in ARGUMENTS:
        return Problem(what=f"takes '{slip[1]}', but is given '{slip[0]}'", help=f"did you mean '{slip[0]}'?")
    if missing:
        return Problem(what=f"does not take {', '.join(missing)}", help=needed)
    if extra:
        words = ", ".join(f"'{name}'" for name in extra)
        return Problem(what=f"needs {words}, which no step gives", help=f"give it a default; {needed}")
    return None


def _required(arguments: ast.arguments) -> list[str]:
    """The arguments behind x and y that have no default."""
    optional = len(arguments.defaults)
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    plain = positional[: len(positional) - optional][ROWS:]
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return [*plain, *(argument.arg for argument, default in pairs if default is None)]


def _returns_nothing(node: ast.FunctionDef) -> Problem | None:
    stack: list[ast.AST] = list(node.body)
    while stack:
        part = stack.pop()
        if isinstance(part, ast.Return) and part.value is not None and not _is_none(part.value):
            return None
        if isinstance(part, ast.Yield | ast.YieldFrom):
            return Problem(what="is a generator, and its model is asked to predict", help="return the fitted model")
        if not isinstance(part, Function | ast.Lambda | ast.ClassDef):
            stack += ast.iter_child_nodes(part)
    return Problem(what="returns nothing, and its model is asked to predict", help="return the fitted model")


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
