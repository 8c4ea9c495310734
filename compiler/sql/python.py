"""From a feature set to its Python module: SQL for batches, plain functions for one request."""

from __future__ import annotations

import re
from functools import lru_cache

from ..model.resolved import ResolvedFeature, ResolvedFeatureSet, ResolvedJoin
from .analyse import quoted as quoted_column
from .codegen import Printer, sources
from .layout import identifiers, quoted
from .tree import Column, Node

MOMENTS = ("date", "datetime", "timedelta")
RESERVED = ("SOURCE", "SQL", "WINDOWS", "JOINS", "ONLINE", "Value")


def module(features: ResolvedFeatureSet) -> str:
    """The module of ``features``, formatted as ruff would, importing the standard library only."""
    printer = Printer()
    compiled = [feature for feature in features.features if _has_function(feature)]
    names = identifiers([feature.name for feature in compiled], RESERVED)
    functions = [_function(printer, names[feature.name], feature) for feature in compiled]
    if any(_is_column(feature) for feature in features.features):
        printer.helpers.add("_same")
    text = [
        *_head(features, printer),
        *_constants(features),
        *(f"\n\n{source}" for source in (*sources(printer.helpers), *functions)),
        *(["\n\n"] if printer.helpers or functions else [""]),
        _online(features, names),
    ]
    return "\n".join(text).replace("\n\n\n\n", "\n\n\n").rstrip() + "\n"


def _head(features: ResolvedFeatureSet, printer: Printer) -> list[str]:
    body = "\n".join(sources(printer.helpers))
    generic = bool({"_greatest", "_least"} & printer.helpers)
    plain = [name for name in ("math", "re") if name in printer.imports or re.search(rf"\b{name}\.\w", body)]
    named = [name for name in ("date", "datetime", "timedelta") if re.search(rf"\b{name}\(", body)]
    moments = {name for name in MOMENTS if name in printer.imports or name in named or _annotated(name, body)}
    moments |= {"date", "datetime"} if generic else set()
    return [
        f'"""Features {features.name!r}: SQL for batches, plain Python for one request."""',
        "",
        "from __future__ import annotations",
        "",
        *(f"import {name}" for name in plain),
        "from collections.abc import Callable",
        *([f"from datetime import {', '.join(sorted(moments))}"] if moments else []),
        f"from typing import Any{', TypeVar' if generic else ''}",
        "",
        *(['Value = TypeVar("Value", bool, int, float, str, date, datetime)', ""] if generic else []),
    ]


def _annotated(name: str, body: str) -> bool:
    return re.search(rf"(: |-> ){name}\b", body) is not None


def _constants(features: ResolvedFeatureSet) -> list[str]:
    joins = [_join(join) for join in features.joins if join.columns]
    return [
        f"SOURCE = {quoted(features.dataset.name)}",
        *_block("SQL: dict[str, str]", [_sql_line(f) for f in features.features if f.kind != "window"]),
        *_block("WINDOWS: dict[str, dict[str, Any]]", [_window(f, features) for f in features.features]),
        *(_block("JOINS: dict[str, dict[str, Any]]", joins) if joins else []),
    ]


def _block(name: str, lines: list[str]) -> list[str]:
    given = [line for line in lines if line]
    return [f"{name} = {{", *(f"    {line}" for line in given), "}"] if given else [f"{name} = {{}}"]


def _sql_line(feature: ResolvedFeature) -> str:
    text = feature.expression.text if feature.expression is not None else quoted_column(feature.name)
    return f"{quoted(feature.name)}: {quoted(text)},"


