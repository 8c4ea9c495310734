"""Expressions of GitHub Actions: literals, and the conditions under which a job of a shared workflow runs."""

from __future__ import annotations


def literal(text: str) -> str:
    """A string literal of GitHub's expression language."""
    return "'" + text.replace("'", "''") + "'"


def chosen(field: str, name: str, cron: str | None, *, pushes: bool, waits: bool) -> str:
    """When the job of ``name`` runs: it was asked for, or nobody was and its own schedule (or a push) came.

    Inside a called workflow the event is the caller's, so what was asked for decides first. A job that ``waits`` for
    its turn runs whatever became of the one before it.
    """
    events = ["github.event_name == 'push'"] if pushes else []
    if cron:
        events.append(f"github.event.schedule == {literal(cron)}")
    asked = f"inputs.{field} == {literal(name)} || inputs.{field} == 'all'"
    came = events[0] if len(events) == 1 else f"({' || '.join(events)})"
    condition = f"{asked} || !inputs.{field} && {came}" if events else asked
    return f"!cancelled() && ({condition})" if waits else condition


def any_output(jobs: tuple[str, ...], output: str) -> str:
    """Whether one of the ``jobs`` set ``output``, whatever became of the others."""
    said = " || ".join(f"needs.{job}.outputs.{output} == 'true'" for job in jobs)
    return f"!cancelled() && ({said})"
