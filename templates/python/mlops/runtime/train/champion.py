# mypy: disable-error-code="import-untyped"
"""Champion and challenger on the same rows: those of the test that neither has learned from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from ..core import duck
from ..core.config import ModelConfig, load_model
from ..core.errors import StepError
from ..core.paths import Work
from ..features.batch import ROW, base_rows, feature_columns, open_datasets, row_hash
from ..features.modules import load_modules
from .business import Rows
from .frames import read_part, target
from .measure import measure
from .outcome import Array, Outcome
from .scorer import Scorer

SEEN, MOMENT = "__seen", "__moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """Both models on the same rows; ``excluded`` test rows were left out because the champion knows them."""

    challenger: Outcome
    champion: Outcome
    rows: Rows
    classes: tuple[Any, ...]
    excluded: int

    def values(self, config: ModelConfig, metric: str) -> tuple[float | None, float | None]:
        """The metric of the challenger and of the champion."""
        first, second = (
            measure(config, metric, outcome, self.rows, self.classes) for outcome in (self.challenger, self.champion)
        )
        return first, second


def compare(config: ModelConfig, work: Work, package: Path) -> Duel:
    """Score the test rows with the model just trained and with the one in ``package``, by its own features.

    StepError when the champion cannot be run on today's data.
    """
    challenger, champion = Scorer.load(work.model.parent), Scorer.load(package)
    if champion.card.task != challenger.card.task or champion.card.classes != challenger.card.classes:
        raise StepError("the champion answers another question: its task or its classes differ")
    part = read_part(config, work, "test")
    columns = _champion_columns(config, work, package, part.row)
    mask = ~_known(champion.card.seen, columns, package)
    actual = target(config, part, challenger.card.classes)
    return Duel(
        challenger=challenger.outcome(challenger.score_columns(part.columns), actual).select(mask),
        champion=champion.outcome(champion.score_columns(columns), actual).select(mask),
        rows=Rows.read(work.rows("test")).select(mask),
        classes=challenger.card.classes,
        excluded=int(np.sum(~mask)),
    )


def _champion_columns(config: ModelConfig, work: Work, package: Path, wanted: Array) -> dict[str, Array]:
    """The champion's features of the test rows, in the order of ``wanted``, with hash and time for ``_known``."""
    theirs = load_model(package / "config.json")
    if theirs.dataset not in config.datasets:
        raise StepError(f"the champion reads the dataset '{theirs.dataset}', which is gone")
    modules = load_modules(theirs, package / "features")
    features = feature_columns(theirs, modules)
    time = theirs.datasets[theirs.dataset].time
    extra = {ROW: row_hash(config), SEEN: row_hash(theirs), MOMENT: duck.name(time) if time else "NULL"}
    selected = ", ".join(f"({sql}) AS {duck.name(name)}" for name, sql in {**features, **extra}.items())
    row = duck.name(ROW)
    with duck.connection() as database:
        open_datasets(database, config, work)
        database.register("wanted", {"wanted": np.asarray(wanted), "place": np.arange(len(wanted))})
        query = (
            f"SELECT * EXCLUDE (wanted) FROM wanted JOIN (SELECT {selected} FROM {base_rows(theirs, modules)} "
            f"QUALIFY row_number() OVER (PARTITION BY {row_hash(config)}) = 1) ON wanted = {row} ORDER BY place"
        )
        try:
            found = dict(database.execute(query).fetchnumpy())
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise StepError(f"the champion's features cannot be computed any more: {reason}") from error
    if len(found[ROW]) != len(wanted):
        raise StepError("the test rows changed since they were split", "run the steps again from 'features'")
    return found


def _known(seen: dict[str, Any], columns: dict[str, Array], package: Path) -> Array:
    """Which rows the champion has learned from."""
    if seen["by"] == "time":
        return np.asarray(np.ma.getdata(columns[MOMENT]) < np.datetime64(seen["until"]))
    hashes = np.load(package / seen["file"], allow_pickle=False)
    return np.isin(np.asarray(columns[SEEN], dtype=np.uint64), hashes)
