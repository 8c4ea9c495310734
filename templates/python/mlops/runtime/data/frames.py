# mypy: disable-error-code="import-untyped"
"""Rows as pandas has them, with every value what it was: integers beside nulls stay integers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

ROW = "__row"


def frame(rows: Any) -> pd.DataFrame:
    """An Arrow table or record batch with ``__row`` as a frame that is indexed by it."""
    table = pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows
    return table.to_pandas(types_mapper=_dtype).set_index(ROW)


def comparable(values: Sequence[Any], kind: str) -> list[Any]:
    """The values that a contract allows, in the form that the frame's column of this type has."""
    if kind == "timestamp":
        return [pd.Timestamp(value) for value in values]
    if kind == "date":
        return [date.fromisoformat(str(value)) for value in values]
    return list(values)


def _dtype(kind: pa.DataType) -> Any:
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    return pd.BooleanDtype() if pa.types.is_boolean(kind) else None
