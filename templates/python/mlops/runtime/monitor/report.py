"""A report to look at: one HTML file with everything in it, no script, nothing from the network."""

from __future__ import annotations

from html import escape

import numpy as np

from ..core.console import cell
from .drift import Bars
from .verdicts import HEADERS, Conclusion, Measure, rows

PICTURES = 6
MOST_BARS = 20
BAR, GAP, HEIGHT, WIDTH = 12, 6, 120, 640
LONGEST_LABEL = 14

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1d2733 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .6rem }
tr { border-bottom: 1px solid #dde3ea } td.number { text-align: right; font-variant-numeric: tabular-nums }
.ok { color: #1a7f37 } .breached { color: #b42318; font-weight: 600 } .insufficient { color: #8a6d00 }
svg { width: 100%; height: auto } svg text { font: 9px system-ui, sans-serif; fill: #445 }
figure { margin: 1.5rem 0 } .reference { fill: #9db4cc } .current { fill: #d9622b }
@media (prefers-color-scheme: dark) { body { background: #14181d; color: #dde3ea } svg text { fill: #abc } }
"""


def html(conclusion: Conclusion) -> str:
    """The conclusion as a page: verdict, windows, every measure, and the columns that moved most as bars."""
    monitor, newest = conclusion.monitor, conclusion.newest
    title = f"{monitor.name}: {conclusion.verdict}"
    about = (
        f"<p>{escape(monitor.kind)} of model <b>{escape(monitor.model)}</b>, {escape(str(newest.window))}, "
        f"{newest.rows:,} predictions. {escape(conclusion.sentence)}</p>"
    )
    body = [
        f"<h1>{escape(monitor.name)}: <span class='{conclusion.verdict}'>{conclusion.verdict}</span></h1>",
        about,
        _table(("window", "predictions", "verdict"), [[str(w.window), w.rows, w.verdict] for w in conclusion.windows]),
        "<h2>Measures</h2>",
        _table(HEADERS, rows(conclusion.windows)),
    ]
    pictured = [measure for measure in newest.measures if isinstance(measure.picture, Bars)][:PICTURES]
    if pictured:
        body.append("<h2>What moved most</h2>")
        body.append("<p>Share of rows per bin: grey as in training, orange in this window.</p>")
        body += [_figure(measure) for measure in pictured]
    head = f"<meta charset='utf-8'><title>{escape(title)}</title><style>{STYLE}</style>"
    return f"<!doctype html><html lang='en'><head>{head}</head><body>{''.join(body)}</body></html>\n"


def _table(headers: tuple[str, ...], lines: list[list[object]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in headers)
    body = "".join("<tr>" + "".join(_cell(value) for value in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: object) -> str:
    text = escape(cell(value))
    if isinstance(value, int | float):
        return f"<td class='number'>{text}</td>"
    known = text in {"ok", "breached", "insufficient"}
    return f"<td class='{text}'>{text}</td>" if known else f"<td>{text}</td>"


def _figure(measure: Measure) -> str:
    caption = f"<figcaption><b>{escape(measure.name)}</b> {cell(measure.value)} ({escape(measure.bound)})</figcaption>"
    return f"<figure>{caption}{_svg(measure.picture)}</figure>"


def _svg(bars: Bars) -> str:
    shown = _largest(bars)
    step = max(2 * BAR + GAP, WIDTH // len(shown))
    tallest = max(bars.reference.max(), bars.current.max(), 1e-9)
    parts = []
    for place, i in enumerate(shown):
        left = place * step
        for offset, kind, share in ((0, "reference", bars.reference[i]), (BAR, "current", bars.current[i])):
            high = float(share / tallest * HEIGHT)
            box = f"x='{left + offset}' y='{HEIGHT - high:.1f}' width='{BAR}' height='{high:.1f}'"
            tip = f"<title>{escape(bars.labels[i])}: {share:.2%}</title>"
            parts.append(f"<rect class='{kind}' {box}>{tip}</rect>")
        parts.append(_label(bars.labels[i], left))
    return f"<svg viewBox='0 0 {step * len(shown)} {HEIGHT + 70}' role='img'>{''.join(parts)}</svg>"


def _largest(bars: Bars) -> list[int]:
    """The bins with the largest shares, in their order; those that are empty on both sides are left out."""
    largest = np.maximum(bars.reference, bars.current)
    chosen = np.argsort(-largest, kind="stable")[:MOST_BARS]
    return sorted(int(i) for i in chosen if largest[i] > 0)


def _label(text: str, left: int) -> str:
    short = text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
    turned = f"transform='rotate(35 {left} {HEIGHT + 8})'"
    return f"<text x='{left}' y='{HEIGHT + 8}' {turned}>{escape(short)}</text>"
