"""A profile as one page to look at: everything is in it, nothing is fetched, light and dark."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from . import profile_drawing as draw
from .profile_figures import Figures, shown
from .profile_style import SCRIPT, STYLE

if TYPE_CHECKING:
    from .profile import Profile

MOST_CARDS = 400
MOST_RANKED = 24
TELLING, TWINS, EMPTY, SHIFTED = 0.95, 0.97, 0.2, 0.2
MOST_NOTES = 18


def page(found: Profile) -> str:
    """The whole page as text."""
    ordered = _ordered(found)
    body = [_header(found), "<main>", _tiles(found), *_notes(found), *_label(found), *_cards(found, ordered)]
    body += [*_correlations(found), *_drift(found), *_table(found, ordered), _footer(found), "</main>"]
    title = escape(f"{found.name}: profile")
    head = f"<meta charset='utf-8'><meta http-equiv='Content-Security-Policy' content=\"{_policy()}\">"
    head += "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    head += f"<title>{title}</title><style>{STYLE}</style>"
    script = f"<script>{SCRIPT}</script>"
    return f"<!doctype html>\n<html lang='en'><head>{head}</head><body>{''.join(body)}{script}</body></html>"


def _policy() -> str:
    """Nothing is fetched, and no other script runs."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; base-uri 'none'"


def _ordered(found: Profile) -> list[Figures]:
    """The label's columns first, then what says most about it, then the others as they stand."""
    place = {one.name: number for number, one in enumerate(found.columns)}
    return sorted(found.columns, key=lambda one: (-_strength(found, one.name), place[one.name]))


def _strength(found: Profile, name: str) -> float:
    link = found.links.get(name)
    return link.value if link else 0.0


def _header(found: Profile) -> str:
    about = f"{escape(found.project)} &middot; {escape(found.source)}"
    return (
        f"<header><div><h1>{escape(found.name)}</h1><p>{about}</p></div>"
        "<span id='left' class='sub' role='status'></span>"
        "<input id='find' type='search' placeholder='find a column  ( / )' aria-label='find a column'>"
        "<select id='order' aria-label='order of the columns'><option value='link'>by label</option>"
        "<option value='name'>by name</option><option value='missing'>by missing values</option>"
        "<option value='drift'>by drift</option></select>"
        "<button id='theme' type='button'>light / dark</button></header>"
    )


def _tiles(found: Profile) -> str:
    tiles = [(f"{found.rows:,}", "rows"), (f"{len(found.columns):,}", "columns")]
    tiles.append((f"{found.missing:.1%}", "of all cells are missing"))
    time = next((one for one in found.columns if one.name == found.time and one.low is not None), None)
    if time is not None:
        tiles.append((shown(time.low)[:10], f"first {escape(time.name)}"))
        tiles.append((shown(time.high)[:10], "last"))
    rules = [rule for one in found.columns for rule in one.rules] + list(found.verdicts)
    if rules:
        held = sum(verdict == "pass" for _, verdict, _ in rules)
        tiles.append((f"{held} of {len(rules)}", "rules of the contract held, at the last validation"))
    personal = sum(one.personal for one in found.columns)
    if personal:
        tiles.append((str(personal), "personal columns, counted only"))
    return (
        "<div class='tiles'>"
        + "".join(f"<div class='tile'><b>{b}</b><span>{s}</span></div>" for b, s in tiles)
        + "</div>"
    )


def _notes(found: Profile) -> Iterator[str]:
    notes = [*_remarks(found)]
    if not notes and found.rows:
        notes = [
            ("good", "Nothing stands out: no empty or constant column, no two that say the same, no shift over time.")
        ]
    if not found.rows:
        notes = [("bad", "There are no rows.")]
    yield "<h2>What stands out</h2><ul class='notes'>"
    yield from (f"<li class='{kind}'>{text}</li>" for kind, text in notes[:MOST_NOTES])
    if len(notes) > MOST_NOTES:
        yield f"<li>and {len(notes) - MOST_NOTES:,} more</li>"
    yield "</ul>"


