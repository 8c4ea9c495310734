"""One case: a spec as bytes, held to everything that is promised."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import mlopsc
from mlopsc.diagnostics import MlopscError

from . import invariants

Kind = Literal["unreadable", "errors", "unsupported", "compiled"]


def hold(folder: Path, content: bytes) -> Kind:
    """Check, compile, read back and show the spec ``content``; what became of it."""
    spec = folder / "mlops.yaml"
    spec.write_bytes(content)
    outcome = invariants.outcome_of(spec)
    invariants.same_twice(outcome, spec)
    if outcome.rendered is None:
        _hold_refusal(spec)
        if outcome.analysis.project is None:
            return "unreadable"
        return "errors" if outcome.analysis.failed else "unsupported"
    invariants.hold_files(outcome.rendered)
    invariants.shown_again(outcome, spec)
    return "compiled"


def _hold_refusal(spec: Path) -> None:
    """The API refuses with an error whose message says where."""
    try:
        mlopsc.compile(spec)
    except MlopscError as error:
        if "MLC" not in str(error):
            raise invariants.BrokenError(f"the API says only {error}") from error
    else:
        raise invariants.BrokenError("the API compiles what has errors")
