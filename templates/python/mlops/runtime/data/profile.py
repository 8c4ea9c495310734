"""``data profile``: what a dataset looks like, in the terminal or as one page to look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ..core import duck, paths
from ..core.config import Dataset, ModelConfig
from ..core.errors import StepError, UsageError
from ..core.files import write_text
from . import source
from .ingest import typed_query
from .profile_figures import LABEL, TABLE, Figures, figures
from .profile_links import Course, Link, Periods, courses, links, matrix, periods

FORMATS = ("text", "json", "html")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the dataset is used to predict, so that its columns can be held against it."""

    model: str
    sql: str
    type: str
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A dataset as it is now: every column, and how columns go with the label, one another and time."""

    project: str
    name: str
    source: str
    rows: int
    key: tuple[str, ...]
    time: str | None
    columns: tuple[Figures, ...]
    target: Target | None = None
    label: Figures | None = None
    links: dict[str, Link] = field(default_factory=dict)
    matrix: tuple[list[str], dict[tuple[int, int], float]] = field(default_factory=lambda: ([], {}))
    periods: Periods | None = None
    courses: dict[str, Course] = field(default_factory=dict)
    verdicts: tuple[tuple[str, str, int], ...] = ()  # of rules that belong to no column

    @property
    def missing(self) -> float:
        """The share of cells without a value."""
        cells = self.rows * len(self.columns)
        return sum(one.missing for one in self.columns) / cells if cells else 0.0


def profile(
    configs: Sequence[ModelConfig], dataset: str | None, *, form: str | None = None, output: str | None = None
) -> str:
    """Profile a dataset of the project and write or show it; what to print comes back."""
    config, name = _chosen(configs, dataset)
    found = look(config, name)
    shown = form or ("html" if output and output.endswith((".html", ".htm")) else "text")
    text = _rendered(found, shown)
    if output is None and shown != "html":
        return text
    path = Path(paths.in_root(output)) if output else paths.home() / "profiles" / f"{name}.html"
    write_text(path, text + "\n")
    return f"{name}: {found.rows:,} rows, {len(found.columns)} columns, written to {path}"


def _rendered(found: Profile, form: str) -> str:
    if form == "json":
        from .profile_text import content  # noqa: PLC0415 - only what is asked for

        return json.dumps(content(found), indent=2, ensure_ascii=False, default=str)
    if form == "html":
        from .profile_page import page  # noqa: PLC0415

        return page(found)
    from .profile_text import text  # noqa: PLC0415

    return text(found)


def _chosen(configs: Sequence[ModelConfig], dataset: str | None) -> tuple[ModelConfig, str]:
    """The model whose dataset this is, else the first that reads it."""
    known = {name: config for config in reversed(configs) for name in config.datasets}
    known |= {config.dataset: config for config in reversed(configs)}
    if dataset is None and len(known) != 1:
        bases = list(dict.fromkeys(config.dataset for config in configs))
        if len(bases) != 1:
            raise UsageError("which dataset should be looked at?", f"name one: {', '.join(sorted(known)) or 'none'}")
        dataset = bases[0]
    name = dataset if dataset is not None else next(iter(known))
    if name not in known:
        raise UsageError(f"there is no dataset '{name}'", f"there is: {', '.join(sorted(known)) or 'none'}")
    return known[name], name


def look(config: ModelConfig, name: str) -> Profile:
    """Read the dataset as ingest does and ask for every figure."""
    dataset = config.datasets[name]
    with duck.connection() as database:
        rows = _open(database, name, dataset)
        marked = {column: (contract.type, contract.pii) for column, contract in dataset.columns.items()}
        found = figures(database, marked, rows)
        _add_rules(config, name, found)
        target = _labelled(database, config, dataset) if rows else None
        label = _label_figures(database, target, rows) if target else None
        open_columns = [one for one in found if not one.personal]
        features = [one for one in open_columns if one.name not in config.label.columns]
        spans = periods(database, dataset.time) if dataset.time and rows else None
        return Profile(
            project=config.project,
            name=name,
            source=source.describe(dataset.source),
            rows=rows,
            key=tuple(dataset.key),
            time=dataset.time,
            columns=tuple(found),
            target=target,
            label=label,
            links=links(database, features, target.type) if target and label and label.distinct > 1 else {},
            matrix=matrix(database, open_columns) if rows else ([], {}),
            periods=spans,
            courses=courses(database, open_columns, spans) if spans else {},
            verdicts=tuple(_verdicts(config, name, column=None)),
        )


def _open(database: duckdb.DuckDBPyConnection, name: str, dataset: Dataset) -> int:
    """Make the table of the typed rows; how many there are, comes back."""
    try:
        query, _ = typed_query(database, name, dataset)
    except StepError:
        if not _is_empty(database, name):
            raise
        typed = ", ".join(
            f"NULL::{duck.TYPES[column.type]} AS {duck.name(key)}" for key, column in dataset.columns.items()
        )
        query = f"SELECT {typed} WHERE false"
    database.execute(f"CREATE TEMP TABLE {TABLE} AS {query}")
    return duck.count(database, TABLE)


def _is_empty(database: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether the source could be read and simply has no rows."""
    try:
        return duck.count(database, duck.name(f"__raw_{name}")) == 0
    except duckdb.Error:
        return False


def _labelled(database: duckdb.DuckDBPyConnection, config: ModelConfig, dataset: Dataset) -> Target | None:
    """Add the model's label to the rows; None where this is not the dataset that has it, or it is personal."""
    read = [dataset.columns[column] for column in config.label.columns if column in dataset.columns]
    if len(read) < len(config.label.columns) or any(column.pii for column in read):
        return None
    try:
        database.execute(f"ALTER TABLE {TABLE} ADD COLUMN {LABEL} {duck.TYPES[config.label.dtype]}")
        database.execute(f"UPDATE {TABLE} SET {LABEL} = ({config.label.sql})")
    except duckdb.Error:  # a label that needs more than this table
        return None
    return Target(model=config.model, sql=config.label.sql, type=config.label.dtype, task=config.task)


def _label_figures(database: duckdb.DuckDBPyConnection, target: Target, rows: int) -> Figures:
    return figures(database, {LABEL: (target.type, False)}, rows)[0]


def _add_rules(config: ModelConfig, name: str, found: Sequence[Figures]) -> None:
    for one in found:
        one.rules = list(_verdicts(config, name, column=one.name))


def _verdicts(config: ModelConfig, name: str, column: str | None) -> list[tuple[str, str, int]]:
    """What the last validation said about the rules of a column, or of the table: name, verdict, bad rows."""
    report = paths.Work.of(config.model).validation_report
    if not report.exists():
        return []
    rules = json.loads(report.read_text(encoding="utf-8")).get("rules", [])
    return [
        (str(rule.get("name")), str(rule.get("verdict")), int(rule.get("bad_rows") or 0))
        for rule in rules
        if rule.get("dataset") == name and rule.get("column") == column
    ]