def _remarks(found: Profile) -> Iterator[tuple[str, str]]:
    """What a person would want to be told, the worst first."""
    for one in found.columns:
        broken = [(name, rows) for name, verdict, rows in one.rules if verdict == "fail"]
        yield from (
            ("bad", f"{_link(one.name)} breaks <b>{escape(name)}</b> in {rows:,} rows") for name, rows in broken
        )
    for name, link in sorted(found.links.items(), key=lambda item: -item[1].value):
        if link.value > TELLING:
            said = f"{link.measure} {link.value:.2f}"
            yield "bad", f"{_link(name)} all but decides the label ({said}): is it known before?"
    if found.rows:
        yield from (("", said) for one in found.columns if (said := _about_values(one)))
        yield from (("", said) for said in _about_pairs(found))


def _about_values(one: Figures) -> str:
    if one.missing > EMPTY * one.rows:
        return f"{_link(one.name)} is missing in {one.missing / one.rows:.0%} of the rows"
    return f"{_link(one.name)} is the same in every row" if one.distinct <= 1 else ""


def _about_pairs(found: Profile) -> Iterator[str]:
    """Numbers that say the same, and columns that are not what they were."""
    names, values = found.matrix
    for (i, j), value in sorted(values.items(), key=lambda item: -abs(item[1])):
        if abs(value) > TWINS:
            yield f"{_link(names[i])} and {_link(names[j])} say nearly the same ({value:+.2f})"
    for name, course in sorted(found.courses.items(), key=lambda item: -item[1].largest):
        if course.largest > SHIFTED and found.periods is not None:
            when = found.periods.names[max(range(len(course.psi)), key=lambda i: course.psi[i] or 0.0)]
            yield f"{_link(name)} shifted in {escape(when)} (PSI {course.largest:.2f} against the period before)"


def _link(name: str) -> str:
    return f"<a href='#{_anchor(name)}'><b>{escape(name)}</b></a>"


def _anchor(name: str) -> str:
    return "column-" + hashlib.sha256(name.encode()).hexdigest()[:10]


def _label(found: Profile) -> Iterator[str]:
    if found.label is None or found.target is None:
        return
    yield f"<h2>The label <small>{escape(found.target.sql)}, predicted by {escape(found.target.model)}</small></h2>"
    without = f", {found.label.missing:,} rows have none" if found.label.missing else ""
    yield f"<div class='panel two'><div><p class='over'>its values{without}</p>{draw.distribution(found.label)}</div>"
    ranked = sorted(found.links.items(), key=lambda item: (-item[1].value, item[0]))[:MOST_RANKED]
    if ranked:
        more = len(found.links) - len(ranked)
        yield f"<div><p class='over'>what says most about it, alone{f'; {more:,} more below' if more > 0 else ''}</p>"
        yield f"{draw.ranking(ranked)}</div>"
    yield "</div>"


def _cards(found: Profile, ordered: Sequence[Figures]) -> Iterator[str]:
    few = ordered[:MOST_CARDS]
    more = f"the first {MOST_CARDS} of {len(ordered):,}; all are in the table below" if len(ordered) > len(few) else ""
    yield f"<h2>Columns <small>{more}</small></h2><div class='cards'>"
    yield from (_card(found, one) for one in few)
    yield "</div>"


def _card(found: Profile, one: Figures) -> str:
    course = found.courses.get(one.name)
    data = f"data-name='{escape(one.name.lower())}' data-type='{one.type}' data-link='{_strength(found, one.name):.4f}'"
    data += f" data-missing='{one.missing}' data-drift='{course.largest if course else 0:.4f}'"
    heading = f"<h3><span>{escape(one.name)}</span>{_tags(found, one)}</h3>"
    parts = [f"<article class='card' id='{_anchor(one.name)}' {data}>{heading}"]
    parts.append(f"<p class='sub'>{_counts(one)}</p>")
    full = one.filled / one.rows if one.rows else 0
    parts.append(f"<div class='fill' title='{full:.1%} have a value'><i style='width:{full:.2%}'></i></div>")
    if one.personal:
        parts.append("<p class='closed'>personal: values are not shown</p>")
    else:
        parts.append(draw.distribution(one) or f"<p class='closed'>{_why_no_picture(one)}</p>")
        parts.append(_figures(one))
        if course is not None and found.periods is not None:
            moved = f"over time, by {found.periods.unit}: PSI up to {course.largest:.2f}"
            parts += [f"<p class='over'>{moved}</p>", draw.course(one, course, found.periods), draw.words_key(course)]
    parts.append(_rules(one))
    return "".join(parts) + "</article>"


