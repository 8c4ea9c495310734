"""Windows, cool-downs and labels of monitors, against the log and the schedule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Say = Callable[..., list[tuple[str, str, str]]]

TOP = "stack: {alerts: [github-issue]}\nimages: {registry: ghcr.io/acme}"


def monitor(kind: str = "data-drift", schedule: str = "0 6 * * *", **more: str) -> str:
    """One monitor that is fine but for what is given."""
    own = {"metric": "roc_auc", "min": "0.7"} if kind == "performance" else {}
    entries = {"on_breach": "[alert]", **own, **more}
    lines = "".join(f"    {key}: {value}\n" for key, value in entries.items())
    return f'monitors:\n  one:\n    model: late-arrival\n    kind: {kind}\n    schedule: "{schedule}"\n{lines}'


def kept(retention: str, *, batch: str | None = None) -> str:
    """A service that keeps its log for so long, and perhaps a batch of the same model."""
    log = f"log_predictions: {{retention: {retention}}}"
    other = f", batch: {{input: flights, output: p.parquet, log_predictions: {{retention: {batch}}}}}" if batch else ""
    return f"api: {{{log}}}{other}"


@pytest.mark.parametrize(
    ("retention", "rest", "expected"),
    [
        ("30d", {"window": "30d"}, []),
        ("4w", {"window": "30d"}, [("30d", "keep them for longer: retention: 30d; or look at less: window: 4w")]),
        ("12h", {"window": "1d"}, [("1d", "keep them for longer: retention: 1d; or look at less: window: 12h")]),
        ("3d", {"breaches": "2 of 5"}, []),  # what is removed once a day may outlast the retention
        ("2d", {"breaches": "2 of 5"}, [("2 of 5", "retention: 5d; or look back less: breaches: 2 of 4")]),
        ("1d", {"breaches": "4 of 5"}, [("4 of 5", "retention: 5d; or look back less: breaches: 3 of 3")]),
        ("7d", {"schedule": "0 6 * * 1", "window": "7d", "breaches": "2 of 3"}, [("2 of 3", "breaches: 2 of 2")]),
        ("invalid", {"window": "90d"}, None),
    ],
)
def test_window_is_compared_with_the_log(
    said: Say, retention: str, rest: dict[str, str], expected: list[tuple[str, str]] | None
) -> None:
    """A window, and as many windows as count, must be in the log; nothing is said about a broken retention."""
    found = said(top=TOP, deploy=kept(retention), rest=monitor(**rest))
    if expected is None:
        assert {code for code, _, _ in found} == {"MLC114"}
        return
    assert [(code, text) for code, text, _ in found] == [("MLC507", text) for text, _ in expected]
    assert all(help_.endswith(end) for (_, _, help_), (_, end) in zip(found, expected, strict=True))


def test_shorter_retention_counts_for_both(said: Say) -> None:
    """The service and the batch keep one log, and each removes what is too old for it."""
    found = said(top=TOP, deploy=kept("90d", batch="7d"), rest=monitor(window="30d"))
    assert [(code, text) for code, text, _ in found] == [("MLC507", "30d")]


def test_batches_may_log_what_happened_long_ago(said: Say) -> None:
    """A window goes by the time of the rows, retention by when they were logged: of a batch nothing is claimed."""
    batch = "batch: {input: flights, output: p.parquet, log_predictions: {retention: 7d}}"
    features = (
        "features:\n  f:\n    from: flights\n    columns:\n      distance: {}\n"
        "      usual: {aggregate: avg(distance), by: [carrier], window: 7d}\n"
    )
    fragments = {"features": features, "model": "features: [f]", "rest": monitor(window="30d")}
    assert said(top=TOP, deploy=batch, **fragments) == []


@pytest.mark.parametrize(
    ("delay", "rest", "text"),
    [
        ("1d", {"window": "2d"}, None),
        ("1d", {"window": "1d"}, "1d"),
        ("1d", {}, "one"),  # the default window
        ("3d", {"window": "1d", "breaches": "1 of 4"}, None),  # the fourth window is judged again, with its labels
        ("3d", {"window": "1d", "breaches": "2 of 4"}, "1d"),
        ("3d", {"window": "1d", "breaches": "1 of 3"}, "1d"),
        ("soon", {"window": "1d"}, None),
    ],
)
def test_labels_must_come_within_the_windows(said: Say, delay: str, rest: dict[str, str], text: str | None) -> None:
    """So many windows as must breach need a label by the time they are looked at for the last time."""
    found = [one for one in said(delay=delay, rest=monitor("performance", **rest)) if one[0] != "MLC114"]
    assert [(code, place) for code, place, _ in found] == ([("MLC508", text)] if text else [])
    assert all(help_.startswith("look back further than that: window: ") for _, _, help_ in found)


def test_labels_must_come_while_predictions_are_kept(said: Say) -> None:
    """What is removed before its label comes is never judged."""
    fragments: dict[str, Any] = {"top": TOP, "deploy": kept("7d"), "rest": monitor("performance", window="7d")}
    assert said(delay="9d", **fragments) == [("MLC508", "7d", "keep them for longer: retention: 16d")]
    assert [text for code, text, _ in said(delay="7d", **fragments)] == ["7d"]  # its window has no label


@pytest.mark.parametrize(
    ("schedule", "cooldown", "help_"),
    [
        ("0 6 * * *", "23h", "stay quiet for the next run: cooldown: 2d; or remove cooldown"),
        ("0 6 * * *", "24h", None),
        ("0 6 1 * *", "24h", "stay quiet for the next run: cooldown: 58d; or remove cooldown"),
        ("0 6,18 * * *", "12h", None),
        ("0 25 * * *", "1h", None),
    ],
)
def test_cooldown_is_compared_with_the_schedule(said: Say, schedule: str, cooldown: str, help_: str | None) -> None:
    """The shortest time between two runs counts; an invalid schedule has none."""
    found = [one for one in said(rest=monitor(schedule=schedule, cooldown=cooldown)) if one[0] != "MLC601"]
    assert found == ([("MLC509", cooldown, help_)] if help_ else [])


@pytest.mark.parametrize(
    ("rest", "text", "help_"),
    [
        ({"schedule": "0 6 * * 1"}, "one", "look at all of it: window: 7d; or run more often"),
        ({"schedule": "0 6 1 * *", "window": "1w"}, "1w", "look at all of it: window: 31d; or run more often"),
        ({"schedule": "0 6 1 * *", "window": "30d"}, None, ""),
        ({"schedule": "0 6 * * 1-5"}, None, ""),  # the weekend is left out now and then
        ({"schedule": "0 6,7 * * 1"}, None, ""),
    ],
)
def test_window_that_leaves_out_most_is_found(said: Say, rest: dict[str, str], text: str | None, help_: str) -> None:
    """Half of the predictions or more in no window; not where it is only the odd hour."""
    found = said(top=TOP, deploy="api: {}", rest=monitor(**rest))
    assert found == ([("MLC510", text, help_)] if text else [])


def test_window_of_a_batch_is_left_alone(said: Say) -> None:
    """A monitor may run just after each batch."""
    assert said(rest=monitor(schedule="0 6 * * 1")) == []
