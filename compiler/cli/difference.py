"""What a compile would change in one file, as a unified diff."""

from __future__ import annotations

import difflib

from ..writer import Action, Change, Rendered, Roots


def difference(change: Change, new: Rendered | None, roots: Roots) -> str:
    """The diff of one file, from what is on disk to what is rendered; empty where they are equal."""
    if change.action in {Action.KEEP, Action.GONE}:
        return ""
    before = _on_disk(change, roots)
    after = new.content.decode().splitlines(keepends=True) if new is not None else []
    source = f"a/{change.path}" if before is not None else "/dev/null"
    target = f"b/{change.path}" if new is not None else "/dev/null"
    lines = difflib.unified_diff(before or [], after, source, target)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _on_disk(change: Change, roots: Roots) -> list[str] | None:
    if change.action is Action.CREATE:
        return None
    content = roots.place(change.path).read_bytes().replace(b"\r\n", b"\n")
    return content.decode(errors="replace").splitlines(keepends=True)
