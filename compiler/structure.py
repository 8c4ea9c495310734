"""Whether the document has the shape of the language: one clear diagnostic per mistake, and what to build from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from .diagnostics import CodeInfo, Diagnostic, Edit, Finding, Mark, Severity, locate
from .nodes import RenamedEntries
from .records import record
from .schema import bundled, properties, schema_at
from .shape_words import article, example, expected, found, listed, mending, misplaced, shown, subject, wrapped
from .source import Sources, YamlPath
from .suggest import renamed, suggest

MAX_REPAIRS = 8
"""How often mistyped keys are mended and looked below; each round reaches one level deeper."""

CODES = (
    CodeInfo(
        code="MLC110",
        severity=Severity.ERROR,
        title="unknown key",
        explanation="The language has no such key at this place. Most often it is a typo, or a key that belongs one "
        "level higher or lower. The compiler goes on as if the nearest known key had been written, so that one typo "
        "gives one diagnostic. `mlopsc schema` lists every key.",
    ),
    CodeInfo(
        code="MLC111",
        severity=Severity.ERROR,
        title="missing key",
        explanation="A definition is of no use without this key: a model without a label, a dataset without columns. "
        "The help line shows what it looks like.",
    ),
    CodeInfo(
        code="MLC112",
        severity=Severity.ERROR,
        title="wrong kind of value",
        explanation="The key takes another kind of value: a number where text stands, a list where a mapping stands. "
        "Only `true` and `false` are booleans; `yes`, `on` and dates are text. A number that is meant as text, such "
        "as a version, needs quotes.",
    ),
    CodeInfo(
        code="MLC113",
        severity=Severity.ERROR,
        title="word that is not one of the choices",
        explanation="The key takes one of a few words, and this is none of them.",
    ),
    CodeInfo(
        code="MLC114",
        severity=Severity.ERROR,
        title="malformed value",
        explanation="Durations are a whole number and a unit (`30s`, `15m`, `24h`, `7d`, `4w`), shares are a "
        "percentage or a number from 0 to 1 (`15%`, `0.15`), sizes have a unit (`20MB`), latencies are in `ms` or "
        "`s`. The help line shows the forms that this key takes.",
    ),
    CodeInfo(
        code="MLC115",
        severity=Severity.ERROR,
        title="value out of bounds",
        explanation="A number is too small or too large, or a list or a mapping is empty or too long.",
    ),
    CodeInfo(
        code="MLC116",
        severity=Severity.ERROR,
        title="keys that do not go together",
        explanation="Some definitions come in variants, chosen by `kind` or by the one key that is there: a gate is "
        "about a metric or about a latency, not both. This key belongs to another variant.",
    ),
    CodeInfo(
        code="MLC117",
        severity=Severity.ERROR,
        title="the same item twice",
        explanation="Each item of this list counts once.",
    ),
)


@record
class Structure:
    """What is wrong with the shape; ``data`` has mistyped keys mended, ``invalid`` places must not be read."""

    data: Mapping[str, Any]
    sources: Sources
    diagnostics: tuple[Diagnostic, ...] = ()
    invalid: frozenset[YamlPath] = frozenset()


def check(data: Mapping[str, Any], sources: Sources) -> Structure:
    """The shape of ``data`` against the schema of the language."""
    if _fast_validator().is_valid(data):
        return Structure(data=data, sources=sources)
    examination = _Examination(data=data, sources=sources)
    examination.run()
    if not examination.findings:
        examination.trust_fast()
    mended = examination.mended
    return Structure(
        data=examination.data,
        sources=mended,
        diagnostics=tuple(locate(code, Severity.ERROR, one, mended) for code, one in examination.findings),
        invalid=frozenset(examination.invalid),
    )


@lru_cache(maxsize=1)
def _fast_validator() -> Any:
    import jsonschema_rs  # noqa: PLC0415  (imported where it is needed: `--help` is instant)

    return jsonschema_rs.Draft202012Validator(bundled())


@lru_cache(maxsize=1)
def _slow_validator() -> Any:
    """The validator with the good messages; ``$`` is the end of the text, as in the fast one."""
    import jsonschema  # noqa: PLC0415  (only a spec with mistakes needs it)

    def pattern(_: Any, wanted: str, instance: Any, __: Any) -> Iterator[Any]:
        if isinstance(instance, str) and not re.search(wanted.replace("$", r"\Z"), instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {wanted!r}")

    extend: Callable[..., Any] = jsonschema.validators.extend
    return extend(jsonschema.Draft202012Validator, {"pattern": pattern})(bundled())


def _failing(data: Any) -> Any:
    """The part of ``data`` that has errors: thousands of definitions that are fine need no second look."""
    places = {tuple(error.instance_path)[:2] for error in _fast_validator().iter_errors(data)}
    reduced = dict(data)
    for section in ("data", "features", "models", "monitors", "environments"):
        definitions = data.get(section)
        if isinstance(definitions, dict) and definitions and (section,) not in places:
            first = next(iter(definitions))
            reduced[section] = {
                name: one for name, one in definitions.items() if name == first or (section, name) in places
            }
    return reduced


@dataclass(slots=True)
class _Examination:
    """The slow way: every error of the schema, mended where a key is only mistyped."""

    data: Any
    sources: Sources
    renames: dict[YamlPath, str] = field(default_factory=dict)
    invalid: set[YamlPath] = field(default_factory=set)
    findings: list[tuple[str, Finding]] = field(default_factory=list)
    reported: set[YamlPath] = field(default_factory=set)

    def run(self) -> None:
        """Mend keys until none is left to mend, then say what else is wrong."""
        errors = self._errors()
        for _ in range(MAX_REPAIRS):
            if not self._mend(errors):
                break
            errors = self._errors()
        for error in sorted(errors, key=_rank):
            handle = _HANDLERS.get(error.validator)
            if handle is not None:
                handle(self, tuple(error.absolute_path), error)

    @property
    def mended(self) -> Sources:
        """The sources, where a mended path leads to the key as it is written."""
        return replace(self.sources, entries=RenamedEntries(self.sources.entries, self.renames))

    def written(self, path: YamlPath) -> str | None:
        """A scalar as it is written, without its quotes: ``1.10`` and not 1.1."""
        entry = self.mended.entries.get(path)
        return entry.text if entry else None

    def trust_fast(self) -> None:
        """Report what only the fast validator finds wrong, such as a number twice, once as 1 and once as 1.0."""
        for error in _fast_validator().iter_errors(self.data):
            path = tuple(error.instance_path)
            if self.refuse(path):
                message = f"{subject(path, key=True)} is malformed: {error.message}"
                help_ = f"write {expected(schema_at(path), path) or 'something else'}"
                self.add("MLC114", Finding(message=message, mark=Mark(path=path), help=help_))

    def add(self, code: str, finding: Finding) -> None:
        """Report one problem."""
        self.findings.append((code, finding))

    def refuse(self, path: YamlPath) -> bool:
        """Mark ``path`` invalid; whether nothing was said about it yet."""
        fresh = path not in self.reported and path not in self.renames
        self.invalid.add(path)
        self.reported.add(path)
        return fresh

    def _errors(self) -> list[Any]:
        return list(_slow_validator().iter_errors(_failing(self.data)))

    def _mend(self, errors: list[Any]) -> bool:
        """Report the unknown keys; rename those that are mistyped. Whether any was renamed."""
        mended = False
        for error in errors:
            if error.validator == "additionalProperties":
                path = tuple(error.absolute_path)
                for key in [key for key in error.instance if key not in error.schema.get("properties", {})]:
                    mended = self._unknown(path, key, error) or mended
        return mended

    def _unknown(self, path: YamlPath, key: str, error: Any) -> bool:
        place = (*path, key)
        if place in self.reported:
            return False
        known = list(error.schema.get("properties", {}))
        free = [name for name in known if name not in error.instance]
        meant = suggest(key, free)
        takes = misplaced(self.data, path, key) or f"{subject(path, plural=True)} takes: {', '.join(known)}"
        help_ = f"did you mean '{meant}'?" if meant else takes
        mark = Mark(path=(*path, meant or key))
        message = f"unknown key '{key}' in {subject(path)}"
        label = replace(mark, text="no such key")
        self.add("MLC110", Finding(message=message, mark=label, help=help_, fix=renamed(mark, key, free)))
        if meant is None:
            self.refuse(place)
            return False
        self.data = _renamed(self.data, path, key, meant)
        self.renames[(*path, meant)] = key
        return True


_ALTERNATIVES = {
    ("training", "estimator"): " or 'entrypoint'",
    ("search space", "choice"): ", 'int' or 'float'",
    ("gate", "metric"): ", 'latency_p95' or 'model_size'",
    ("gate", "min"): " or 'max'",
    ("threshold", "maximize"): " or 'minimize'",
}
"""What may stand instead of a missing key, by the noun of its definition."""


def _required(examination: _Examination, path: YamlPath, error: Any) -> None:
    for key in error.validator_value:
        place = (*path, key)
        if key in error.instance or place in examination.reported:
            continue
        examination.reported.add(place)
        if len(path) > 2 or path[:1] == ("monitors",):  # noqa: PLR2004  (a model or dataset is built without one part)
            examination.invalid.add(path)
        others = _ALTERNATIVES.get((str(schema_at(path).get("x-noun")), key), "")
        mark = Mark(path=path, text=f"'{key}' is missing")
        message, help_ = f"{subject(path)} has no '{key}'{others}", f"add `{example(path, key)}`"
        examination.add("MLC111", Finding(message=message, mark=mark, help=help_))


def _type(examination: _Examination, path: YamlPath, error: Any) -> None:
    from .respelling import retyped  # noqa: PLC0415  (only a spec with mistakes needs it)

    if examination.refuse(path):
        mark = _value_mark(path, error.instance, f"expected {expected(error.schema, path)}")
        message = f"{subject(path, key=True)} takes {expected(error.schema, path)}, found {found(error.instance)}"
        written = examination.written(path)
        mended = wrapped(path, error.instance) or mending(error.schema, path, error.instance, written)
        help_ = mended or f"write {expected(error.schema, path)}"
        value = retyped(error.schema, error.instance, written)
        fix = (Edit(mark=Mark(path=path, at="value"), value=value),) if value is not None else ()
        examination.add("MLC112", Finding(message=message, mark=mark, help=help_, fix=fix))


def _enum(examination: _Examination, path: YamlPath, error: Any) -> None:
    if "propertyNames" in error.absolute_schema_path:
        _variant(examination, path, error)
    elif examination.refuse(path):
        words = [str(word) for word in error.validator_value]
        meant = suggest(str(error.instance), words)
        choices = listed(error.validator_value)
        message = f"{subject(path, key=True)} cannot be {found(error.instance, bare=True)}"
        help_ = f"did you mean '{meant}'? It takes {choices}" if meant else f"it takes {choices}"
        mark = _value_mark(path, error.instance, "not one of the choices")
        fix = renamed(mark, error.instance, words) if isinstance(error.instance, str) else ()
        examination.add("MLC113", Finding(message=message, mark=mark, help=help_, fix=fix))


def _variant(examination: _Examination, path: YamlPath, error: Any) -> None:
    """Keys that are known, but do not go with the one that chooses the variant; ``error.instance`` is one of them."""
    data, known = _at(examination.data, path), dict(properties(schema_at(path)))
    strange = [key for key in data if key in known and key not in error.validator_value]
    if not [key for key in strange if examination.refuse((*path, key))]:
        return
    chooser = next((name for name in ("kind", "by", "strategy") if name in data and name not in strange), None)
    chooser = chooser if chooser is not None and isinstance(data[chooser], str) else None
    beside = f"'{chooser}: {data[chooser]}'" if chooser else ""
    if chooser is None:
        chooser = _chooser(path, error)
        chooser = chooser or next((name for name in data if name in error.validator_value), strange[0])
        beside = f"'{chooser}'"
    words = listed([f"'{key}'" for key in strange], "and")
    message = f"{words} {'does' if len(strange) == 1 else 'do'} not go with {beside} in {subject(path)}"
    related = [Mark(path=(*path, chooser), text=f"because of '{chooser}'")]
    takes = [key for key in error.validator_value if key != chooser]
    help_ = f"{beside} goes with {listed(takes, 'and')}" if takes else f"{beside} stands alone"
    related += [Mark(path=(*path, key), text="nor does this") for key in strange[1:]]
    mark = Mark(path=(*path, strange[0]))
    examination.add("MLC116", Finding(message=message, mark=mark, help=help_, related=tuple(related)))


def _chooser(path: YamlPath, error: Any) -> str | None:
    """The key whose presence chooses the variant that ``error`` is about."""
    steps = list(error.absolute_schema_path)
    place = steps.index("then") if "then" in steps else 0
    rules = schema_at(path).get("allOf", [])
    if not place or not isinstance(steps[place - 1], int) or steps[place - 1] >= len(rules):
        return None
    asked = rules[steps[place - 1]].get("if", {}).get("required", [])
    return str(asked[0]) if len(asked) == 1 else None


def _pattern(examination: _Examination, path: YamlPath, error: Any) -> None:
    from .respelling import column_type, respelled  # noqa: PLC0415

    if examination.refuse(path):
        noun = error.schema.get("x-noun", "value")
        forms = [shown(form) for form in error.schema.get("examples", []) if not isinstance(form, dict)]
        message = f"{found(error.instance, bare=True)} is not {article(noun)}"
        help_ = f"write it as {listed(forms)}" if forms else f"write {expected(error.schema, path)}"
        value = respelled(noun, error.instance, error.validator_value)
        if value is not None:
            help_ = f"write it as {shown(value)}"
        if noun in ("column", "column type"):
            message, help_ = f"{found(error.instance, bare=True)} is not a column type", _column_types(error.instance)
            value = column_type(error.instance)
        elif noun in ("source", "source path"):
            message = f"the ending of {found(error.instance, bare=True)} does not tell what it is"
            help_ = f"say the kind: `source: {{kind: csv, path: {shown(error.instance)}}}`"
            if error.instance.lower().endswith(_FOREIGN):
                help_ = "export it to CSV or Parquet, and name that file"
        elif noun == "entrypoint":
            module, _, name = re.sub(r"\.py\b", "", error.instance).replace("/", ".").replace(":", ".").rpartition(".")
            fits = re.search(error.validator_value, f"{module}:{name}")
            help_ = f"write it as {module.removeprefix('src.')}:{name}" if fits else help_
        fix = (Edit(mark=Mark(path=path, at="value"), value=value),) if value is not None else ()
        mark = _value_mark(path, error.instance, "")
        examination.add("MLC114", Finding(message=message, mark=mark, help=help_, fix=fix))


def _column_types(word: str) -> str:
    from .respelling import COLUMN_TYPES, SYNONYMS  # noqa: PLC0415

    bare = word.removesuffix("?").lower()
    meant = SYNONYMS.get(bare) or suggest(bare, COLUMN_TYPES)
    mark = "?" if word.endswith("?") else ""
    return (f"did you mean '{meant}{mark}'? The types are " if meant else "the types are ") + listed(COLUMN_TYPES)


def _bounds(examination: _Examination, path: YamlPath, error: Any) -> None:
    if examination.refuse(path):
        message, help_ = _BOUNDS[error.validator]
        words = {"what": subject(path, key=True), "value": error.instance, "bound": error.validator_value}
        mark = _value_mark(path, error.instance, "")
        said = _share(error) or help_.format(**words)
        examination.add("MLC115", Finding(message=message.format(**words), mark=mark, help=said))


def _share(error: Any) -> str | None:
    """A percentage that lacks its sign, where a share is wanted."""
    value, most = error.instance, error.validator_value
    if error.validator == "maximum" and most == 1 and isinstance(value, int | float) and 2 <= value <= 100:  # noqa: PLR2004
        return f"write: {value:g}%" if "%" in error.schema.get("pattern", "") else f"write: {value / 100:g}"
    return None


def _twice(examination: _Examination, path: YamlPath, error: Any) -> None:
    seen: dict[str, int] = {}
    for index, item in enumerate(error.instance):
        first = seen.setdefault(repr(item), index)
        if first != index and examination.refuse((*path, index)):
            related = (Mark(path=(*path, first), text="the first one is here"),)
            message = f"{found(item, bare=True)} stands twice in {subject(path, key=True)}"
            mark = Mark(path=(*path, index), at="value")
            fix = (Edit(mark=mark, action="remove"),) if isinstance(item, str | int | float) else ()
            examination.add(
                "MLC117", Finding(message=message, mark=mark, help="remove one of them", related=related, fix=fix)
            )


_FOREIGN = (".xlsx", ".xls", ".ods", ".feather", ".arrow", ".avro", ".orc", ".pkl", ".pickle", ".h5", ".zip")

_BOUNDS = {
    "minimum": ("{what} is {value}, but {bound} is the least", "write {bound} or more"),
    "maximum": ("{what} is {value}, but {bound} is the most", "write {bound} or less"),
    "exclusiveMinimum": ("{what} is {value}, but it must be more than {bound}", "write a number above {bound}"),
    "minLength": ("{what} is empty", "write a value, or remove the key"),
    "minItems": ("{what} has fewer items than the {bound} that it needs", "write {bound} or more"),
    "maxItems": ("{what} has more items than the {bound} that it takes", "write {bound}"),
    "minProperties": ("{what} is empty", "define at least one"),
}

_HANDLERS: dict[str, Callable[[_Examination, YamlPath, Any], None]] = {
    "type": _type,
    "enum": _enum,
    "pattern": _pattern,
    "required": _required,
    "uniqueItems": _twice,
    **dict.fromkeys(_BOUNDS, _bounds),
}
_ORDER = list(_HANDLERS)


def _rank(error: Any) -> int:
    """Wrong types first: what else is wrong with such a value does not matter."""
    return _ORDER.index(error.validator) if error.validator in _ORDER else len(_ORDER)


def _value_mark(path: YamlPath, value: Any, text: str) -> Mark:
    """A scalar is shown itself; of a list or a mapping, which may be long, the key is."""
    at_value = not isinstance(value, list | dict) and value is not None
    return Mark(path=path, text=text, at="value" if at_value else "key")


def _renamed(data: Any, path: YamlPath, key: str, name: str) -> Any:
    """A copy of ``data`` where ``key`` below ``path`` is called ``name``; the order of the keys stays."""
    if path:
        part, rest = path[0], path[1:]
        copy: Any = list(data) if isinstance(data, list) else dict(data)
        copy[part] = _renamed(data[part], rest, key, name)
        return copy
    return {name if old == key else old: value for old, value in data.items()}


def _at(data: Any, path: YamlPath) -> Any:
    for part in path:
        data = data[part]
    return data
