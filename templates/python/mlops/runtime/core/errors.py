"""Failures that a person can mend: shown as a message, never as a traceback."""

from __future__ import annotations


class StepError(Exception):
    """A step cannot go on; the message says what is wrong, the hint what to do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n  help: {self.hint}"


class UsageError(StepError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class GateError(StepError):
    """A gate blocks the model; nothing after it may run."""

    exit_code = 5
