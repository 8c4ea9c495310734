"""Which change of a source makes a step stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlopsc.runner.fingerprint import Fingerprints


@pytest.fixture
def prints(tmp_path: Path) -> Fingerprints:
    """The fingerprints of an empty project."""
    (tmp_path / "project" / "data").mkdir(parents=True)
    return Fingerprints(tmp_path / "project", tmp_path / "home", tmp_path / "memory.json")


def test_variable_in_a_path_is_what_it_stands_for(
    prints: Fingerprints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, a glob, or an address whose content nobody can know; unset, there is nothing."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_text("a\n1\n")
    assert prints.of("${DATA}/a.csv") == "absent"
    monkeypatch.setenv("DATA", str(tmp_path / "elsewhere"))
    first = prints.of("${DATA}/a.csv"), prints.of("${DATA}/?.csv")
    assert "absent" not in first
    (tmp_path / "elsewhere" / "a.csv").write_text("a\n2\n")
    prints.look_again()
    second = prints.of("${DATA}/a.csv"), prints.of("${DATA}/?.csv")
    assert first[0] != second[0]
    assert first[1] != second[1]
    monkeypatch.setenv("DATA", "s3://acme")
    assert prints.of("${DATA}/a.csv") != prints.of("${DATA}/a.csv")


def test_file_that_comes_into_a_folder_or_a_glob_is_a_change(prints: Fingerprints, tmp_path: Path) -> None:
    """Also in a partition of its own."""
    places = ("data", "data/**/*.csv", "data/m=[12]/*.csv")
    before = [prints.of(place) for place in places]
    (tmp_path / "project" / "data" / "m=1").mkdir()
    (tmp_path / "project" / "data" / "m=1" / "a.csv").write_text("a\n1\n")
    prints.look_again()
    assert all(one != prints.of(place) for one, place in zip(before, places, strict=True))
