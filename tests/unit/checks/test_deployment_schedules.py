"""Schedules: their time zones, and what happens where they meet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlopsc.diagnostics import Diagnostic

Say = Callable[..., list[tuple[str, str, str]]]


def monitors(*schedules: str, action: str = "alert") -> str:
    """Monitors called a, b, c, each with its schedule."""
    names = zip("abcdefgh", schedules, strict=False)
    common = f"model: late-arrival, kind: data-drift, window: 30d, on_breach: [{action}]"
    return "monitors:\n" + "".join(f"  {name}: {{{common}, schedule: {schedule}}}\n" for name, schedule in names)


def batch(schedule: str) -> str:
    """A batch at a time."""
    return f"batch: {{schedule: {schedule}, input: flights, output: p.parquet}}"


@pytest.mark.parametrize(
    ("zone", "help_", "fixed"),
    [
        ("Europe/Berln", "did you mean 'Europe/Berlin'?", "Europe/Berlin"),
        ("america/new_york", "did you mean 'America/New_York'?", "America/New_York"),
        ("Berlin", "did you mean 'Europe/Berlin'?", None),
        ("EST5", "an abbreviation is no name of a zone; did you mean 'America/New_York'?", None),
        ("PST", "an abbreviation is no name of a zone; did you mean 'America/Los_Angeles'?", None),
        (
            "GMT+3",
            "write 'Etc/GMT-3', whose sign is the other way round; a place, such as Europe/Berlin, changes its clock",
            None,
        ),
        ("Mars/Phobos", "such as UTC or Europe/Berlin", None),
    ],
)
def test_unknown_zone_is_explained(
    diagnosed: Callable[[str], list[Diagnostic]], zone: str, help_: str, fixed: str | None
) -> None:
    """By the nearest name, by the place of an abbreviation, by the odd sign of an offset."""
    text = (
        "data: {a: {source: a.csv, columns: {x: float, y: float}}}\n"
        "models: {m: {label: y, train: {estimator: sklearn.linear_model.Ridge},\n"
        f"             retrain: {{schedule: {{cron: 0 6 * * *, timezone: {zone}}}}}}}}}\n"
    )
    (found,) = diagnosed(text)
    assert (found.code, found.message, found.help) == ("MLC601", f"unknown time zone '{zone}'", help_)
    assert (found.primary.span.line, found.primary.span.column) == (3, 62)
    assert [edit.value for edit in found.fix] == ([fixed] if fixed else [])


@pytest.mark.parametrize(
    ("cron", "often"), [("*/4 * * * *", True), ("0,58 6 * * *", False), ("58,1 * * * *", True), ("*/5 * * * *", False)]
)
def test_github_starts_no_more_often_than_every_five_minutes(said: Say, cron: str, *, often: bool) -> None:
    """Also from one hour to the next, where the next hour is meant as well."""
    assert [code for code, _, _ in said(deploy=batch(f'"{cron}"'))] == (["MLC601"] if often else [])


@pytest.mark.parametrize(
    ("train", "score", "help_"),
    [
        ("0 3 * * 1", "0 3 * * *", "'0 7 * * *'"),
        ("0 3 * * 1", "0 3 * * 2", None),
        ("{cron: 0 6 * * *, timezone: America/New_York}", "0 10 * * *", "'0 14 * * *'"),
        ("{cron: 0 6 * * *, timezone: America/New_York}", "0 9 * * *", None),
        ("*/15 3 * * *", "30 */3 * * *", "'0 */3 * * *'"),
        ("0 25 * * *", "0 3 * * *", None),
    ],
)
def test_training_and_batch_do_not_meet(said: Say, train: str, score: str, help_: str | None) -> None:
    """On any day of the year, in any time zones; nothing is said about an invalid schedule."""
    given = train if train.startswith("{") else f'"{train}"'
    found = said(model=f"retrain: {{schedule: {given}}}", deploy=batch(f'"{score}"'))
    expected = [("MLC617", f'"{score}"', f"let the batch run first, or a few hours later: {help_}")] if help_ else []
    assert [one for one in found if one[0] != "MLC601"] == expected


@pytest.mark.parametrize(
    ("schedules", "action", "expected"),
    [
        (("0 6 * * *", "0 6 1 * *"), "retrain", ["0 6 1 * *"]),
        (("0 6 * * *", "0 6 1 * *"), "alert", []),
        (("0 6 * * *", "0 6 * * *"), "retrain", []),  # one run, which trains once
        (("0 6 * * *", "30 6 1 * *"), "retrain", []),
    ],
)
def test_monitors_do_not_train_twice_at_once(
    said: Say, schedules: tuple[str, ...], action: str, expected: list[str]
) -> None:
    """Different schedules are different runs, and each may ask for a training."""
    found = said(rest=monitors(*schedules, action=action))
    assert [(code, text) for code, text, _ in found] == [("MLC617", text) for text in expected]


@pytest.mark.parametrize(
    ("top", "schedules", "crowded"),
    [
        ("", ("0 6 * * *", "0 6 * * 1", "0 6 1 * *"), "0 6 1 * *"),
        ("", ("0 6 * * *", "0 6 * * 1", "0 6 * * 2"), None),  # never all three
        ("", ("0 6 * * *", "0 6 * * *", "0 6 * * *", "0 6 1 * *"), None),  # two different ones
        ("", ("'*/15 * * * *'", "0 6 * * *", "{cron: 0 2 * * *, timezone: America/New_York}"), "0 2 * * *"),
        ("\nstack: {ci: none, alerts: [github-issue]}", ("0 6 * * *", "0 6 * * 1", "0 6 1 * *"), None),
    ],
)
def test_third_schedule_at_a_minute_is_found(
    said: Say, top: str, schedules: tuple[str, ...], crowded: str | None
) -> None:
    """GitHub runs one, lets one wait, and cancels the others; equal schedules are one run."""
    found = said(**({"top": top} if top else {}), rest=monitors(*schedules))
    assert [(code, text) for code, text, _ in found] == ([("MLC618", crowded)] if crowded else [])


def test_schedule_in_two_zones_is_found(said: Say) -> None:
    """A run learns the cron expression alone; within one zone, and in another workflow, there is nothing to confuse."""
    berlin = "{cron: 0 6 * * *, timezone: Europe/Berlin}"
    assert said(rest=monitors("0 6 * * *", berlin)) == [
        ("MLC619", "0 6 * * *", "choose another minute for one of them: '1 6 * * *'")
    ]
    assert said(rest=monitors(berlin, berlin)) == []
    assert said(rest=monitors("0 6 * * *", "{cron: 0 6 * * *, timezone: Etc/UTC}")) == []
    assert said(deploy=batch("0 6 * * *"), rest=monitors(berlin)) == []
    assert said(top="stack: {ci: none, alerts: [webhook]}", rest=monitors("0 6 * * *", berlin)) == []


@pytest.mark.parametrize(
    ("cron", "most", "expected"),
    [("0 2 * * *", 2, ["2"]), ("0 2 * * 1", 1, []), ("0 2 * * 1,4", 1, ["1"]), ("0 25 * * *", 1, [])],
)
def test_schedule_keeps_to_its_limit(said: Say, cron: str, most: int, expected: list[str]) -> None:
    """The busiest week counts."""
    found = said(model=f'retrain: {{schedule: "{cron}", max_per_week: {most}}}', deploy="")
    assert [text for code, text, _ in found if code == "MLC616"] == expected
