"""A hostile text at one place of a spec: it is refused with a diagnostic, or every file carries exactly that text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from mlopsc.resolve.names import snake

from . import artifacts, documents, hostile, invariants
from .places import ANY_ITEM, ANY_KEY, Place, found_at

SENTINELS = (
    f"{hostile.START}{hostile.HARMLESS}{hostile.END}",
    f"{hostile.START}{hostile.HARMLESS.strip()}{hostile.END}",
)


LOOKALIKES = ("spaced", "digits", "superscript", "ended")
"""Forms that change what already stands there: what looks like the same may be read otherwise."""


COMPILES = 2
TRIES = 6
"""In how many base specs a place is tried before it counts as one that takes no such text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A base spec with a hole: ``filled`` puts a text there, in a form that the place takes."""

    base: str
    place: Place
    path: documents.Path_
    old: str
    form: str  # how the text stands there
    harmless: str = SENTINELS[0]

    def filled(self, value: str) -> dict[str, Any]:
        """The spec with ``value`` in the hole."""
        data = documents.bases()[self.base]
        text = self.text(value)
        if self.place.kind == "key":
            filled = documents.renamed(data, str(self.path[-1]), text)
        else:
            filled = documents.with_value(data, self.path, text)
        result: dict[str, Any] = filled
        return result

    def text(self, value: str) -> str:
        """What stands in the hole."""
        literal = "'" + value.replace("'", "''") + "'"
        forms = {
            "alone": value,
            "after": self.old + value,
            "before": value + self.old,
            "sql": f"case when {literal} = 'x' then ({self.old}) else ({self.old}) end",
            "query": f"select * from ({self.old}) t where {literal} <> 'x'",
            "spaced": self.old.replace(" ", "\n"),
            "digits": self.old.translate(hostile.DIGITS),
            "superscript": self.old.translate(hostile.SUPERSCRIPTS),
            "ended": self.old + "\n",
        }
        return forms[self.form]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one text at one place."""

    kind: str  # refused | carried | changed | unreachable
    why: str = ""


class Bench:
    """A folder to compile in, with the twin of every host compiled once."""

    def __init__(self, folder: Path) -> None:
        self._spec = folder / "mlops.yaml"
        self._twins: dict[tuple[str, documents.Path_, str], invariants.Outcome | None] = {}

    def compiled(self, data: dict[str, Any]) -> invariants.Outcome:
        """Compile a spec, holding it to every invariant."""
        self._spec.write_text(documents.as_yaml(data), encoding="utf-8")
        return invariants.outcome_of(self._spec)

    def hosts(self, place: Place, wanted: Callable[[str], bool] = bool) -> Iterator[Host]:
        """Where ``place`` stands in the base specs, once for each ``wanted`` form; compiling where that can be."""
        return iter(_working(self, place, wanted))

    def twin(self, host: Host) -> invariants.Outcome:
        """The same with a harmless text."""
        key = (host.base, host.path, host.form + host.harmless)
        if key not in self._twins:
            self._twins[key] = self.compiled(host.filled(host.harmless))
        found = self._twins[key]
        assert found is not None
        return found

    def judge(self, host: Host, value: str) -> Verdict:
        """Put ``value`` there and see."""
        text = host.text(value)
        try:
            outcome = self.compiled(host.filled(value))
        except (AssertionError, Exception) as error:  # noqa: BLE001  (whatever it is, it is the finding)
            return Verdict(kind="changed", why=f"{type(error).__name__}: {error}"[:2000])
        if outcome.rendered is None:
            return Verdict(kind="refused", why=outcome.codes[0])
        try:
            why = self._changed(outcome, value, host)
            if why is None and len(text) < 5000:
                invariants.shown_again(outcome, self._spec)
        except (AssertionError, Exception) as error:  # noqa: BLE001
            why = f"{type(error).__name__}: {error}"[:3000]
        return Verdict(kind="carried") if why is None else Verdict(kind="changed", why=why)

    def _changed(self, outcome: invariants.Outcome, value: str, host: Host) -> str | None:
        mine, twin = dict(outcome.rendered or {}), self.twin(host)
        if twin.rendered is None or host.form in LOOKALIKES:
            for path, content in mine.items():
                artifacts.read(path, content)
            return None
        theirs = {path.replace(snake(host.harmless), snake(value)): one for path, one in twin.rendered.items()}
        if set(mine) != set(theirs):
            return f"other files: {sorted(set(mine) ^ set(theirs))}"
        for path, content in mine.items():
            if content == theirs[path] or (path.endswith(".md") and not value.strip()):
                continue  # a description of blanks is none
            other = artifacts.normal(artifacts.read(path, theirs[path]), lambda text: _holed(text, host.harmless))
            found = artifacts.difference(artifacts.read(path, content), other, lambda holed: _filled(holed, value))
            if found is not None:
                return f"{path}{found}"
        return None


