"""Links of every Markdown page, on the site or beside the code: files and anchors are there, the rest is listed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
LISTED = Path(__file__).with_name("external-links.txt")


def pages() -> list[str]:
    """Every Markdown page of the repository that is written for people."""
    found = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), *REPOSITORY.glob("examples/*/README.md")]
    return sorted(page.relative_to(REPOSITORY).as_posix() for page in [*found, *REPOSITORY.glob("benchmarks/*.md")])


def links(page: str) -> list[str]:
    """The targets of the links of a page, code left out."""
    text = FENCED.sub("", (REPOSITORY / page).read_text(encoding="utf-8"))
    return LINK.findall(re.sub(r"`[^`\n]*`", "", text))


def anchors(page: Path) -> set[str]:
    """Every fragment of a page: its ids, and its headings as GitHub and as the site write them."""
    text = page.read_text(encoding="utf-8")
    found = set(re.findall(r'id="([^"]+)"', text))
    for heading in re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE):
        plain = re.sub(r"[^\w\s-]", "", re.sub(r"<[^>]*>", "", heading)).strip().lower()
        found |= {plain.replace(" ", "-"), re.sub(r"[-\s]+", "-", plain)}
    return found


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    """Every relative link names a file of this repository, and an anchor that is in it."""
    broken = []
    for link in links(page):
        file, _, fragment = link.partition("#")
        target = (REPOSITORY / page).parent / file if file else REPOSITORY / page
        if "://" in link or link.startswith("mailto:"):
            continue
        if not target.exists() or (fragment and target.suffix == ".md" and fragment not in anchors(target)):
            broken.append(link)
    assert broken == []


def test_links_to_the_network_are_the_listed_ones() -> None:
    """Nobody fetches them here, so a new one is looked at when it is added to the list."""
    found = sorted({link for page in pages() for link in links(page) if "://" in link})
    assert found == LISTED.read_text(encoding="utf-8").split()


def test_links_of_the_site_stay_on_the_site() -> None:
    """A page of the site links to other pages and to the network, never up into the repository."""
    upward = [
        f"{page}: {link}" for page in pages() if page.startswith("docs/") for link in links(page) if "../" in link
    ]
    assert upward == []
