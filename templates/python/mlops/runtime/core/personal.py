"""What keeps the values of personal columns (``pii: true``) out of messages, logs and reports."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Iterable, Iterator, Mapping

from . import paths
from .config import Column, Feature
from .errors import StepError

HIDDEN = "(personal: not shown)"
QUOTED = re.compile(r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`")
NUMBER = re.compile(r"(?<![\w.])-?\d[\d.,:/-]{3,}(?![\w])")


def shown(value: object, *, pii: bool) -> str:
    """A value as a message has it; that of a personal column is not repeated."""
    return HIDDEN if pii else repr(value)


def personal_columns(columns: Mapping[str, Column]) -> frozenset[str]:
    """The columns that are marked as personal."""
    return frozenset(name for name, column in columns.items() if column.pii)


def personal_features(features: Iterable[Feature], columns: Mapping[str, Column]) -> frozenset[str]:
    """The features that are computed from a personal column of the row itself, or pass one on."""
    marked = personal_columns(columns)
    return frozenset(item.name for item in features if item.kind != "window" and marked.intersection(item.columns))


def masked(message: str) -> str:
    """A message of somebody else's, which may quote a value: without what stands in quotes, and without numbers.

    Only where this project has a personal column; else the message is worth more whole.
    """
    return NUMBER.sub("…", QUOTED.sub("'…'", message)) if guarded() else message


def message(error: StepError) -> str:
    """A failure in words; what another library said about it is masked."""
    foreign = error.__cause__
    if foreign is None or isinstance(foreign, StepError):
        return str(error)
    said = str(foreign).strip().splitlines()
    first = said[0] if said else ""
    text = str(error)
    return text.replace(first, masked(first)) if first and first in text else text


def guarded() -> bool:
    """Whether any dataset of this project has a personal column; to be safe, also where that cannot be read."""
    try:
        return any(_has_personal(json.loads(paths.config_file(name).read_text())) for name in paths.model_names())
    except (OSError, ValueError):
        return True


def _has_personal(config: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Mapping[str, object]]]]]) -> bool:
    datasets = config.get("datasets", {}).values()
    return any(column.get("pii") for dataset in datasets for column in dataset.get("columns", {}).values())


def trace(error: BaseException) -> str:
    """The traceback of an unforeseen failure, causes first; the messages masked where they could quote a person."""
    if not guarded():
        return "".join(traceback.format_exception(error))
    parts = []
    for one in reversed(list(_chain(error))):
        frames = "".join(
            f"  {frame.filename}:{frame.lineno} in {frame.name}\n" for frame in traceback.extract_tb(one.__traceback__)
        )
        parts.append(f"{frames}{type(one).__name__}: {masked(str(one))}\n")
    return "\n".join(parts)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
