"""The site is built without network and asks for nothing on the network; what is linked is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mlopsc.cli.codes import all_codes
from mlopsc.cli.language_page import anchor_of
from mlopsc.compose import compose
from mlopsc.source import YamlPath

RESOURCES = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}
CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")
ELSEWHERE = re.compile(r"(?:[a-z]+:)?//", re.IGNORECASE)


class Page(HTMLParser):
    """What a page loads, and where one can jump to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: list[str] = []
        for style in re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL):
            self.loads += css(style)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of a resource, and every id."""
        for name, value in attrs:
            if value and name == RESOURCES.get(tag):
                self.loads.append(value)
            elif value and name == "id":
                self.ids.append(value)
            elif value and name == "style":
                self.loads += css(value)


def css(text: str) -> list[str]:
    """Every address that a style sheet loads."""
    return [first or second for first, second in CSS_URL.findall(text)]


@pytest.fixture(scope="module")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly where there is no network; where that cannot be had, the scan below has to do."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    alone = ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") and subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0:
        command = [*alone, *command]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=repository, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    return folder


def test_site_loads_nothing_from_elsewhere(site: Path) -> None:
    """No font, script, image or style sheet has an address on the network."""
    pages = {file.name: Page(file.read_text(encoding="utf-8")).loads for file in site.rglob("*.html")}
    styles = {file.name: css(file.read_text(encoding="utf-8")) for file in site.rglob("*.css")}
    assert len(pages) > 10
    assert "site.css" in styles
    loaded = [(name, address) for name, found in {**pages, **styles}.items() for address in found]
    assert [pair for pair in loaded if ELSEWHERE.match(pair[1])] == []


def test_pictures_load_nothing_from_elsewhere(site: Path) -> None:
    """A drawing names neither a font file nor another picture."""
    for file in site.rglob("*.svg"):
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text, file.name


def test_every_diagnostic_has_its_anchor(site: Path) -> None:
    """``diagnostics.html#mlc203`` leads to MLC203, once."""
    ids = Page((site / "diagnostics.html").read_text(encoding="utf-8")).ids
    assert [code.code for code in all_codes() if ids.count(code.code.lower()) != 1] == []


def test_every_key_of_a_spec_has_its_anchor(site: Path, repository: Path) -> None:
    """Each place of the spec that uses the whole language leads to a place of the page."""
    ids = Page((site / "language.html").read_text(encoding="utf-8")).ids
    places: set[YamlPath] = set(compose(repository / "tests" / "fixtures" / "flight-delays.mlops.yaml").sources.entries)
    assert len(places) > 200
    assert {anchor_of(place) for place in places} - set(ids) == set()
    assert sorted({name for name in ids if ids.count(name) > 1}) == []


def test_anchor_leaves_out_the_names_of_the_user() -> None:
    """Names and positions in a list are no part of the language."""
    assert anchor_of(("models", "late-arrival", "train", "seed")) == "models-train-seed"
    assert anchor_of(("models", "train", "gates", 0, "metric")) == "models-gates-metric"
    assert anchor_of(("data", "data", "columns", "columns", "type")) == "data-columns-type"


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_search_works_without_a_server(site: Path, tmp_path: Path) -> None:
    """Opened from a folder, the search finds the diagnostic that is looked for."""
    browser = ["chromium", "--headless=new", "--no-sandbox", f"--user-data-dir={tmp_path}", "--dump-dom"]
    command = [*browser, "--virtual-time-budget=20000", f"{(site / 'index.html').as_uri()}?q=MLC203"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert "<mark>MLC203:</mark> unknown column" in shown
