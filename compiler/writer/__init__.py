"""The only part that writes: new files at once, hand edits kept, nothing outside the two roots."""

from .compiling import (
    WRITES,
    Action,
    Change,
    Rendered,
    Roots,
    alone,
    compare,
    is_current,
    lock_text,
    read_lock,
    write,
)
from .replacing import replace_text

__all__ = [
    "WRITES",
    "Action",
    "Change",
    "Rendered",
    "Roots",
    "alone",
    "compare",
    "is_current",
    "lock_text",
    "read_lock",
    "replace_text",
    "write",
]
