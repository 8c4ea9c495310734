"""A spec is mended in place: as a whole, only if it is still what was read, and never outside the repository."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mlopsc.diagnostics import MlopscError
from mlopsc.writer import replace_text

NAME = "ü" * 127 + "x"  # 255 bytes, the longest that a file system takes


@pytest.mark.parametrize("name", ["mlops.yaml", NAME])
def test_replace_text_puts_the_new_content_and_keeps_the_mode(tmp_path: Path, name: str) -> None:
    """Whoever could read the file before can read it after; nothing else is left in the folder."""
    spec = tmp_path / name
    spec.write_bytes(b"version: 1\r\n")
    spec.chmod(0o640)
    replace_text(spec, b"version: 1\r\n", b"version: 2\r\n")
    assert spec.read_bytes() == b"version: 2\r\n"
    assert stat.S_IMODE(spec.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_replace_text_refuses_a_file_that_changed_meanwhile(tmp_path: Path) -> None:
    """An edit that was saved after the check is not lost."""
    spec = tmp_path / "mlops.yaml"
    spec.write_bytes(b"version: 1\n# mine\n")
    with pytest.raises(MlopscError, match=r"mlops\.yaml was changed by somebody else meanwhile; it is left as it is"):
        replace_text(spec, b"version: 1\n", b"version: 2\n")
    assert spec.read_bytes() == b"version: 1\n# mine\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mlops.yaml"]


def test_replace_text_follows_a_link_within_the_repository_only(tmp_path: Path) -> None:
    """The file behind a link is changed and the link stays; a file outside of the Git root is not touched."""
    project = tmp_path / "repo" / "ml"
    project.mkdir(parents=True)
    (tmp_path / "repo" / ".git").write_text("gitdir: elsewhere\n")
    for folder in (tmp_path / "repo", tmp_path):
        (folder / "real.yaml").write_bytes(b"one\n")
    spec = project / "mlops.yaml"
    spec.symlink_to("../real.yaml")
    replace_text(spec, b"one\n", b"two\n")
    assert (tmp_path / "repo/real.yaml").read_bytes() == b"two\n"
    assert spec.is_symlink()
    spec.unlink()
    spec.symlink_to("../../real.yaml")
    with pytest.raises(MlopscError, match=r"is a symbolic link to .*real\.yaml, outside of this repository"):
        replace_text(spec, b"one\n", b"two\n")
    assert (tmp_path / "real.yaml").read_bytes() == b"one\n"


def test_replace_text_says_why_a_file_cannot_be_written(tmp_path: Path) -> None:
    """What is missing, a folder and a loop of links are named with what the system says."""
    with pytest.raises(
        MlopscError, match=r"cannot read .*no\.yaml: No such file or directory; .*no\.yaml is unchanged"
    ):
        replace_text(tmp_path / "no.yaml", b"", b"")
    (tmp_path / "folder").mkdir()
    with pytest.raises(MlopscError, match=r"folder is not a file; nothing was changed"):
        replace_text(tmp_path / "folder", b"", b"")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(MlopscError, match=r"cannot read .*loop: Too many levels of symbolic links"):
        replace_text(tmp_path / "loop", b"", b"")
