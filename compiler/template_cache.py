"""Templates as Python compiled them: kept beside the templates, as Python keeps the bytecode of its modules.

Translating our templates takes longer than filling them in. Nothing is kept where Python keeps nothing either
(``PYTHONDONTWRITEBYTECODE``), or where the installation cannot be written to.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha1
from pathlib import Path

from jinja2 import compiler
from jinja2.bccache import Bucket, BytecodeCache

from . import quoting

HOME = "__pycache__"


class TemplateCache(BytecodeCache):
    """The bytecode of each template, below the folder of all; ``options`` are what else decides it."""

    def __init__(self, folder: Path, options: Sequence[str]) -> None:
        self._home = folder / HOME
        self._known = repr((options, *map(_look, (__file__, quoting.__file__, compiler.__file__))))

    def get_source_checksum(self, source: str) -> str:
        """What one bytecode is good for: this source, these options, this Jinja and these filters."""
        return sha1(f"{self._known}\n{source}".encode(), usedforsecurity=False).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """The bytecode that was kept, if it can be read and is of this template; else it is made again."""
        with suppress(Exception), self._file(bucket).open("rb") as file:  # torn, or not ours: as if it were not there
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bytecode; that it cannot be kept is no error."""
        if sys.dont_write_bytecode:
            return
        file = self._file(bucket)
        temporary = file.with_name(f"{file.name}.{os.getpid()}")
        with suppress(OSError):
            self._home.mkdir(exist_ok=True)
            try:
                temporary.write_bytes(bucket.bytecode_to_string())
                temporary.replace(file)
            finally:
                temporary.unlink(missing_ok=True)

    def _file(self, bucket: Bucket) -> Path:
        return self._home / f"{bucket.key}.{sys.implementation.cache_tag}.jinja"


def _look(path: str | None) -> tuple[int, int]:
    """What tells whether a module is another one."""
    found = os.stat(path or __file__)  # noqa: PTH116
    return found.st_mtime_ns, found.st_size
