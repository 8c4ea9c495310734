"""The conditions under which jobs of the workflows run."""

from __future__ import annotations

from mlopsc.targets.github_actions.expressions import any_output, chosen, literal


def test_literal_doubles_quotes() -> None:
    """A quote inside a literal cannot end it."""
    assert literal("it's") == "'it''s'"


def test_chosen_names_who_asked_before_the_event() -> None:
    """A called workflow sees its caller's event, so the input is looked at first."""
    assert chosen("model", "late", "0 2 * * 1", pushes=True, waits=False) == (
        "inputs.model == 'late' || inputs.model == 'all' || "
        "!inputs.model && (github.event_name == 'push' || github.event.schedule == '0 2 * * 1')"
    )


def test_chosen_without_schedule_or_push_runs_only_when_asked() -> None:
    """A job that nothing starts by itself needs no look at the event."""
    assert chosen("model", "late", None, pushes=False, waits=False) == (
        "inputs.model == 'late' || inputs.model == 'all'"
    )


def test_chosen_waiting_job_runs_after_a_skipped_one() -> None:
    """A job that takes turns is not skipped because the one before it was."""
    assert chosen("monitor", "drift", "0 6 * * *", pushes=False, waits=True) == (
        "!cancelled() && (inputs.monitor == 'drift' || inputs.monitor == 'all' || "
        "!inputs.monitor && github.event.schedule == '0 6 * * *')"
    )


def test_any_output_looks_at_every_job() -> None:
    """One breach is enough, and a failed monitor does not hide another's."""
    assert any_output(("monitor-a", "monitor-b"), "retrain") == (
        "!cancelled() && (needs.monitor-a.outputs.retrain == 'true' || needs.monitor-b.outputs.retrain == 'true')"
    )
