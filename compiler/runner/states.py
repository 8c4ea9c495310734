"""Whether each step is current, and if not, why: what ``mlopsc run`` would say, without running anything."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..diagnostics import UsageError
from ..records import record
from .cache import Cache, Key, Record
from .fingerprint import ABSENT, Fingerprints
from .run import home_of
from .schedule import default_environment
from .steps import RunStep, load_steps

WORDS = {"config": "{} of the spec", "env": "the variable {}", "input": "{}", "code": "{}"}
NEVER, CURRENT, STALE, ELSEWHERE = "never ran", "current", "stale", "made elsewhere"
"""The last: there is an output, and ``mlopsc run`` did not write it; DVC, CI or a person did."""

ASK_DVC = "`dvc status` says whether it is current"


@record
class State:
    """What became of a step: ``word`` is one of the four above, ``why`` says what changed since it ran."""

    word: str
    why: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """It in a few words."""
        return f"{self.word}: {', '.join(self.why)}" if self.why else self.word


def content_of(project: Path, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of each of these files of the project that is here."""
    home = home_of(project, os.environ)
    prints = Fingerprints(project, home, home / "cache" / "files.json")
    found = {name: prints.of(name) for name in names if (project / name).is_file()}
    return {name: content for name, content in found.items() if content != ABSENT}


def states(project: Path) -> dict[str, State]:
    """The state of every compiled step; empty before the first compile."""
    try:
        steps = load_steps(project)
    except UsageError:
        return {}
    env = default_environment(os.environ)
    home = home_of(project, env)
    prints = Fingerprints(project, home, home / "cache" / "files.json")
    cache = Cache(home / "cache" / "steps", prints, "")
    found: dict[str, State] = {}
    for step in steps:
        found[step.id] = _state(step, cache, cache.key(step, env), prints, found)
    return found


def _state(step: RunStep, cache: Cache, key: Key, prints: Fingerprints, before: Mapping[str, State]) -> State:
    last = cache.last(step)
    if last is None:
        there = any(prints.of(path) != ABSENT for path in step.outputs)
        by_dvc = (ASK_DVC,) if there and prints.of("dvc.lock") != ABSENT else ()
        return State(word=ELSEWHERE if there else NEVER, why=by_dvc)
    why = (*_changed(last, key), *(f"{path} was changed" for path in cache.touched(last)))
    stale = [need for need in step.needs if need in before and before[need].word in {STALE, NEVER}]
    if not why and stale:
        return State(word=STALE, why=tuple(f"{need} has to run again" for need in stale))
    return State(word=STALE, why=why) if why else State(word=CURRENT)


def _changed(last: Record, key: Key) -> Iterable[str]:
    """The parts that differ; of the environment nobody looks, since asking the interpreter would start it."""
    for name in dict.fromkeys((*key.parts, *last.parts)):
        if name != "environment" and key.parts.get(name) != last.parts.get(name):
            kind, _, what = name.partition(" ")
            may = "may have changed" if "://" in what else "changed"
            yield f"{WORDS[kind].format(what)} {may}"
