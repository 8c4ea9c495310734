"""The pictures of the pages show what the commands print today."""

from __future__ import annotations

import html
import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def script(repository: Path) -> ModuleType:
    """The script that draws."""
    spec = importlib.util.spec_from_file_location("pictures", repository / "docs" / "pictures" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown(svg: str) -> list[str]:
    """The lines of text of a picture, without their spaces."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):  # noqa: S314  (our own file)
        if "clip-path" in text.attrib:
            rows.setdefault(float(text.attrib["y"]), []).append(
                (float(text.attrib["x"]), html.unescape(text.text or ""))
            )
    lines = ("".join(part for _, part in sorted(row)) for _, row in sorted(rows.items()))
    return [line for line in ("".join(line.split()) for line in lines) if line]


def test_picture_of_diagnostics_shows_what_check_prints(repository: Path, script: ModuleType) -> None:
    """Every line of the command's output on a terminal, its colours left out, in order; five diagnostics."""
    printed = re.sub(r"\x1b\[[0-9;]*m", "", script.printed(repository / "docs" / "pictures" / "diagnostics.yaml"))
    lines = ["$mlopsccheck", *("".join(line.split()) for line in printed.splitlines() if line.strip())]
    assert shown((repository / "docs" / "diagnostics.svg").read_text()) == lines
    assert sum(line.startswith("error[") for line in lines) == 5


def test_picture_of_diagnostics_needs_nothing_else(repository: Path) -> None:
    """No font, style or script is fetched from anywhere."""
    svg = (repository / "docs" / "diagnostics.svg").read_text()
    assert re.findall(r"https?://[^\s\"']+", svg) == ["http://www.w3.org/2000/svg"]
    assert "<script" not in svg


def test_drawing_again_gives_the_same_picture(script: ModuleType) -> None:
    """Byte for byte, so that only words that changed make a difference."""
    assert script.drawn("\x1b[1;31merror\x1b[0m: x\n") == script.drawn("\x1b[1;31merror\x1b[0m: x\n")
