"""``mlopsc explain``: a diagnostic at length, with an example that fails and its passing twin."""

from __future__ import annotations

import click


@click.command()
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain the diagnostic CODE, such as MLC203; without a code, list them all.

    Exit codes: 0 fine, 2 there is no such code.
    """
    from ..diagnostics import UsageError  # noqa: PLC0415  (so that --help is instant)
    from ..suggest import suggest  # noqa: PLC0415
    from .codes import all_codes, codes_of_plug_ins, explanation, listing  # noqa: PLC0415

    if code is None:
        click.echo(listing(), nl=False)
        return
    codes = {found.code: found for found in (*all_codes(), *codes_of_plug_ins())}
    wanted = code.upper()
    if wanted not in codes:
        near = suggest(wanted, codes)
        raise UsageError(
            f"there is no diagnostic '{code}'"
            + (f"; did you mean '{near}'?" if near else "; `mlopsc explain` lists them all")
        )
    click.echo(explanation(codes[wanted]), nl=False)