def fragments(place: Place, form: str) -> Iterator[str]:
    """Every fragment that makes sense at a place, alone and between two words."""
    if form in LOOKALIKES:
        yield ""
        return
    for one in hostile.FRAGMENTS:
        yield f"{hostile.START}{one}{hostile.END}"
        if place.pattern[0] not in ("secrets", "variables"):  # these are sorted, so another name stands elsewhere
            yield one
    yield from (hostile.CARRIED, hostile.COMBINED)


HOLE = "\u25a1"


def _holed(text: str, harmless: str) -> str:
    """A text of the twin with a hole where the harmless text stands."""
    for form in _spelled(harmless):
        text = text.replace(form, HOLE)
    return text


def _filled(holed: str, value: str) -> frozenset[str]:
    """What a text of the twin may be with the value in its place."""
    found = {holed.replace(HOLE, form) for form in _spelled(value)}
    if value.isidentifier():  # SQL quotes a name only where it must
        found.add(holed.replace(f'"{HOLE}"', value))
    return frozenset(found | {" ".join(text.split()) for text in found})


@lru_cache(maxsize=64)
def _spelled(value: str) -> tuple[str, ...]:
    """The value as it is, within a literal or a name of SQL, on one line, and as the name of a module."""
    forms = {value, value.replace("'", "''"), value.replace('"', '""'), " ".join(value.split()), snake(value)}
    return tuple(sorted(forms, key=len, reverse=True))


@cache
def _candidates(place: Place) -> tuple[Host, ...]:
    """Where the place is, or could be, in each of the bases."""
    holes = [hole for base, data in documents.bases().items() for hole in _hole(base, data, place)]
    holes.sort(key=lambda hole: (not _is_there(hole, place), not hole[0].startswith("wide")))
    hosts = (
        Host(base=base, place=place, path=path, old=old, form=form, harmless=harmless)
        for base, path, old in holes
        for form in _forms(place)
        if form != "before" or "://" not in old  # the scheme of a URL means something
        for harmless in SENTINELS
    )
    return tuple(host for host in hosts if host.form not in LOOKALIKES or host.text("") != host.old)


def _hole(base: str, data: Any, place: Place) -> Iterator[tuple[str, documents.Path_, str]]:
    """The first text at the place, else where it could be written."""
    for path in found_at(data, place.pattern):
        old = path[-1] if place.kind == "key" else documents.value_at(data, path)
        if isinstance(old, str):
            yield base, path, old
            return
    if place.kind == "text":
        yield from ((base, path, place.example) for path in [_absent(data, place.pattern)] if path)


def _is_there(hole: tuple[str, documents.Path_, str], place: Place) -> bool:
    return hole[1] in found_at(documents.bases()[hole[0]], place.pattern)


def _absent(data: Any, pattern: tuple[str, ...]) -> documents.Path_ | None:
    """Where the text would be written: below the first of what is there, and new names below that."""
    for end in range(len(pattern), -1, -1):
        there = next((path for path in found_at(data, pattern[:end])), None)
        if there is not None:
            rest = (0 if part == ANY_ITEM else "default" if part == ANY_KEY else part for part in pattern[end:])
            return (*there, *rest)
    return None


def _forms(place: Place) -> tuple[str, ...]:
    if place.kind == "key":
        return ("alone", *LOOKALIKES)
    if place.noun == "SQL text" or place.pattern[-1] in ("label", "sample_weight") or "business" in place.pattern:
        return ("sql", "query", "after", "alone", *LOOKALIKES)
    return ("alone", "after", "before", *LOOKALIKES)


def _working(bench: Bench, place: Place, wanted: Callable[[str], bool]) -> tuple[Host, ...]:
    """One host for each form: where the harmless text compiles, else where it only checks, else any."""
    chosen: dict[str, Host] = {}
    ranks: dict[str, int] = {}
    tried: Counter[str] = Counter()
    for host in _candidates(place):
        if not wanted(host.form) or ranks.get(host.form) == COMPILES or tried[host.form] == TRIES:
            continue
        tried[host.form] += 1
        outcome = bench.twin(host)
        rank = COMPILES if outcome.rendered is not None else 1 if not outcome.analysis.failed else 0
        if rank > ranks.get(host.form, -1):
            chosen[host.form], ranks[host.form] = host, rank
    return tuple(chosen.values())
