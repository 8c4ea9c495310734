"""Hostile texts at every place of the language: refused with a diagnostic, or carried into every file as they are.

The places are found by walking the schema, so a new field is here by itself. ``make fuzz-injection`` runs every
fragment at every place; here each place gets one text with everything in it, and a seeded sample of the fragments.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from functools import partial

import pytest

from fuzzing import documents, hostile
from fuzzing.injection import Bench, fragments
from fuzzing.places import Place, places

PARTS = 4
OTHER_FORMS = 0.25
"""The share of the other forms, such as a text after another one, that is tried in every run."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A project folder with the code that some specs name."""
    folder = tmp_path_factory.mktemp("injection")
    shutil.copytree(documents.REPOSITORY / "examples" / "own-training" / "src", folder / "src")
    return Bench(folder)


@pytest.mark.parametrize("part", range(PARTS))
def test_hostile_text_is_refused_or_carried_as_it_is(part: int, bench: Bench) -> None:
    """At no place does a text change the shape of a file, or arrive as another one; nowhere does the compiler crash."""
    seen: Counter[str] = Counter()
    changed = []
    for place in places()[part::PARTS]:
        for host in bench.hosts(place, partial(tried, place)):
            for value in values(place, host.form):
                verdict = bench.judge(host, value)
                seen[verdict.kind] += 1
                if verdict.kind == "changed":
                    changed.append(f"{place} {host.base} {host.form} {value[:40]!r}: {verdict.why[:400]}")
    assert changed == []
    assert seen["refused"] > 50
    assert seen["carried"] > 10


def values(place: Place, form: str) -> list[str]:
    """What is put at a place: all at once, and a sample that is the same in every run."""
    sample = random.Random(f"{place} {form}")  # noqa: S311  (no secret)
    if form == "alone":
        return [hostile.CARRIED, hostile.COMBINED, *sample.sample(list(fragments(place, form)), 1)]
    return sample.sample(list(fragments(place, form)), 1)


def tried(place: Place, form: str) -> bool:
    """Whether a form is tried at a place in every run: a text of its own always is."""
    return form == "alone" or random.Random(f"{form} {place}").random() < OTHER_FORMS  # noqa: S311  (no secret)


def test_every_text_of_the_language_has_a_host(bench: Bench) -> None:
    """A field that no base spec can hold would not be tested: then the specs of this folder need it."""
    unreachable = [str(place) for place in places() if not list(bench.hosts(place, "alone".__eq__))]
    assert unreachable == []


def test_text_of_a_megabyte_is_carried_or_refused_in_few_words(bench: Bench) -> None:
    """Neither a hang nor a megabyte on the terminal."""
    for place in places()[::12]:
        for host in bench.hosts(place, "alone".__eq__):
            verdict = bench.judge(host, hostile.LONG)
            assert verdict.kind in ("refused", "carried"), f"{place}: {verdict.why[:400]}"