def _why_no_picture(one: Figures) -> str:
    return "no values" if not one.filled else "each value once" if one.unique else "nearly each value once"


def _tags(found: Profile, one: Figures) -> str:
    tags = [f"<span class='tag'>{one.type}</span>"]
    if one.personal:
        tags.append("<span class='tag personal'>personal</span>")
    if one.name in found.key:
        tags.append("<span class='tag'>key</span>")
    if one.name == found.time:
        tags.append("<span class='tag'>time</span>")
    link = found.links.get(one.name)
    if link is not None:
        tags.append(f"<span class='tag label' title='with the label'>{link.measure} {link.value:.2f}</span>")
    return "".join(tags).replace("<span class='tag", "<em class='tag").replace("</span>", "</em>")


def _counts(one: Figures) -> str:
    missing = f"{one.missing:,} missing ({one.missing / one.rows:.1%})" if one.missing else "none missing"
    distinct = "each different" if one.unique else f"{one.distinct:,} different"
    return f"{missing if one.rows else 'no rows'} &middot; {distinct}"


def _figures(one: Figures) -> str:
    if one.mean is None:
        if one.low is None:
            return ""
        said = [("from", shown(one.low)), ("to", shown(one.high))]
    else:
        spread = shown(one.deviation) if one.deviation is not None else ""
        said = [("min", shown(one.low)), ("mean", shown(one.mean)), ("max", shown(one.high)), ("deviation", spread)]
        said += list(zip(("5%", "25%", "median", "75%"), map(shown, one.quantiles), strict=False))
    return "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in said) + "</dl>"


def _rules(one: Figures) -> str:
    lines = "".join(
        f"<li class='{'pass' if verdict == 'pass' else 'fail'}'>{escape(name)}{f': {rows:,} rows' if rows else ''}</li>"
        for name, verdict, rows in one.rules
    )
    return f"<ul class='rules'>{lines}</ul>" if lines else ""


def _correlations(found: Profile) -> Iterator[str]:
    names, values = found.matrix
    if values:
        yield "<h2>Numbers with one another <small>Pearson's correlation</small></h2>"
        yield f"<div class='panel scroll'>{draw.correlations(names, values)}</div>"


def _drift(found: Profile) -> Iterator[str]:
    if found.courses and found.periods is not None:
        about = (
            f"PSI of every {found.periods.unit} against the one before: green is stable, amber above 0.1, red above 0.2"
        )
        yield f"<h2>Drift over time <small>{about}</small></h2>"
        yield f"<div class='panel scroll'>{draw.drift(found.courses, found.periods)}</div>"


def _table(found: Profile, ordered: Sequence[Figures]) -> Iterator[str]:
    if len(ordered) <= MOST_CARDS:
        return
    heads = "".join(f"<th>{head}</th>" for head in ("column", "type", "missing", "different", "mean", "label"))
    yield f"<h2>Every column</h2><div class='panel scroll'><table><tr>{heads}</tr>"
    for one in ordered:
        link = found.links.get(one.name)
        cells = (f"{one.missing:,}", f"{one.distinct:,}", shown(one.mean) if one.mean is not None else "")
        numbers = "".join(f"<td class='n'>{cell}</td>" for cell in cells)
        said = f"{link.measure} {link.value:.2f}" if link else ""
        yield f"<tr><td>{escape(one.name)}</td><td>{one.type}</td>{numbers}<td>{said}</td></tr>"
    yield "</table></div>"


def _footer(found: Profile) -> str:
    del found
    return (
        "<footer>With the label: |r| is Pearson's correlation (of a yes/no label the point-biserial one), eta the "
        "correlation ratio, V Cramer's V corrected for chance; each from 0, which says nothing, to 1. PSI, the "
        "population stability index, compares the shares of one period with those of the one before, over bins between "
        "quantiles, missing values being a bin. Of a number's far ends the outermost bars have all that lies beyond. "
        "Columns marked <code>pii: true</code> are counted, and nothing of their values is in this page.</footer>"
    )
