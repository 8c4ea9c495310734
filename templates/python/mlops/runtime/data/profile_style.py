"""The style and the script of the profile's page; both stand in it, and it fetches nothing."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark;
  --paper: light-dark(#f5f6f8, #0e141b); --card: light-dark(#fff, #161e27); --ink: light-dark(#16202c, #e8eef5);
  --soft: light-dark(#586575, #9fb0c1); --line: light-dark(#dde3ea, #2a3643); --bar: light-dark(#3b6fd4, #86adff);
  --faint: light-dark(#e8eefb, #1c2a41); --warm: light-dark(#c2410c, #ff9b63); --good: light-dark(#1d7a3a, #74d693);
  --bad: light-dark(#b42318, #ff8a7a); --amber: light-dark(#8a5a00, #f5bd57); --focus: light-dark(#0b57ff, #9dc1ff);
  --violet: light-dark(#6d3fd1, #bda2ff); --c0: light-dark(#3b6fd4, #86adff); --c1: light-dark(#0f9488, #5fd4c5);
  --c2: light-dark(#c2410c, #ff9b63); --c3: light-dark(#7c4dd8, #bda2ff); --c4: light-dark(#a16207, #f5cf57);
  --c5: light-dark(#be2a66, #ff7ba8); --rest: light-dark(#cdd5de, #3a4857); }
:root[data-theme="light"] { color-scheme: light } :root[data-theme="dark"] { color-scheme: dark }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Noto Sans", "DejaVu Sans", sans-serif }
header { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: center;
  padding: 10px 24px; background: color-mix(in srgb, var(--card) 92%, transparent);
  border-bottom: 1px solid var(--line);
  backdrop-filter: blur(6px) }
header div { flex: 1 1 240px; min-width: 0 } h1 { margin: 0; font-size: 18px; overflow-wrap: anywhere }
header p { margin: 0; color: var(--soft); font-size: 12.5px; overflow-wrap: anywhere }
input, button, select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: 8px; padding: 5px 12px } button { cursor: pointer } input { width: 210px }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 1px }
main { max-width: 1320px; margin: 0 auto; padding: 20px 24px 60px }
h2 { font-size: 15px; margin: 34px 0 10px } h2 small { font-weight: 400; color: var(--soft); margin-left: 8px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px }
.tile, .card, .panel { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
  padding: 12px 16px }
.tile b { display: block; font-size: 24px; line-height: 1.25; font-variant-numeric: tabular-nums; font-weight: 650 }
.tile span { color: var(--soft); font-size: 12.5px }
.notes { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 8px 12px; margin: 0;
  padding: 0;
  list-style: none } .notes li { background: var(--card); border: 1px solid var(--line);
  border-left: 4px solid var(--amber);
  border-radius: 8px; padding: 7px 12px } .notes li.bad { border-left-color: var(--bad) }
.notes li.good { border-left-color: var(--good) } .notes a { color: inherit }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(370px, 1fr)); gap: 14px }
.card { content-visibility: auto; contain-intrinsic-size: 380px 330px; scroll-margin-top: 90px }
.card:target { outline: 3px solid var(--focus) }
.card h3 { display: flex; gap: 8px; align-items: baseline; margin: 0 0 2px; font-size: 15px;
  overflow-wrap: anywhere }
.card h3 span { flex: 1 } .tag { font-style: normal; font-size: 11px; font-weight: 500; border-radius: 999px;
  padding: 1px 8px;
  background: var(--faint); color: var(--bar); white-space: nowrap }
.tag.personal { color: var(--violet) } .tag.label { color: var(--warm) }
.sub { color: var(--soft); font-size: 12.5px; margin: 0 0 6px; font-variant-numeric: tabular-nums }
.fill { height: 4px; border-radius: 2px; background: var(--rest); margin: 2px 0 8px; overflow: hidden }
.fill i { display: block; height: 100%; background: var(--good) }
svg { display: block; width: 100%; height: auto; overflow: visible } svg text { fill: var(--soft);
  font-size: 10.5px }
svg .value { fill: var(--ink) } svg .end { text-anchor: end } svg .mid { text-anchor: middle }
.b { fill: var(--bar) } .b:hover { fill: var(--warm) } .bg { fill: var(--faint) } .band { fill: var(--bar);
  opacity: .22 }
.median { fill: none; stroke: var(--bar); stroke-width: 2 } .axis { stroke: var(--line) }
dl { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0 10px; margin: 8px 0 0 } dt { color: var(--soft);
  font-size: 11px } dd { margin: 0 0 4px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.rules { margin: 6px 0 0; padding: 0; list-style: none; font-size: 12.5px } .rules .pass::before {
  content: "\\2713  ";
  color: var(--good) } .rules .fail::before { content: "\\2717  "; color: var(--bad) } .rules .fail {
  color: var(--bad) }
.over { margin: 10px 0 0; font-size: 11.5px; color: var(--soft) } .hidden { display: none !important }
.closed { color: var(--soft); padding: 26px 0; text-align: center; border: 1px dashed var(--line);
  border-radius: 8px }
.scroll { overflow-x: auto } .two { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr);
  gap: 10px 40px; align-items: start } @media (max-width: 800px) { .two { grid-template-columns: 1fr } }
.two .over { margin: 0 0 6px } .key { display: flex; flex-wrap: wrap; gap: 2px 12px; font-size: 11.5px;
  color: var(--soft) }
.key i { display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 5px }
table { border-collapse: collapse; width: 100%; font-size: 13px } th, td { padding: 4px 10px; text-align: left;
  border-bottom: 1px solid var(--line) } th { color: var(--soft); font-weight: 500 } td.n { text-align: right;
  font-variant-numeric: tabular-nums } td a { color: inherit }
footer { color: var(--soft); font-size: 12.5px; margin-top: 40px; max-width: 90ch }
@media print { header { position: static } .card { break-inside: avoid; content-visibility: visible } }
"""

SCRIPT = """
"use strict";
const root = document.documentElement, find = document.getElementById("find"), order = document.getElementById("order");
const cards = [...document.querySelectorAll(".card[data-name]")], home = document.querySelector(".cards");
document.getElementById("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
find.addEventListener("input", () => {
  const words = find.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let left = 0;
  for (const card of cards) {
    const fits = words.every(word => card.dataset.name.includes(word) || card.dataset.type.startsWith(word));
    card.classList.toggle("hidden", !fits);
    left += fits;
  }
  document.getElementById("left").textContent = words.length ? left + " of " + cards.length : "";
});
order.addEventListener("change", () => {
  const by = order.value, value = card => Number(card.dataset[by] || 0);
  const sorted = [...cards].sort((a, b) =>
    by === "name" ? a.dataset.name.localeCompare(b.dataset.name) : value(b) - value(a));
  home.append(...sorted);
});
addEventListener("keydown", event => {
  if (event.key === "/" && document.activeElement !== find) { event.preventDefault(); find.focus(); }
});
"""
