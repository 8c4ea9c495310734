"""Where everything is written first: a folder of its own in each root, from which files are moved into place."""

from __future__ import annotations

import stat
from typing import Self

from .disk import Folder
from .tree import Tree

STAGING = ".mlopsc-staging"


class Staging:
    """The staging folder of one root; made when it is needed, empty when it begins, gone when it ends."""

    def __init__(self, root: Folder) -> None:
        self.root = root
        self._tree: Tree | None = None
        self._begun = False
        self._numbers: dict[str, str] = {}  # the name here of each file or folder that is moved

    def __enter__(self) -> Self:
        clear(self.root, STAGING)  # what a killed compile left
        return self

    def __exit__(self, *failed: object) -> None:
        if self._tree is not None:
            self._close(self._tree)
        if not self._begun:
            return
        try:
            clear(self.root, STAGING)
        except OSError:
            if failed[0] is None:
                raise  # else the first failure is the one to tell, and the next compile clears

    @property
    def tree(self) -> Tree:
        """The folders in it."""
        if self._tree is None:
            self._begun = True
            folder = self.root.make_folder(STAGING)
            self._tree = Tree(folder)
            folder.create(".gitignore", b"*\n")  # what a kill leaves is not committed by accident
        return self._tree

    def create(self, unit: str, rest: str, content: bytes, *, executable: bool, durable: bool) -> None:
        """Write what is moved as ``unit``: a file, or (with ``rest``, that begins with a slash) one in a new folder."""
        number = self._numbers.setdefault(unit, str(len(self._numbers)))
        above, _, name = f"{number}{rest}".rpartition("/")
        self.tree.make(above).create(name, content, 0o777 if executable else 0o666, durable=durable)

    def move(self, unit: str, to: Folder, name: str) -> None:
        """Put a file or a whole new folder in its place."""
        self.tree.make("").move(self._numbers[unit], to, name)

    @staticmethod
    def _close(tree: Tree) -> None:
        tree.forget()
        if tree.root is not None:
            tree.root.close()


def clear(parent: Folder, name: str) -> None:
    """Remove a folder with all that is in it, or a link or file of that name; follows no link."""
    found = parent.status(name)
    if found is None:
        return
    if not stat.S_ISDIR(found.st_mode):
        parent.remove(name)
        return
    with parent.folder(name) as folder:
        for child in folder.names():
            clear(folder, child)
    parent.remove_folder(name)
