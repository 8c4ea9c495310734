"""``mlopsc init``: a commented spec from a data file, or a copy of an example."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..diagnostics import MlopscError, UsageError

if TYPE_CHECKING:
    from ..infer.profile import Profile

SPEC = "mlops.yaml"
EXAMPLES = ("penguins", "diabetes", "own-training", "flight-delays")
GENERATED = ("mlops", "mlops.lock", ".mlops", "__pycache__", "*.parquet", "*.zip")
"""What may lie in an example's folder without being part of it."""


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option(
    "--from", "file", metavar="FILE", type=click.Path(path_type=Path), help="A CSV, Parquet or JSON file with the rows."
)
@click.option("--label", metavar="COLUMN", help="The column to predict; else the likeliest one is chosen.")
@click.option("--example", type=click.Choice(EXAMPLES), help="Copy an example with everything in it.")
def command(folder: Path, file: Path | None, label: str | None, example: str | None) -> None:
    """Write a commented mlops.yaml from a data file, or copy an example.

    The file is looked at with DuckDB: columns, types, what identifies a row, when it happened, what could be predicted.
    A file that the generated code could not read as it stands (headers, dates, encoding) gets a cleaned copy in data/.
    """
    if (file is None) == (example is None):
        raise UsageError(
            "start from a data file or from an example\n  help: mlopsc init --from FILE, or --example NAME"
        )
    if (folder / SPEC).exists():
        raise UsageError(f"{folder / SPEC} is there already, and init never overwrites\n  help: name another folder")
    folder.mkdir(parents=True, exist_ok=True)
    if example is not None:
        _copy_example(example, folder)
    elif file is not None:
        _from_file(file, folder, label)


def _from_file(file: Path, folder: Path, label: str | None) -> None:
    from ..infer.start import start  # noqa: PLC0415  (only this needs the data's libraries)

    begun = start(file, folder, label)
    target = folder / SPEC
    target.write_text(begun.text, encoding="utf-8", newline="\n")
    if begun.remark:
        click.echo(begun.remark)
    chosen = begun.choices.label
    rows = f"{begun.profile.rows:,} rows{' looked at, a sample' if begun.profile.sampled else ''}"
    click.echo(f"wrote {target}: {rows}, {len(begun.profile.columns)} columns")
    click.echo(f"predicts {chosen.sql} ({chosen.task}) with {begun.choices.estimator}")
    _warn_of_persons(begun.profile)
    _next(folder, "read its comments")


def _warn_of_persons(found: Profile) -> None:
    for column in found.columns:
        if column.personal:
            said = f"{column.personal.what}, {column.personal.why}"
            click.echo(f"warning: '{column.name}' looks personal ({said}): written as pii: true", err=True)


def _copy_example(name: str, folder: Path) -> None:
    with as_file(files("mlopsc.examples") / name) as source:
        if not source.is_dir():
            raise MlopscError(f"the example {name} is missing from this installation\n  help: install mlopsc again")
        ignore = shutil.ignore_patterns(*GENERATED)
        clash = [p for p in source.rglob("*") if p.is_file() and (folder / p.relative_to(source)).exists()]
        if clash:
            raise UsageError(f"{folder / clash[0].relative_to(source)} is there already\n  help: name another folder")
        shutil.copytree(source, folder, ignore=ignore, dirs_exist_ok=True)
    click.echo(f"copied the example {name} to {folder}")
    if (folder / "Makefile").exists():
        click.echo("its data is fetched by: make data PYTHON=python")
    _next(folder, "read its README.md")


def _next(folder: Path, first: str) -> None:
    change = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    click.echo(f"next: {first}, then {change}mlopsc check && mlopsc compile && mlopsc run")
