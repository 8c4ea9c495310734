"""The plan: steps, jobs, and what starts them; the retraining arrow is a trigger, so the graph stays acyclic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..records import record

STEP_NAMES = ("ingest", "validate", "features", "split", "train", "evaluate", "gate", "register", "package")


@record
class Step:
    """One step of one model; paths are relative to the project folder."""

    id: str  # "<model>/<name>"
    model: str
    name: str
    needs: tuple[str, ...]  # ids
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    code: tuple[str, ...]  # files and folders whose content decides the outcome
    config: tuple[str, ...]  # keys of config.json, dotted where only a part decides the outcome
    env: tuple[str, ...] = ()
    weight: int = 1


@record
class Job:
    """A chain of steps that keep their rows on one machine."""

    id: str
    model: str | None
    monitor: str | None
    steps: tuple[str, ...]  # step ids; none for a monitor
    needs: tuple[str, ...]


@record
class Trigger:
    """What starts something besides a person: a schedule, or the breach of a monitor."""

    kind: str  # schedule, breach (both train a model), batch (scores with it), monitor
    target: str  # model or monitor
    cron: str | None = None
    timezone: str | None = None
    monitor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that runs, sorted so that the same project gives the same plan."""

    project: str
    steps: tuple[Step, ...]
    jobs: tuple[Job, ...]
    triggers: tuple[Trigger, ...]
    models: tuple[str, ...]
    monitors: tuple[str, ...]

    def steps_of(self, model: str) -> tuple[Step, ...]:
        """The steps of one model, in order."""
        return self._by_model.get(model, ())

    @cached_property
    def _by_model(self) -> dict[str, tuple[Step, ...]]:
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            found.setdefault(step.model, []).append(step)
        return {model: tuple(steps) for model, steps in found.items()}
