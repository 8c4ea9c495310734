# mypy: disable-error-code="import-not-found"
"""The search over parameters: a seeded TPE sampler, every trial judged on the validation rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import optuna

from ..core.config import SearchSpace, Tune
from ..core.errors import StepError

Trials = list[dict[str, Any]]


def search(tune: Tune, seed: int, judge: Callable[[dict[str, Any]], float | None]) -> tuple[dict[str, Any], Trials]:
    """The best parameters and every trial; ``judge`` fits with the suggested ones and returns the metric."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    direction: Literal["minimize", "maximize"] = "minimize" if tune.goal == "minimize" else "maximize"
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.TPESampler(seed=seed))
    trials: Trials = []

    def objective(trial: optuna.Trial) -> float:
        params = {name: _suggest(trial, name, space) for name, space in tune.space.items()}
        value = judge(params)
        if value is None:
            raise StepError(f"the metric '{tune.metric}' has no value on the validation rows", "tune on another metric")
        trials.append({"number": trial.number + 1, "params": params, "value": value})
        chosen = ", ".join(f"{name}={_shown(param)}" for name, param in params.items())
        print(f"  trial {trial.number + 1}/{tune.trials}  {tune.metric} {value:.4f}  {chosen}", flush=True)
        return value

    study.optimize(objective, n_trials=tune.trials)
    return dict(study.best_params), trials


def _suggest(trial: optuna.Trial, name: str, space: SearchSpace) -> Any:
    if space.kind == "choice":
        return trial.suggest_categorical(name, space.choices or [])
    low, high = space.low or 0, space.high or 0
    if space.kind == "int":
        return trial.suggest_int(name, int(low), int(high), log=space.log)
    return trial.suggest_float(name, low, high, log=space.log)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
