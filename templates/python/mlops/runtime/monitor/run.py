"""``python -m mlops monitor NAME``: judge the last windows, keep the verdict, tell people, ask for a retraining.

Everything here is computed again from the prediction log each time. The only state is which boundary last acted,
so that a breach that goes on does not alert or retrain more often than the spec's cooldown allows.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from ..core import paths
from ..core.config import ModelConfig, Monitor, ProjectPlan, load_model
from ..core.console import append_summary, markdown_table, set_output, table
from ..core.errors import StepError
from ..core.files import read_json, write_json, write_text
from . import alerts, verdicts
from .history import History, opened
from .report import html
from .schedule import Window, windows
from .verdicts import Conclusion, WindowVerdict

RETRAIN = alerts.Sent(text="the train workflow is asked for")
"""The workflow reads the output ``retrain`` of the monitor's job; gates decide what becomes of it."""


def run_monitor(plan: ProjectPlan, monitor: Monitor, config: ModelConfig, *, at: datetime | None = None) -> str:
    """One run at the last boundary before ``at`` (default: now); what to print comes back, whatever the verdict."""
    moment = at or datetime.now(UTC)
    conclusion = conclude(monitor, config, moment)
    folder = paths.monitor_folder(monitor.name)
    write_text(folder / "report.html", html(conclusion))
    text = _text(conclusion)
    acted, failure = _act(plan, conclusion, folder)
    verdicts.keep(folder, verdicts.entry(conclusion, moment, acted))
    set_output("breached", str(conclusion.breached).lower())
    set_output("retrain", str("retrain" in acted and "held" not in acted["retrain"]).lower())
    append_summary(_markdown(conclusion))
    if failure is not None:
        print(text)
        raise failure
    done = "".join(f"\n{what}: {result}" for what, result in acted.items())
    return f"{text}{done}\nreport: {folder / 'report.html'}"


def conclude(monitor: Monitor, config: ModelConfig, at: datetime) -> Conclusion:
    """What the log says at the last boundary before ``at``: computed, nothing written."""
    looked_at = windows(monitor, at)
    with opened(paths.predictions(monitor.model), looked_at) as history:
        package = _package(config, history, looked_at[0])
        served = load_model(package / "config.json") if (package / "config.json").exists() else config
        judge = _judge_of(monitor, served, package, history)
        return Conclusion(monitor=monitor, windows=tuple(judge(window) for window in looked_at))


def _package(config: ModelConfig, history: History, window: Window) -> Path:
    """The package of the version that answered in the window: the one here, else from the registry.

    A newer version may have been trained since; production is compared with what production was trained on.
    """
    here, answered = paths.Work.of(config.model).package, history.version(window)
    if answered is None or not (here / "version.json").exists():
        return here
    if str(read_json(here / "version.json", "package")["version"]) == answered:
        return here
    return _fetched(config, answered, here)


def _fetched(config: ModelConfig, answered: str, here: Path) -> Path:
    package = paths.home() / "cache" / config.model / answered
    if package.exists():
        return package
    try:
        from ..train.registry import open_registry  # noqa: PLC0415 - only where the version is another one

        registry = open_registry(config)
    except ModuleNotFoundError as error:
        message = f"version {answered} of '{config.model}' answered, and fetching it needs the package '{error.name}'"
        raise StepError(message, "install mlops/requirements-monitor.txt") from error
    known = next((version for version in registry.versions() if version.version == answered), None)
    if known is None:
        print(f"note: version {answered} answered and is not in the registry; compared with the package in {here}")
        return here
    package.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=package.parent, prefix=".fetch-") as folder:
        whole = shutil.copytree(registry.fetch(known, Path(folder)), Path(folder) / answered)
        return whole.rename(package)


def _judge_of(
    monitor: Monitor, config: ModelConfig, package: Path, history: History
) -> Callable[[Window], WindowVerdict]:
    """What judges one window; each kind of monitor needs libraries of its own, imported only here."""
    if monitor.kind == "data-drift":
        from . import data_drift  # noqa: PLC0415

        reference = read_json(package / "reference.json", "package")
        return lambda window: data_drift.judge(history, window, monitor, config, reference)
    if monitor.kind == "performance":
        from . import performance  # noqa: PLC0415

        performance.open_labels(history, monitor, config)
        return lambda window: performance.judge(history, window, monitor, config, package)
    if monitor.kind == "data-quality":
        from . import quality  # noqa: PLC0415

        return lambda window: quality.judge(history, window, monitor, config)
    raise StepError(f"monitor '{monitor.name}' is of kind '{monitor.kind}', which is not here", "compile again")


def _act(plan: ProjectPlan, conclusion: Conclusion, folder: Path) -> tuple[dict[str, str], StepError | None]:
    """Alert and ask for a retraining, each at most once per breach and cooldown; what was done comes back."""
    if not conclusion.breached:
        return {}, None
    monitor, boundary = conclusion.monitor, conclusion.newest.window.end
    last = _last_actions(folder)
    acted: dict[str, str] = {}
    failure = None
    for action in monitor.on_breach:
        if (held := _held(last.get(action), boundary, monitor.cooldown_seconds)) is not None:
            acted[action] = held
            continue
        try:
            done = _alert(plan, conclusion) if action == "alert" else RETRAIN
        except StepError as error:  # the verdict is kept and the retraining asked for, then it is reported
            acted[action], failure = f"failed: {error.message}", error
            continue
        acted[action] = done.text
        if done.delivered:
            last[action] = boundary.isoformat()
    write_json(folder / "actions.json", last)
    return acted, failure


def _held(last: str | None, boundary: datetime, cooldown: int) -> str | None:
    """Why an action is not due: it was done for this boundary or a later one, or less than a cooldown before it."""
    if last is None:
        return None
    done = datetime.fromisoformat(last)
    if boundary - done > timedelta(0) and boundary - done >= timedelta(seconds=cooldown):
        return None
    return f"held (done for {done:%Y-%m-%d %H:%M} UTC, cooldown {timedelta(seconds=cooldown)})"


def _alert(plan: ProjectPlan, conclusion: Conclusion) -> alerts.Sent:
    monitor = conclusion.monitor
    message = alerts.Alert(
        monitor=monitor.name,
        title=f"Monitor {monitor.name}: {monitor.kind} of {monitor.model} breached",
        body=_markdown(conclusion),
    )
    sent = [alerts.send(channel, message) for channel in plan.alerts]
    text = "; ".join(item.text for item in sent) or "no channel is set up"
    return alerts.Sent(text=text, delivered=any(item.delivered for item in sent))


def _last_actions(folder: Path) -> dict[str, str]:
    file = folder / "actions.json"
    return dict(read_json(file, "monitor")) if file.exists() else {}


def _text(conclusion: Conclusion) -> str:
    newest = conclusion.newest
    lines = [f"{conclusion.monitor.name}  {newest.window}  {newest.rows:,} predictions"]
    if newest.measures:
        lines.append(table(verdicts.HEADERS, verdicts.rows(conclusion.windows)))
    return "\n".join([*lines, f"verdict: {conclusion.sentence}"])


def _markdown(conclusion: Conclusion) -> str:
    newest = conclusion.newest
    heading = f"**{conclusion.sentence}**, {newest.window}, {newest.rows:,} predictions"
    shown = markdown_table(verdicts.HEADERS, verdicts.rows(conclusion.windows)) if newest.measures else ""
    return f"{heading}\n\n{shown}".strip()
