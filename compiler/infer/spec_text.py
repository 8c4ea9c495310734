"""The spec as text, with a comment wherever something was decided."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..model.resolved import BINARY, REGRESSION
from ..records import record
from . import vocabulary
from .choose import SMALL, Choices, Label, words
from .names import is_good, kebab, snake
from .profile import Column, Profile
from .reading import ENDINGS

RESERVED = frozenset({"monitor", "monitors", "models", "state", "data", "serve", "batch"})
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
YAML_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
KNOWN_ENDINGS = (".csv", ".csv.gz", ".parquet", ".json", ".jsonl", ".ndjson")
"""Endings that say what a source is."""
COMMENT_COLUMN = 58
MOST_ALLOWED = 12
MOST_LETTERS = 80
ROWS_PER_VALUE = 20
"""A text is taken for a category with a fixed set of values when each has so many rows on average."""


@record
class Origin:
    """Where the rows come from: the file that was given, what the spec reads, and why that is another one."""

    given: str
    path: str
    changes: tuple[str, ...] = ()


def spec_text(origin: Origin, found: Profile, choices: Choices) -> str:
    """A whole mlops.yaml."""
    lines = [*_top(origin, found), *_data(origin, found, choices), *_model(found, choices)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def dataset_name(path: str) -> str:
    """The name of the dataset in a file."""
    stem = snake(path.rsplit("/", 1)[-1].split(".", 1)[0])
    if stem[:1].isdigit():
        stem = f"data_{stem}"
    return stem if stem and is_good(stem) else f"{stem or 'table'}_rows"


def model_name(label: Column) -> str:
    """The name of the model that predicts ``label``."""
    name = kebab(label.name)
    return name if len(name) > 1 and name not in RESERVED else f"predict-{name}"


def _top(origin: Origin, found: Profile) -> Iterator[str]:
    columns = len(found.columns) + len(found.empty)
    if found.sampled:
        yield f"# Begun by `mlopsc init` from {origin.given}, {columns} columns: it is large, and every figure below is"
        yield f"# that of a sample of {found.rows:,} rows. A later row may say otherwise; the first run will tell."
    else:
        yield f"# Begun by `mlopsc init` from {origin.given}: {found.rows:,} rows, {columns} columns."
    yield "# Correct what a file cannot say about itself, then: mlopsc check, mlopsc compile, mlopsc run"
    yield "# `mlopsc show` prints this with every default filled in."
    if origin.changes:
        yield f"# {origin.path} is a cleaned copy, because of the original: {'; '.join(origin.changes)}."
    yield "version: 1"
    yield ""
    yield "project:"
    yield f"  name: {kebab(dataset_name(origin.path))}"
    yield ""


def _data(origin: Origin, found: Profile, choices: Choices) -> Iterator[str]:
    yield "data:"
    yield f"  {dataset_name(origin.path)}:"
    yield f"    source: {_source(origin.path)}"
    if choices.key:
        counted = f"{found.rows:,} of {found.rows:,} values are unique"
        yield commented(f"    key: {choices.key[0]}", f"{counted}: what a prediction is remembered by")
    else:
        yield "    # no column is different in every row; name some that are together: key: [a, b]"
    if choices.time:
        yield commented(f"    time: {choices.time}", "when the row happened: the split and the windows go by it")
    yield "    columns:"
    for column in found.columns:
        yield _column(column, choices)
    yield from (f"      # {_clean(header) or '(no name)'}: {why}" for header, why in found.empty)
    yield "    checks:"
    yield commented(f"      - {{kind: row_count, min: {max(1, found.rows // 2)}}}", "half of the rows of now")
    if choices.key:
        yield "      - {kind: duplicate_keys}"
    yield ""


def _source(path: str) -> str:
    """The path, and the kind where its ending does not say it."""
    if path.lower().endswith(KNOWN_ENDINGS):
        return scalar(path)
    kind = next((kind for ending, kind in ENDINGS.items() if path.lower().endswith(f"{ending}.gz")), "csv")
    return f"{{kind: {kind}, path: {scalar(path)}}}"


def _column(column: Column, choices: Choices) -> str:
    name = json.dumps(column.name) if column.name.lower() in YAML_WORDS else column.name
    reason = choices.left_out.get(column.name)
    if reason:
        return commented(f"      # {name}: {_contract(column, choices)}", f"left out: {reason}")
    remarks = []
    if column.header and column.header != column.name:
        remarks.append(f"was {json.dumps(column.header, ensure_ascii=False)}")
    if column is choices.label.column:
        remarks.append("the label")
    remarks += _remarks(column)
    return commented(f"      {name}: {_contract(column, choices)}", "; ".join(remarks))


def _remarks(column: Column) -> Iterator[str]:
    """What the values say for the contract; of personal ones, nothing but that they are."""
    if column.personal:
        yield f"personal: {column.personal.what}, {column.personal.why}; no feature, and in no report"
    if column.nulls:
        yield f"missing in {column.nulls:,} of {column.rows:,} rows"
    if column.personal:
        return
    if _is_category(column):
        yield f"{column.distinct} values only"
    elif column.pattern:
        yield f"each of {column.distinct:,} values is {column.looks}"
    elif column.low is not None and column.type in {"integer", "float"}:
        yield _from_to(column)
    elif column.unique and column.type == "string":
        yield f"{column.distinct:,} of {column.rows:,} values are unique"
    elif column.type == "string":
        yield f"{column.distinct:,} different texts"


def _from_to(column: Column) -> str:
    comma = "" if "year" in words(column.name) else ","
    low, high = (
        f"{value:{comma}}" if isinstance(value, int) else f"{value:,.6g}" for value in (column.low, column.high)
    )
    return f"always {low}" if column.low == column.high else f"{low} to {high}"


def _clean(text: str) -> str:
    """A header as a comment can hold it."""
    return json.dumps(text, ensure_ascii=False) if text != text.strip() or not text.isprintable() else text


def _contract(column: Column, choices: Choices) -> str:
    parts = []
    if column.name in choices.key:
        parts.append("unique: true")
    if column.personal:
        parts.append("pii: true")
    elif _is_category(column):
        parts.append(f"allowed: [{', '.join(scalar(str(value)) for value, _ in sorted(column.values))}]")
    elif column.pattern:
        parts.append(f"pattern: {json.dumps(column.pattern)}")
    else:
        parts += _bounds(column, choices)
    if not parts:
        return column.type + ("?" if column.nulls else "")
    nullable = ["nullable: true"] if column.nulls else []
    return "{" + ", ".join([f"type: {column.type}", *nullable, *parts]) + "}"


def _bounds(column: Column, choices: Choices) -> list[str]:
    """Bounds that the name of a number gives a reason for; what is only seen in these rows stays a remark."""
    if column.type not in {"integer", "float"} or column.low is None or column.name in choices.key:
        return []
    name = snake(column.name)
    low, high = vocabulary.CALENDAR.get(name, (None, None))
    if low is not None and high is not None and low <= column.low and column.high <= high:
        return [f"min: {low}", f"max: {high}"]
    parts = words(column.name)
    if parts & vocabulary.SHARES and column.low >= 0 and 0 < column.high <= 100:  # noqa: PLR2004  (per cent)
        return ["min: 0", f"max: {1 if column.high <= 1 else 100}"]
    return ["min: 0"] if parts & vocabulary.COUNTED and column.low >= 0 else []


def _is_category(column: Column) -> bool:
    """Whether a new value would be a surprise."""
    few = 1 < column.distinct <= MOST_ALLOWED and column.distinct * ROWS_PER_VALUE <= column.rows
    short = sum(len(str(value)) for value, _ in column.values) <= MOST_LETTERS
    return column.type == "string" and few and short and not column.personal


def _model(found: Profile, choices: Choices) -> Iterator[str]:
    label = choices.label
    yield "models:"
    yield f"  {model_name(label.column)}:"
    yield f"    task: {label.task}"
    text = label.sql if label.sql == label.column.name else f"{{sql: {json.dumps(label.sql, ensure_ascii=False)}}}"
    yield commented(f"    label: {text}", _about_label(label))
    if label.others:
        yield "    # What else could be predicted (label: …), the likeliest first:"
        for other in label.others:
            why = f", {other.why}" if other.why else ""
            yield f"    #   {other.column.name}: {other.task}{why}"
    if choices.time:
        yield commented("    split: {by: time, validation: 15%, test: 15%}", "the newest rows judge the model")
    elif label.task == REGRESSION:
        yield commented("    split: {by: random, validation: 15%, test: 15%}", _why_random(choices))
    else:
        yield commented("    split: {by: random, stratify: true, validation: 15%, test: 15%}", _why_random(choices))
    yield "    train:"
    yield commented(f"      estimator: {choices.estimator}", _about_estimator(found.rows))
    yield "      seed: 0"
    yield "    gates:"
    yield commented(*_gate(label))
    yield "    # To answer requests over HTTP, say where CI pushes the image, and compile again:"
    yield "    #   images: {registry: ghcr.io/your-name}             at the top level"
    yield "    #   deploy: {api: {}}                                 here"


def _about_label(label: Label) -> str:
    parts = []
    if label.positive is not None:
        parts.append("true is what you want to find")
    if label.column.nulls:
        parts.append("rows without it are dropped and counted")
    if label.why:
        parts.append(f"chosen because it is {label.why}; init --label COLUMN names another")
    return "; ".join(parts)


def _why_random(choices: Choices) -> str:
    by = "by the hash of the key: a row never changes sides" if choices.key else "by the hash of the row"
    return f"no time column; {by}"


def _about_estimator(rows: int) -> str:
    return (
        "few rows: a forest needs no tuning" if rows < SMALL else "fast on many rows, takes missing values as they are"
    )


def _gate(label: Label) -> tuple[str, str]:
    """The least that a model must do; raising it is the first thing to do with a spec."""
    if label.task == BINARY:
        return "      - {metric: roc_auc, min: 0.5}", "better than chance; raise it when you know more"
    if label.task == REGRESSION:
        return "      - {metric: r2, min: 0}", "better than always saying the mean; raise it when you know more"
    value, count = label.column.values[0]
    share = count / (label.column.rows - label.column.nulls)
    return (
        f"      - {{metric: accuracy, min: {share:.2f}}}",
        f"better than always saying {value}; raise it when you know more",
    )


def commented(text: str, comment: str) -> str:
    """A line with its comment at a common column."""
    return f"{text.ljust(COMMENT_COLUMN)}  # {comment}" if comment else text


def scalar(text: str) -> str:
    """A text as a YAML scalar inside a flow collection."""
    plain = PLAIN.fullmatch(text) or re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]*[A-Za-z_]", text)
    safe = plain and text.lower() not in YAML_WORDS
    return text if safe else json.dumps(text, ensure_ascii=False)
