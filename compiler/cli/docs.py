"""The generated pages of the documentation: ``python -m mlopsc.cli.docs --write``."""

from __future__ import annotations

from pathlib import Path

import click

from . import codes, commands_page, language_page, mistakes

FOLDER = Path("docs")
PAGES = {
    "commands.md": commands_page.document,
    "diagnostics.md": codes.document,
    "language.md": language_page.document,
    "mistakes.md": mistakes.document,
}


@click.command()
@click.option("--write", is_flag=True, help="Write the pages; without it, exit 1 where one is not current.")
def command(*, write: bool) -> None:
    """Write the generated pages below docs/ again, or say which are not current."""
    stale = []
    for name, make in PAGES.items():
        page, text = FOLDER / name, make()
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if write:
            FOLDER.mkdir(exist_ok=True)
            page.write_text(text, encoding="utf-8", newline="\n")
    if stale and not write:
        raise click.ClickException(f"not current: {', '.join(stale)}; run `make docs`")


if __name__ == "__main__":
    command()
