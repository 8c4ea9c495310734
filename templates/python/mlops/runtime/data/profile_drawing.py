"""The pictures of a profile, as SVG that stands in the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from .profile_figures import Figures, shown
from .profile_links import Course, Link, Periods

WIDTH, HEIGHT, ROW = 340, 92, 19
LONGEST = 22
MOST_HEAT_ROWS = 40
SHIFTED, MOVING = 0.2, 0.1
WIDE = 48
"""A column of periods so wide takes a whole date."""


def distribution(one: Figures) -> str:
    """Bars standing side by side for numbers and moments, lying for words."""
    if not one.bars or not one.filled:
        return ""
    lying = one.type in {"string", "boolean"}
    return _lying(one) if lying else _standing(one)


def _standing(one: Figures) -> str:
    most = max(bar.rows for bar in one.bars) or 1
    step = WIDTH / len(one.bars)
    parts = []
    for place, bar in enumerate(one.bars):
        high = bar.rows / most * HEIGHT
        tip = f"<title>{_e(bar.label)}: {bar.rows:,} rows, {bar.rows / one.filled:.1%}</title>"
        left, wide = place * step + 0.5, max(step - 1, 0.6)
        parts.append(
            f"<rect class='b' x='{left:.1f}' y='{HEIGHT - high:.1f}' "
            f"width='{wide:.1f}' height='{high:.1f}'>{tip}</rect>"
        )
    first, last = one.bars[0], one.bars[-1]
    ends = (_short(first.label.removeprefix("below ").split(" to ")[0]), _short(last.label.split(" to ")[-1]))
    parts.append(f"<line class='axis' x1='0' x2='{WIDTH}' y1='{HEIGHT}' y2='{HEIGHT}'/>")
    parts.append(f"<text x='0' y='{HEIGHT + 13}'>{_e(ends[0])}</text>")
    parts.append(f"<text class='end' x='{WIDTH}' y='{HEIGHT + 13}'>{_e(ends[1].removeprefix('above '))}</text>")
    return _svg(HEIGHT + 18, parts, f"distribution of {one.name}")


def _lying(one: Figures) -> str:
    bars = one.bars[:8]
    others = one.filled - sum(bar.rows for bar in bars)
    most = max(bar.rows for bar in bars)
    parts = []
    for place, bar in enumerate(bars):
        y, long = place * ROW, max(bar.rows / most * (WIDTH - 170), 1)
        share = f"{bar.rows / one.filled:.1%}"
        tip = f"<title>{_e(bar.label)}: {bar.rows:,} rows, {share}</title>"
        parts.append(f"<text class='end value' x='112' y='{y + 13}'>{_e(_short(bar.label, 18))}{tip}</text>")
        parts.append(f"<rect class='b' x='118' y='{y + 3}' width='{long:.1f}' height='{ROW - 6}' rx='2'>{tip}</rect>")
        parts.append(f"<text x='{122 + long:.1f}' y='{y + 13}'>{share}</text>")
    high = len(bars) * ROW
    if others > 0:
        parts.append(
            f"<text x='118' y='{high + 12}'>and {one.distinct - len(bars):,} more: {others / one.filled:.1%}</text>"
        )
        high += ROW
    return _svg(high, parts, f"commonest values of {one.name}")


def course(one: Figures, found: Course, spans: Periods) -> str:
    """The middle half of a number and its median per period; the shares of words, stacked."""
    return _band(one, found, spans) if found.bands else _stacked(one, found, spans)


def _band(one: Figures, found: Course, spans: Periods) -> str:
    points = [(place, band) for place, band in enumerate(found.bands) if band is not None]
    if len(points) <= 1:
        return ""
    low, high = min(band[0] for _, band in points), max(band[2] for _, band in points)
    step, reach = WIDTH / max(len(found.bands) - 1, 1), (high - low) or 1.0

    def at(place: int, value: float) -> str:
        return f"{place * step:.1f},{60 - (value - low) / reach * 56:.1f}"

    upper = " ".join(at(place, band[2]) for place, band in points)
    lower = " ".join(at(place, band[0]) for place, band in reversed(points))
    middle = " ".join(at(place, band[1]) for place, band in points)
    tips = [
        f"<circle cx='{place * step:.1f}' cy='{60 - (band[1] - low) / reach * 56:.1f}' r='4' class='b' opacity='.01'>"
        f"<title>{_e(spans.names[place])}: median {_e(shown(band[1]))}, half of the rows between "
        f"{_e(shown(band[0]))} and {_e(shown(band[2]))}</title></circle>"
        for place, band in points
    ]
    parts = [
        f"<polygon class='band' points='{upper} {lower}'/>",
        f"<polyline class='median' points='{middle}'/>",
        *tips,
    ]
    return _svg(76, [*parts, *_time_axis(spans)], f"{one.name} over time")


def _stacked(one: Figures, found: Course, spans: Periods) -> str:
    if not found.words:
        return ""
    step = WIDTH / len(found.shares)
    parts = []
    for place, shares in enumerate(found.shares):
        y = 60.0
        for number, share in enumerate(shares):
            high = share * 58
            y -= high
            tip = f"<title>{_e(spans.names[place])}: {_e(found.words[number])} {share:.1%}</title>"
            box = f"x='{place * step + 0.5:.1f}' y='{y:.1f}' width='{max(step - 1, 0.5):.1f}' height='{high:.1f}'"
            parts.append(f"<rect {box} style='fill:var(--c{number})'>{tip}</rect>")
        parts.append(
            f"<rect class='bg' x='{place * step + 0.5:.1f}' y='2' "
            f"width='{max(step - 1, 0.5):.1f}' height='{max(y - 2, 0):.1f}'/>"
        )
    return _svg(76, [*parts, *_time_axis(spans)], f"{one.name} over time")


def words_key(found: Course) -> str:
    """Which colour is which word."""
    named = "".join(
        f"<span><i style='background:var(--c{number})'></i>{_e(_short(word))}</span>"
        for number, word in enumerate(found.words)
    )
    return f"<div class='key'>{named}</div>" if named else ""


def _time_axis(spans: Periods) -> list[str]:
    return [
        f"<text x='0' y='73'>{_e(spans.names[0])}</text>",
        f"<text class='end' x='{WIDTH}' y='73'>{_e(spans.names[-1])}</text>",
    ]


def ranking(links: Sequence[tuple[str, Link]]) -> str:
    """How much every column says about the label, the most first."""
    parts = []
    for place, (name, link) in enumerate(links):
        y, long = place * ROW, max(link.value * 360, 1)
        sign = {1: "rises with the label", -1: "falls with the label"}.get(link.sign, "")
        tip = f"<title>{_e(name)}: {link.measure} = {link.value:.3f} {sign}</title>"
        colour = "var(--warm)" if link.sign < 0 else "var(--bar)"
        parts.append(f"<text class='end value' x='172' y='{y + 13}'>{_e(_short(name, 26))}{tip}</text>")
        parts.append(
            f"<rect x='180' y='{y + 3}' width='{long:.1f}' height='{ROW - 6}' rx='2' style='fill:{colour}'>{tip}</rect>"
        )
        said = f"{'-' if link.sign < 0 else ''}{link.value:.2f} {link.measure}"
        parts.append(f"<text x='{186 + long:.1f}' y='{y + 13}'>{_e(said)}</text>")
    return _svg(len(links) * ROW + 4, parts, "what says most about the label", wide=620)


def correlations(names: Sequence[str], values: Mapping[tuple[int, int], float]) -> str:
    """A square per pair of numbers: blue where they rise together, orange where one falls as the other rises."""
    size, left = 34, 150
    parts = []
    for i, name in enumerate(names):
        parts.append(f"<text class='end value' x='{left - 8}' y='{i * size + 21}'>{_e(_short(name))}</text>")
        under = len(names) * size + 12
        x = left + i * size + 17
        parts.append(
            f"<text class='end' x='{x}' y='{under}' transform='rotate(-40 {x} {under})'>{_e(_short(name))}</text>"
        )
        for j, other in enumerate(names):
            value = 1.0 if i == j else values.get((min(i, j), max(i, j)))
            if value is None:
                continue
            colour = "var(--c0)" if value >= 0 else "var(--c2)"
            tip = f"<title>{_e(name)} and {_e(other)}: {value:+.3f}</title>"
            box = f"x='{left + j * size + 1}' y='{i * size + 1}' width='{size - 2}' height='{size - 2}' rx='4'"
            parts.append(f"<rect {box} style='fill:{colour};opacity:{0.06 + 0.94 * abs(value):.2f}'>{tip}</rect>")
            if i != j:
                parts.append(
                    f"<text class='mid value' x='{left + j * size + 17}' y='{i * size + 21}' "
                    f"pointer-events='none'>{value:.1f}</text>"
                )
    return _svg(len(names) * size + 80, parts, "correlations of the numbers", wide=left + len(names) * size + 20)


def drift(found: Mapping[str, Course], spans: Periods) -> str:
    """A row per column and a square per period, darker the more it moved since the one before."""
    rows = sorted(found.items(), key=lambda item: (-item[1].largest, item[0]))[:MOST_HEAT_ROWS]
    left, step = 170, max(30, 560 // len(spans.names))
    parts = [
        f"<text class='mid' x='{left + place * step + step / 2:.0f}' y='11'>"
        f"{_e(name if step >= WIDE else name[-5:])}</text>"
        for place, name in enumerate(spans.names)
    ]
    for number, (name, one) in enumerate(rows):
        y = 16 + number * 22
        parts.append(f"<text class='end value' x='{left - 8}' y='{y + 15}'>{_e(_short(name, 25))}</text>")
        for place, value in enumerate(one.psi):
            tip = "the first period" if value is None else f"PSI {value:.3f}"
            colour, opacity = _heat(value)
            box = f"x='{left + place * step + 1}' y='{y + 1}' width='{step - 2}' height='20' rx='3'"
            title = f"<title>{_e(name)}, {_e(spans.names[place])}: {tip}</title>"
            parts.append(f"<rect {box} style='fill:{colour};opacity:{opacity:.2f}'>{title}</rect>")
    return _svg(20 + len(rows) * 22, parts, "drift over time", wide=left + len(spans.names) * step + 4)


def _heat(value: float | None) -> tuple[str, float]:
    if value is None:
        return "var(--rest)", 0.35
    if value > SHIFTED:
        return "var(--bad)", min(0.55 + value, 1.0)
    if value > MOVING:
        return "var(--amber)", 0.75
    return "var(--good)", 0.18 + value * 4


def _svg(high: float, parts: Sequence[str], title: str, wide: float = WIDTH) -> str:
    fixed = f" style='max-width:{wide * 1.25:.0f}px'" if wide != WIDTH else ""
    return f"<svg viewBox='0 0 {wide:.0f} {high:.0f}' role='img' aria-label='{_e(title)}'{fixed}>{''.join(parts)}</svg>"


def _short(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _e(text: object) -> str:
    return escape(str(text), quote=True)
