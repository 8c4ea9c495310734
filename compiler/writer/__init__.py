"""The only part that writes: new files at once, hand edits kept, nothing outside the two roots."""

from .comparing import WRITES, Action, Change, Rendered, compare, read_lock
from .compiling import is_current, lock_text, write
from .holding import alone
from .replacing import replace_text
from .roots import Roots

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
