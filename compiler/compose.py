"""One document from several files and places: ``include``, and the ``set`` of environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from .diagnostics import CodeInfo, Diagnostic, Finding, Mark, Severity, locate
from .loader import Loaded, load, load_bytes
from .nodes import IncludedEntries, OverriddenEntries
from .schema import bundled, resolved, schema_at
from .source import Sources, YamlPath
from .suggest import did_you_mean, renamed

NAMED_SECTIONS = ("data", "features", "models", "monitors", "environments")
"""The sections that included files may hold: mappings of names to definitions."""

_MONITOR_KEYS = (
    *("schedule", "window", "threshold", "min", "max", "min_rows"),
    *("breaches", "cooldown", "on_breach", "latency_p99", "error_rate"),
)
SETTABLE: tuple[tuple[str, ...], ...] = (
    ("stack", "deploy"),
    ("stack", "alerts"),
    ("storage",),
    ("images",),
    ("data", "*", "source"),
    ("features", "*", "online"),
    ("models", "*", "retrain"),
    ("models", "*", "deploy"),
    *(("monitors", "*", key) for key in _MONITOR_KEYS),
)
"""What an environment may change: everything below one of these paths."""

CODES = (
    CodeInfo(
        code="MLC120",
        severity=Severity.ERROR,
        title="include that cannot be followed",
        explanation="`include` names files of the project, relative to the spec; globs are allowed. A pattern that "
        "matches no file, or that leads out of the project folder, is an error: a spec that silently lost a model "
        "would compile to a repository without it.",
    ),
    CodeInfo(
        code="MLC121",
        severity=Severity.ERROR,
        title="name defined twice",
        explanation="A dataset, feature set, model, monitor or environment is defined in one file only; both places "
        "are shown. Rename one of them, or remove it.",
    ),
    CodeInfo(
        code="MLC122",
        severity=Severity.ERROR,
        title="section that an included file cannot hold",
        explanation="Included files hold definitions: data, features, models, monitors and environments. What is said "
        "once for the whole project (project, stack, secrets, storage, images, policy) stands in the main file, where "
        "everybody looks for it.",
    ),
    CodeInfo(
        code="MLC123",
        severity=Severity.ERROR,
        title="environment that changes what is trained",
        explanation="The same model version moves through the environments; nothing retrains per environment. So "
        "`set` may change deployment, schedules, sources, storage and what monitors ask for, and nothing that decides "
        "what is learned, or whether it is good enough: gates have judged a version before it moves.",
    ),
    CodeInfo(
        code="MLC124",
        severity=Severity.ERROR,
        title="environment that sets something undefined",
        explanation="`set` changes definitions of the spec; it cannot add one. Most often the name is mistyped.",
    ),
    CodeInfo(
        code="MLC125",
        severity=Severity.WARNING,
        title="environment that sets what is so already",
        explanation="`set` shows at a glance how an environment differs. A value that the spec has anyway, written or "
        "by default, is no difference; when the spec changes, it silently becomes one.",
    ),
)


def compose(spec: Path, edited: Mapping[str, bytes] | None = None) -> Loaded:
    """The spec with every file that it includes; names of files are relative to its folder.

    Files in ``edited``, by name, are read from there instead of the disk.
    """
    edited = edited or {}
    main = _load(spec, spec.name, edited)
    patterns = None if main.data is None else main.data.get("include")
    if isinstance(patterns, str):
        patterns = [patterns]
    if main.data is None or not isinstance(patterns, list):
        return main
    merge = _Merge(main, edited)
    for index, pattern in enumerate(patterns):
        if isinstance(pattern, str):
            path: YamlPath = ("include", index) if isinstance(main.data["include"], list) else ("include",)
            merge.pattern(spec, pattern, path)
    return merge.loaded()


def _load(file: Path, name: str, edited: Mapping[str, bytes]) -> Loaded:
    return load_bytes(edited[name], name) if name in edited else load(file, name)


class _Merge:
    """Adds the definitions of included files to the main one."""

    def __init__(self, main: Loaded, edited: Mapping[str, bytes]) -> None:
        self._edited = edited
        self.data: dict[str, Any] = dict(main.data or {})
        self.files = dict(main.sources.files)
        self.entries = IncludedEntries(main.sources.entries)
        self.root = main.sources.root
        self.diagnostics = list(main.diagnostics)
        self.included: dict[str, tuple[str, ...]] = {}
        self._seen: set[Path] = set()

    def loaded(self) -> Loaded:
        """The composed document."""
        found = tuple(self.diagnostics)
        return Loaded(data=self.data, sources=self._sources(), diagnostics=found, included=self.included)

    def pattern(self, spec: Path, pattern: str, path: YamlPath) -> None:
        """Include every file that ``pattern`` matches."""
        folder = spec.parent
        if _leads_outside(pattern):
            message = f"'{pattern}' leads out of the project"
            self._problem("MLC120", message, Mark(path=path, at="value"), "include files below the folder of the spec")
            return
        try:
            found = matching(spec, pattern)
        except (OSError, ValueError, IndexError, NotImplementedError) as error:  # too long, a dot, '**' within a word
            reason = getattr(error, "strerror", None) or str(error)
            message = f"'{pattern}' is no pattern of paths: {reason.lower()}"
            self._problem("MLC120", message, Mark(path=path, at="value"), "such as models/*.yaml")
            return
        self.included[pattern] = tuple(file.relative_to(folder).as_posix() for file in found)
        if not found:
            message = f"no file matches '{pattern}'"
            self._problem(
                "MLC120", message, Mark(path=path, at="value"), f"paths are relative to the folder of '{self.root}'"
            )
        for file in found:
            if not file.resolve().is_relative_to(folder.resolve()):
                message = f"'{file.relative_to(folder).as_posix()}' leads out of the project"
                self._problem("MLC120", message, Mark(path=path, at="value"), "include the file itself, not a link")
            elif file.resolve() not in self._seen:
                self._seen.add(file.resolve())
                self._file(_load(file, file.relative_to(folder).as_posix(), self._edited))

    def _file(self, included: Loaded) -> None:
        self.files.update(included.sources.files)
        self.diagnostics.extend(included.diagnostics)
        for section, definitions in (included.data or {}).items():
            if section not in NAMED_SECTIONS:
                self._foreign(section, included)
            elif isinstance(definitions, dict):
                self._section(section, definitions, included)

    def _foreign(self, section: str, included: Loaded) -> None:
        if section in bundled()["properties"]:
            message = f"'{section}' belongs in '{self.root}', not in an included file"
            finding = Finding(message=message, mark=Mark(path=(section,)), help="move it there")
            self._add("MLC122", finding, included.sources)
        else:
            message = f"unknown key '{section}' in an included file"
            help_ = did_you_mean(section, NAMED_SECTIONS) or f"it may hold {', '.join(NAMED_SECTIONS)}"
            mark = Mark(path=(section,))
            fix = renamed(mark, section, NAMED_SECTIONS)
            self._add("MLC110", Finding(message=message, mark=mark, help=help_, fix=fix), included.sources)

    def _section(self, section: str, definitions: Mapping[str, Any], included: Loaded) -> None:
        mine = self.data.get(section)
        if mine is not None and not isinstance(mine, dict):
            return
        merged = dict(mine or {})
        for name, definition in definitions.items():
            if name in merged:
                self._duplicate((section, name), included)
            else:
                merged[name] = definition
                self.entries.own((section, name), included.sources.entries)
        self.data[section] = merged

    def _duplicate(self, path: YamlPath, included: Loaded) -> None:
        noun = schema_at(path).get("x-noun", "definition")
        finding = Finding(
            message=f"{noun} '{path[1]}' is defined twice", mark=Mark(path=path), help="rename one, or remove it"
        )
        second = locate("MLC121", Severity.ERROR, finding, included.sources)
        first = locate(
            "MLC121",
            Severity.ERROR,
            Finding(message="", mark=Mark(path=path, text="the first one is here")),
            self._sources(),
        )
        self.diagnostics.append(replace(second, related=(first.primary,)))

    def _problem(self, code: str, message: str, mark: Mark, help_: str) -> None:
        self._add(code, Finding(message=message, mark=mark, help=help_), self._sources())

    def _add(self, code: str, finding: Finding, sources: Sources) -> None:
        self.diagnostics.append(locate(code, Severity.ERROR, finding, sources))

    def _sources(self) -> Sources:
        return Sources(files=self.files, entries=self.entries, root=self.root)


def matching(spec: Path, pattern: str) -> list[Path]:
    """The files that a pattern of ``include`` names, sorted."""
    files = sorted(spec.parent.glob(pattern))
    return [file for file in files if file.is_file() and file.resolve() != spec.resolve()]


def _leads_outside(pattern: str) -> bool:
    path = PurePosixPath(pattern.replace("\\", "/"))
    return (
        not pattern.strip()
        or path.is_absolute()
        or ".." in path.parts
        or "://" in pattern
        or ":" in "".join(path.parts[:1])
    )


def environment_names(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The environments that change something, in the order of the text."""
    environments = data.get("environments")
    if not isinstance(environments, dict):
        return ()
    return tuple(
        name for name, one in environments.items() if isinstance(one, dict) and isinstance(one.get("set"), dict)
    )


