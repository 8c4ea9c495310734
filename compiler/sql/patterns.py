"""Patterns of LIKE and of regular expressions: which of them mean the same in DuckDB and in Python."""

from __future__ import annotations

import re

from .functions import _lower

# What RE2 and Python's re read alike: ASCII characters, the dot, sets without classes, digits, anchors, groups, counts.
_COMMON = re.compile(
    r"""(?:
        [A-Za-z0-9 _,:;@#%&=!"'<>~`/-]          # itself
      | \\[.^$*+?()\[\]{}|/\\-]                  # itself
      | \\d
      | [.^$|]
      | \((?:\?:)?
      | \)
      | \[\^?(?:[A-Za-z0-9 _,:;@#%=!"'<>~/.+*?]|(?<=[A-Za-z0-9])-(?=[A-Za-z0-9]))+\]
    )(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})?""",
    re.VERBOSE,
)


def regular(pattern: str) -> str:
    """The regular expression of a LIKE pattern: DuckDB has no escape but the one that is asked for."""
    marks = {"%": ".*", "_": "."}
    return "".join(marks.get(letter) or re.escape(letter) for letter in re.sub("%+", "%", pattern))


def lowered(pattern: str) -> str:
    """The pattern in lower case, as DuckDB compares it with ILIKE."""
    return _lower(pattern)


def is_common(pattern: str) -> bool:
    """Whether both languages read the pattern alike."""
    position = 0
    while position < len(pattern):
        found = _COMMON.match(pattern, position)
        if found is None or found.end() == position:
            return False
        position = found.end()
    return broken(pattern) is None


def broken(pattern: str) -> str | None:
    """What no language can read in the pattern: a bracket that is not closed, nothing to repeat."""
    try:
        re.compile(pattern)
    except re.error as error:
        plain = ("unterminated", "missing )", "unbalanced", "nothing to repeat", "bad character range")
        return error.msg if error.msg.startswith(plain) else None
    except (OverflowError, RecursionError):
        return None
    return None


def in_python(pattern: str) -> str:
    """A common pattern for Python's re: its dollar would also match before a line end."""
    return re.sub(r"\\.|\$", lambda found: r"\Z" if found[0] == "$" else found[0], pattern)