def _window(feature: ResolvedFeature, features: ResolvedFeatureSet) -> str:
    if feature.kind != "window" or feature.expression is None:
        return ""
    spec, time = feature.feature, features.dataset.time
    join = next((join for join in features.joins if join.name == feature.join), None)
    names = [reference.name for reference in spec.by]
    if join is not None:
        time, names = join.dataset.time, [pair.ours.name for pair in join.spec.on]
    by = ", ".join(map(quoted, names))
    lines = [
        f"{quoted(feature.name)}: {{",
        f'    "aggregate": {quoted(feature.expression.text)},',
        f'    "by": [{by}],',
        f'    "window_seconds": {spec.window.seconds if spec.window else None},',
        f'    "lag_seconds": {spec.lag.seconds if spec.lag else 0},',
        f'    "time": {quoted(time.name) if time else None},',
        *_listed("known_at", feature.known_at),
        *_listed("over", feature.expression.over if join is None else feature.expression.filtered),
        *([f'    "join": {quoted(join.name)},'] if join is not None else []),
        "},",
    ]
    return "\n    ".join(lines)


def _listed(name: str, texts: tuple[str, ...]) -> list[str]:
    return [f'    "{name}": [', *(f"        {quoted(text)}," for text in texts), "    ],"] if texts else []


def _join(join: ResolvedJoin) -> str:
    spec, lag = join.spec, join.spec.lag
    lines = [
        f"{quoted(join.name)}: {{",
        f'    "dataset": {quoted(join.dataset.name)},',
        *_listed("ours", tuple(pair.ours.name for pair in spec.on)),
        *_listed("theirs", tuple(pair.theirs.name for pair in spec.on)),
        *_listed("columns", join.columns),
        *([f'    "time": {quoted(join.time)},'] if join.time is not None else []),
        *([f'    "as_of": {quoted(join.as_of)},'] if join.as_of is not None else []),
        *([f'    "lag_seconds": {lag.seconds},'] if lag is not None else []),
        *([f'    "max_age_seconds": {spec.max_age.seconds},'] if spec.max_age is not None else []),
        *_mapped("known_at", dict(join.known_at)),
        "},",
    ]
    return "\n    ".join(lines)


def _mapped(name: str, texts: dict[str, str]) -> list[str]:
    lines = [f"        {quoted(key)}: {quoted(text)}," for key, text in texts.items()]
    return [f'    "{name}": {{', *lines, "    },"] if texts else []


def _is_column(feature: ResolvedFeature) -> bool:
    return feature.kind != "window" and (feature.expression is None or isinstance(feature.expression.tree, Column))


def _has_function(feature: ResolvedFeature) -> bool:
    expression = feature.expression
    return feature.kind == "sql" and expression is not None and expression.tree is not None and not _is_column(feature)


def _function(printer: Printer, name: str, feature: ResolvedFeature) -> str:
    assert feature.expression is not None  # noqa: S101  (told apart by _has_function)
    assert feature.expression.tree is not None  # noqa: S101
    text, helpers, imports = _printed(name, _docstring(feature), feature.expression.tree)
    printer.helpers |= helpers
    printer.imports |= imports
    return text


@lru_cache(maxsize=10_000)
def _printed(name: str, docstring: str, tree: Node) -> tuple[str, frozenset[str], frozenset[str]]:
    """One function, with the helpers and the imports that it needs: the same feature stands in many sets."""
    printer = Printer()
    text = printer.function(name, docstring, tree)
    return text, frozenset(printer.helpers), frozenset(printer.imports)


def _docstring(feature: ResolvedFeature) -> str:
    said = " ".join(feature.feature.description.split()).replace("\\", "\\\\").replace('"""', "'''")
    if said and not said.endswith('"'):
        return said
    return f"The feature {feature.name} of one request.".replace("\\", "\\\\").replace('"', "'")


def _online(features: ResolvedFeatureSet, names: dict[str, str]) -> str:
    lines = []
    for feature in features.features:
        if not _is_column(feature) and feature.name not in names:
            if feature.kind == "sql":
                lines.append(f"# {quoted(feature.name)} has no Python form that gives the same: DuckDB is asked")
            continue
        columns = feature.expression.columns if feature.expression is not None else (feature.name,)
        arguments = ", ".join(quoted(column) for column in columns)
        comma = "," if len(columns) == 1 else ""
        lines.append(f"{quoted(feature.name)}: ({names.get(feature.name, '_same')}, ({arguments}{comma})),")
    return "\n".join(_block("ONLINE: dict[str, tuple[Callable[..., Any], tuple[str, ...]]]", lines))
