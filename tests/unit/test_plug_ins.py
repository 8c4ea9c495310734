"""Targets of installed packages, by the command line of a process that finds them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TARGET = """\
from mlopsc.targets.codes import TargetCode

class Extra:
    name = "extra"
    serves = (("deploy", "extra"),)
    codes = (TargetCode(code="EXTR101", title="too much", explanation="It has no room."),)
"""


def explain(site: Path, target: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``mlopsc explain`` where a package with this module is installed."""
    info = site / "extra-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extra\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[mlopsc.targets]\nextra = extra_target:Extra\n")
    (site / "extra_target.py").write_text(target)
    command = [sys.executable, "-c", "from mlopsc.cli import main; main()", "explain", *arguments]
    environment = os.environ | {"PYTHONPATH": str(site)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_explain_knows_the_codes_of_an_installed_target(tmp_path: Path) -> None:
    """What a plug-in says of its codes is told, though it has no example."""
    done = explain(tmp_path, TARGET, "extr101")
    assert (done.returncode, done.stdout) == (0, "EXTR101: too much (error)\n\nIt has no room.\n")


def test_explain_lists_the_codes_of_an_installed_target(tmp_path: Path) -> None:
    """They come last in the list, below a heading of their own."""
    assert "\nInstalled targets:\n  EXTR101  too much\n" in explain(tmp_path, TARGET).stdout


def test_broken_target_is_named_with_its_package(tmp_path: Path) -> None:
    """A package that fails as it is loaded is no crash of ours."""
    done = explain(tmp_path, "import missing_library\n", "EXTR101")
    assert (done.returncode, done.stderr) == (
        1,
        (
            "error: the target 'extra' of the package 'extra' cannot be loaded: "
            "ModuleNotFoundError: No module named 'missing_library'\n"
            "  help: upgrade the package, or remove it: pip uninstall extra\n"
        ),
    )