def composed(data: Mapping[str, Any], sources: Sources, environment: str) -> Loaded:
    """The document as ``environment`` sees it; what it sets is found in its ``set`` by every diagnostic."""
    home: YamlPath = ("environments", environment, "set")
    diagnostics: list[Diagnostic] = []
    result = dict(data)
    accepted = set()
    for path, value in _leaves(data["environments"][environment]["set"], ()):
        finding = _refusal(path, data, environment)
        if finding is not None:
            code, one = finding
            diagnostics.append(locate(code, Severity.ERROR, one, sources))
            continue
        same = _unchanged(path, value, data, environment)
        if same is not None:
            diagnostics.append(locate("MLC125", Severity.WARNING, same, sources))
        accepted.add(path)
        result = _with(result, path, value)
    entries = OverriddenEntries(sources.entries, home, frozenset(accepted))
    return Loaded(data=result, sources=replace(sources, entries=entries), diagnostics=tuple(diagnostics))


def _refusal(path: YamlPath, data: Mapping[str, Any], environment: str) -> tuple[str, Finding] | None:
    """Why ``path`` cannot be set: a code and a finding, or None."""
    home: YamlPath = ("environments", environment, "set")
    section = data.get(str(path[0]))
    if len(path) > 1 and path[0] in NAMED_SECTIONS and isinstance(section, dict) and path[1] not in section:
        noun = schema_at(path[:2]).get("x-noun", "definition")
        message = f"environment '{environment}' sets {noun} '{path[1]}', which is not defined"
        help_ = did_you_mean(str(path[1]), section) or "define it in the spec first"
        mark = Mark(path=(*home, *path[:2]))
        return "MLC124", Finding(message=message, mark=mark, help=help_, fix=renamed(mark, str(path[1]), section))
    for depth, part in enumerate(path):
        keys = resolved(schema_at(path[:depth])).get("properties", {})
        if keys and part not in keys:
            message = f"unknown key '{part}' in the 'set' of environment '{environment}'"
            help_ = did_you_mean(str(part), keys) or f"here it takes: {', '.join(keys)}"
            mark = Mark(path=(*home, *path[: depth + 1]))
            return "MLC110", Finding(message=message, mark=mark, help=help_, fix=renamed(mark, str(part), keys))
    if any(_matches(pattern, path) for pattern in SETTABLE):
        return None
    message = f"environment '{environment}' cannot set '{'.'.join(map(str, path))}'"
    help_ = f"the same version moves through all environments; they may differ in: {_may_differ(str(path[0]))}"
    return "MLC123", Finding(message=message, mark=Mark(path=(*home, *path)), help=help_)


