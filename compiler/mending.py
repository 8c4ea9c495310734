"""``check --fix``: every certain fix, applied to the text until nothing certain is left; never one that does harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .diagnostics import Diagnostic, MlopscError, Repair
from .edits import TextEdit, applied, harmless, overlap, replaced
from .fixes import Documents, text_edits
from .phases import Analysis, analyse
from .records import record

MAX_ROUNDS = 1_000
"""How often the spec is checked again; each round makes or refuses a fix, so that this is never reached."""

MAX_DEPTH = 3
"""How many layers of hidden mistakes one fix may bring to light, and have fixed along with it."""

_Fix = tuple[Diagnostic, tuple[TextEdit, ...]]
_FORM = "the text around it has a form that only you can change"
_UNREADABLE = "MLC102"
_BOM = b"\xef\xbb\xbf"


@record
class Dropped:
    """A fix that was not made, and why."""

    diagnostic: Diagnostic
    reason: str


@record
class Mended:
    """What the fixes made of a spec; nothing is written yet."""

    before: Mapping[str, bytes]  # the files that change, by name
    after: Mapping[str, bytes]
    fixed: tuple[Diagnostic, ...]
    dropped: tuple[Dropped, ...]
    analysis: Analysis  # of what is left


def mend(spec: Path) -> Mended:
    """The spec with every certain fix."""
    mending = _Mending(spec=spec, analysis=analyse(spec))
    for _ in range(MAX_ROUNDS):
        todo = [one for one in mending.analysis.diagnostics if one.fix and _key(one) not in mending.refused]
        if not todo:
            break
        mending.round(todo)
    before = {name: mending.on_disk[name] for name in mending.edited}
    return Mended(
        before=before,
        after=mending.edited,
        fixed=tuple(mending.fixed),
        dropped=tuple(mending.refused.values()),
        analysis=mending.analysis,
    )


@dataclass(slots=True)
class _Mending:
    """The text as far as it is mended."""

    spec: Path
    analysis: Analysis
    edited: dict[str, bytes] = field(default_factory=dict)
    on_disk: dict[str, bytes] = field(default_factory=dict)
    fixed: list[Diagnostic] = field(default_factory=list)
    refused: dict[tuple[str, str], Dropped] = field(default_factory=dict)
    depth: int = 0

    def round(self, todo: Sequence[Diagnostic]) -> None:
        """Make the fixes that do not touch the same characters; the others wait for the next round."""
        documents = Documents(self.analysis.sources)
        chosen: list[_Fix] = []
        taken: dict[tuple[str, int], set[TextEdit]] = {}
        for one in todo:
            edits = text_edits(one, documents)
            if not edits:
                self._refuse(one, _FORM)
            elif not _collide(edits, taken):
                for edit in edits:
                    for line in _lines(edit):
                        taken.setdefault(line, set()).add(edit)
                chosen.append((one, edits))
        self._apply(self._harmless(chosen, documents))

    def _harmless(self, chosen: Sequence[_Fix], documents: Documents) -> Sequence[_Fix]:
        """The fixes that change just what they mean: asked for all at once, and one by one where that fails."""
        if not chosen or _change_only(chosen, documents):
            return chosen
        found = [fix for fix in chosen if _change_only([fix], documents)]
        for one, _ in (fix for fix in chosen if fix not in found):
            self._refuse(one, _FORM)
        return found

    def words(self, one: Diagnostic) -> list[str]:
        """What the fix of a diagnostic replaces."""
        sources = self.analysis.sources
        return [replaced(sources.files[edit.span.file].text, edit) for edit in text_edits(one, Documents(sources))]

    def _apply(self, chosen: Sequence[_Fix]) -> None:
        """Make fixes all at once if that leaves fewer problems; else in halves, to find the one that does not."""
        if not chosen:
            return
        trial = self._trial([edit for _, edits in chosen for edit in edits])
        reason = _worse(self.analysis, trial.analysis, [one for one, _ in chosen])
        if reason is None:
            self.edited, self.analysis = trial.edited, trial.analysis
            self.fixed += [*(one for one, _ in chosen), *trial.fixed]
        elif len(chosen) == 1:
            self._refuse(chosen[0][0], reason)
        else:  # the other half is tried in the next round, which finds its places in the changed text
            self._apply(chosen[: len(chosen) // 2])

    def _trial(self, edits: Iterable[TextEdit]) -> _Mending:
        """The text with these edits, and with the fixes of what only they brought to light.

        A mistyped estimator hides its mistyped parameters: both are mended, or neither. A word that the edits took
        away is never replaced elsewhere: then it was right there, and the edits are wrong.
        """
        edits = list(edits)
        files = self.analysis.sources.files
        gone = {replaced(files[edit.span.file].text, edit) for edit in edits}
        changed = self._with(edits)
        trial = _Mending(
            spec=self.spec,
            analysis=analyse(self.spec, changed),
            edited=changed,
            on_disk=self.on_disk,
            depth=self.depth + 1,
        )
        known = {_key(one) for one in self.analysis.diagnostics}
        for _ in range(MAX_DEPTH - self.depth):
            found = [one for one in trial.analysis.diagnostics if one.fix and _key(one) not in {*known, *trial.refused}]
            new = [one for one in found if not gone & set(trial.words(one))]
            if not new:
                break
            trial.round(new)
        return trial

    def _with(self, edits: Iterable[TextEdit]) -> dict[str, bytes]:
        """The bytes of every changed file after these edits, too; a byte order mark stays."""
        result = dict(self.edited)
        by_file: dict[str, set[TextEdit]] = {}
        for edit in edits:
            by_file.setdefault(edit.span.file, set()).add(edit)
        for name, found in by_file.items():
            raw = self._raw(name)
            mark = _BOM if raw.startswith(_BOM) else b""
            result[name] = mark + applied(self.analysis.sources.files[name].text, found).encode()
        return result

    def _raw(self, name: str) -> bytes:
        if name not in self.on_disk:
            self.on_disk[name] = raw = (self.spec.parent / name).read_bytes()
            if raw.decode("utf-8-sig", errors="replace") != self.analysis.sources.files[name].text:
                raise MlopscError(f"{name} changed while it was checked; nothing was fixed, try again")
        return self.on_disk[name]

    def _refuse(self, one: Diagnostic, reason: str) -> None:
        self.refused[_key(one)] = Dropped(diagnostic=one, reason=reason)


def _change_only(chosen: Sequence[_Fix], documents: Documents) -> bool:
    """Whether the fixes together change nothing but what they mean to."""
    changes: dict[str, list[tuple[Repair, TextEdit]]] = {}
    for one, _ in chosen:
        for repair in one.fix:
            document = documents.get(repair.span.file)
            edit = document.edit(repair) if document else None
            if edit is not None:
                changes.setdefault(repair.span.file, []).append((repair, edit))
    texts = ((documents.get(name), found) for name, found in changes.items())
    return all(document is not None and harmless(document.text, found) for document, found in texts)


def _collide(edits: Iterable[TextEdit], taken: Mapping[tuple[str, int], set[TextEdit]]) -> bool:
    """Whether an edit touches what another one changes; the same edit twice is one."""
    near = ((edit, taken.get(line, set())) for edit in edits for line in _lines(edit))
    return any(overlap(edit.span, other.span) for edit, others in near if edit not in others for other in others)


def _lines(edit: TextEdit) -> list[tuple[str, int]]:
    return [(edit.span.file, line) for line in range(edit.span.line, edit.span.end_line + 1)]


def _key(one: Diagnostic) -> tuple[str, str]:
    return one.code, one.message


def _worse(before: Analysis, after: Analysis, fixing: Iterable[Diagnostic]) -> str | None:
    """Why the text after some fixes is no better than before; None where it is."""
    wanted = Counter(_key(one) for one in fixing)
    left = Counter(_key(one) for one in after.diagnostics)
    others = Counter(_key(one) for one in before.diagnostics) - wanted
    if any(left[key] > others[key] for key in wanted):
        return "the problem would stay"
    if any(code == _UNREADABLE for code, _ in wanted):  # whatever is found now was there before, and not looked for
        return None
    if before.project is not None and after.project is None:
        return "the file would no longer load"
    more = sum(left.values()) - sum(others.values())
    return f"it would bring up {more} other problem{'' if more == 1 else 's'}" if more > 0 else None
