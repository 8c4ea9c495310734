"""Draw ``docs/diagnostics.svg``: what ``mlopsc check`` prints on a terminal about a spec with five mistakes.

``make pictures`` runs it; the words and colours are those of the command itself, run on a terminal of its own.
"""

from __future__ import annotations

import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from fcntl import ioctl
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

HERE = Path(__file__).resolve().parent
PICTURE = HERE.parent / "diagnostics.svg"
COLUMNS = 112
NAME = "diagnostics"

# Dark, with colours that keep a contrast of 4.5 to the background (WCAG 2.2, 1.4.3).
THEME = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [
        *((72, 79, 88), (255, 123, 114), (63, 185, 80), (227, 179, 65)),
        *((88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)),
    ],
    [
        *((110, 118, 129), (255, 161, 152), (86, 211, 100), (242, 204, 96)),
        *((121, 192, 255), (210, 168, 255), (86, 212, 221), (240, 246, 252)),
    ],
)
FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>mlopsc check finds five mistakes in one run</title>
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; white-space: pre; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: ui-sans-serif, system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def printed(spec: Path, columns: int = COLUMNS) -> str:
    """What ``mlopsc check`` prints about a spec on a terminal of so many columns, with its colours."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    variables = {name: text for name, text in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm-256color"}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(spec, Path(folder) / "mlops.yaml")
        command = [sys.executable, "-m", "mlopsc", "check", folder]
        with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=variables):
            os.close(theirs)
            parts = []
            try:
                while part := os.read(ours, 65_536):
                    parts.append(part)
            except OSError:  # the other end is closed
                pass
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


def drawn(text: str) -> str:
    """The picture of a terminal that shows ``text``."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text("$ ", style="bold green").append("mlopsc check", style="bold white"))
    console.print(Text.from_ansi(text.rstrip("\n")), soft_wrap=True)
    svg = console.export_svg(title="mlopsc check", theme=THEME, code_format=FORMAT, unique_id=NAME)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(drawn(printed(HERE / "diagnostics.yaml")), encoding="utf-8")
