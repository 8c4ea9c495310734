"""``mlops.lock``: the path and the digest of every generated file; the only reader and maker of it.

The format is that of ``sha256sum``, so ``sha256sum -c mlops.lock`` checks a project without this compiler.
A path may stand on several lines: while a compile is under way, or after a merge, each digest is one of ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

from .records import record

LOCK_NAME = "mlops.lock"
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


@record
class Lock:
    """The digests of each generated file, by its path relative to the project folder."""

    digests: Mapping[str, frozenset[str]]

    def knows(self, path: str, found: str) -> bool:
        """Whether a file with the digest ``found`` was generated, not edited."""
        return found in self.digests.get(path, frozenset())

    @property
    def text(self) -> str:
        """The lock as it stands on disk, sorted by path."""
        lines = [f"{one}  {path}" for path in sorted(self.digests) for one in sorted(self.digests[path])]
        return "".join(f"{line}\n" for line in lines)


def digest(content: bytes) -> str:
    """The SHA-256 of a text with LF line ends: a checkout with CRLF is no edit."""
    return hashlib.sha256(with_lf(content)).hexdigest()


def with_lf(content: bytes) -> bytes:
    """A text as it was written, however Git checked it out."""
    return content.replace(b"\r\n", b"\n") if b"\r" in content else content


def of(pairs: Iterable[tuple[str, str]]) -> Lock:
    """The lock of paths with their digests."""
    digests: dict[str, set[str]] = {}
    for path, one in pairs:
        digests.setdefault(path, set()).add(one)
    return Lock(digests={path: frozenset(found) for path, found in digests.items()})


def parse(text: str) -> Lock:
    """The lock in ``text``: other lines, such as conflict markers, say nothing; both sides of a conflict count."""
    found = (_LINE.fullmatch(line) for line in text.replace("\r\n", "\n").split("\n"))
    return of((match.group(2), match.group(1)) for match in found if match)
