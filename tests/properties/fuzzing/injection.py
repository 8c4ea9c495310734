"""A hostile text at one place of a spec: it is refused with a diagnostic, or every file carries exactly that text."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from . import artifacts, documents, hostile, invariants
from .places import ANY_ITEM, ANY_KEY, Place, found_at

SENTINELS = (f"{hostile.START}{hostile.HARMLESS}{hostile.END}", f"{hostile.START}{hostile.HARMLESS.strip()}{hostile.END}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A base spec with a hole: ``filled`` puts a text there, in a form that the place takes."""

    base: str
    place: Place
    path: documents.Path_
    old: str
    form: str  # how the text stands there: alone, after, before, sql
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
            "name": f'"{value}"',
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

    def hosts(self, place: Place) -> Iterator[Host]:
        """Where ``place`` stands in the base specs, in the forms that compile with a harmless text."""
        return iter(_working(self, place))

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
        twin = self.twin(host)
        try:
            why = self._changed(outcome, twin, value, host)
            if why is None and len(text) < 5000:
                invariants.shown_again(outcome, self._spec)
        except (AssertionError, Exception) as error:  # noqa: BLE001
            why = f"{type(error).__name__}: {error}"[:3000]
        return Verdict(kind="carried") if why is None else Verdict(kind="changed", why=why)

    def _changed(
        self, outcome: invariants.Outcome, twin: invariants.Outcome, value: str, host: Host
    ) -> str | None:
        mine = {path: content for path, content in (outcome.rendered or {}).items()}
        if twin.rendered is None:
            for path, content in mine.items():
                artifacts.read(path, content)
            return None
        if set(mine) != set(twin.rendered):
            return f"other files: {sorted(set(mine) ^ set(twin.rendered))}"
        for path, content in mine.items():
            if content == twin.rendered[path]:
                continue
            shape = artifacts.normal(artifacts.read(path, content), lambda text: normalised(text, value))
            other = artifacts.normal(artifacts.read(path, twin.rendered[path]), lambda text: normalised(text, host.harmless))
            found = artifacts.difference(shape, other)
            if found is not None:
                return f"{path}{found}"
        return None


PLACEHOLDER = "\u25a1"


def normalised(text: str, value: str) -> str:
    """``text`` with the value replaced, also as a literal of SQL, a literal of GitHub and a line of text."""
    if not value:
        return text
    one_line = " ".join(value.split())
    forms = {value, value.replace("'", "''"), value.replace('"', '""'), one_line, html.escape(value)}
    for form in sorted(forms, key=len, reverse=True):
        if form:
            text = text.replace(form, PLACEHOLDER)
    return text


@cache
def _candidates(place: Place) -> tuple[Host, ...]:
    """Every place of a base that matches, the bases that compile first."""
    found = []
    for base, data in documents.bases().items():
        for path in found_at(data, place.pattern):
            value = documents.value_at(data, path)
            old = str(path[-1]) if place.kind == "key" else value
            if isinstance(old, str):
                found.append((base, path, old))
                break
        else:
            found += [(base, path, place.example) for path in _absent(data, place)][:1]
    return tuple(
        Host(base=base, place=place, path=path, old=old, form=form, harmless=harmless)
        for base, path, old in found
        for form in _forms(place)
        for harmless in SENTINELS
    )


def _absent(data: Any, place: Place) -> Iterator[documents.Path_]:
    """Where the last part of the place could be added."""
    if place.pattern[-1] not in (ANY_KEY, ANY_ITEM) and place.kind == "text":
        for path in found_at(data, place.pattern[:-1]):
            if isinstance(documents.value_at(data, path), dict):
                yield (*path, place.pattern[-1])


def _forms(place: Place) -> tuple[str, ...]:
    if place.kind == "key":
        return ("alone",)
    if place.noun == "SQL text" or place.pattern[-1] in ("label", "sample_weight") or "business" in place.pattern:
        return ("sql", "query", "after", "alone")
    return ("alone", "after", "before")


def _working(bench: Bench, place: Place) -> tuple[Host, ...]:
    """One host for each form: where the harmless text compiles, else where it only checks, else any."""
    chosen: dict[str, Host] = {}
    ranks: dict[str, int] = {}
    for host in _candidates(place):
        if ranks.get(host.form) == 2:
            continue
        outcome = bench.twin(host)
        rank = 2 if outcome.rendered is not None else 1 if not outcome.analysis.failed else 0
        if rank > ranks.get(host.form, -1):
            chosen[host.form], ranks[host.form] = host, rank
    return tuple(chosen.values())