def _may_differ(section: str) -> str:
    """What an environment may set, in this section where it may set anything there."""
    own = [pattern for pattern in SETTABLE if pattern[0] == section]
    return ", ".join(".".join(pattern) for pattern in own or SETTABLE if own or pattern[0] != "monitors") + (
        "" if own else ", and schedules and bounds of monitors"
    )


def _unchanged(path: YamlPath, value: Any, data: Mapping[str, Any], environment: str) -> Finding | None:
    """The finding that the spec says the same without the environment, written or by default."""
    below: Any = data
    for part in path:
        below = below.get(part) if isinstance(below, dict) else None
    there = "" if below is not None else ", the default"
    known = schema_at(path).get("default") if below is None else below
    if value is None or type(known) is not type(value) or known != value:
        return None
    mark = Mark(path=("environments", environment, "set", *path))
    related = () if there else (Mark(path=path, text="it is so for all environments"),)
    message = f"environment '{environment}' sets '{'.'.join(map(str, path))}' to what it is already{there}"
    return Finding(message=message, mark=mark, related=related, help=f"remove '{path[-1]}' from the set")


def _matches(pattern: tuple[str, ...], path: YamlPath) -> bool:
    return len(path) >= len(pattern) and all(want in ("*", part) for want, part in zip(pattern, path, strict=False))


def _leaves(data: Any, path: YamlPath) -> Iterator[tuple[YamlPath, Any]]:
    """What a ``set`` changes: every value that is not a mapping, with the path in the base spec."""
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    elif path:
        yield path, data


def _with(data: Any, path: YamlPath, value: Any) -> Any:
    """A copy of ``data`` with ``value`` at ``path``; null removes what stands there."""
    copy = dict(data) if isinstance(data, dict) else {}
    key = path[0]
    if len(path) > 1:
        copy[key] = _with(copy.get(key), path[1:], value)
    elif value is None:
        copy.pop(key, None)
    else:
        copy[key] = value
    return copy
