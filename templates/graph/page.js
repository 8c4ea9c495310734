"use strict";
(() => {
  const GAP = 22, CARD = 290, HEAD = 56, MANY = 6, FEW = 3; // GAP and CARD as in the drawing
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const stage = $("stage"), world = $("world"), panel = $("panel"), query = $("query"), map = $("map");
  const lanes = [...world.querySelectorAll(".lane")].map((g, n) => ({ g, ...data.lanes[n], n, folded: false, hidden: false, x: 0, y: 0 }));
  const nodes = [];
  for (const g of world.querySelectorAll(".node[data-n]")) nodes[+g.dataset.n] = g;
  const items = data.items, byId = new Map(items.map((item, n) => [item.id, n]));
  const heads = [];
  for (const item of items) if (item.kind === "model") heads[item.lane] = item;
  const out = items.map(() => []), into = items.map(() => []);
  for (const [a, b, kind] of data.links) { out[a].push([b, kind]); into[b].push([a, kind]); }
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const view = { x: 0, y: 0, k: 1 };
  let opened = -1, focused = -1, hits = [], hit = -1, size = { w: 1, h: 1 }, flight = 0, follows = true, onPaper = false;
  const chosen = new Set(); // lanes that are folded when nothing is searched for
  const clamp = (k) => Math.min(4, Math.max(0.04, k));
  const list = (item, name) => (name in item ? data.lists[item[name]] : []);

  // ---- where things are -------------------------------------------------------------------------------------------
  function flow() { // folded lanes side by side, unfolded ones on a row of their own
    const shown = lanes.filter((lane) => !lane.hidden);
    const wide = Math.max(CARD, ...shown.filter((lane) => !lane.folded).map((lane) => lane.w));
    const folded = shown.filter((lane) => lane.folded).length;
    const ratio = stage.clientWidth / Math.max(1, stage.clientHeight);
    const columns = Math.max(1, Math.ceil(Math.sqrt(folded * ratio * (HEAD + GAP) / (CARD + GAP))));
    const row = Math.max(wide, columns * (CARD + GAP) - GAP);
    let x = 0, y = 0;
    for (const lane of shown) {
      if (x > 0 && (!lane.folded || x + CARD > row)) { x = 0; y += HEAD + GAP; }
      lane.x = x; lane.y = y;
      lane.g.setAttribute("transform", `translate(${x} ${y})`);
      if (lane.folded) x += CARD + GAP; else y += lane.h + GAP;
    }
    size = { w: row, h: Math.max(1, (x > 0 ? y + HEAD + GAP : y) - GAP) };
    for (const lane of lanes) {
      lane.g.toggleAttribute("hidden", lane.hidden);
      lane.g.classList.toggle("folded", lane.folded);
      const card = lane.g.querySelector(".card");
      card.setAttribute("width", lane.folded ? CARD : lane.w);
      card.setAttribute("height", lane.folded ? HEAD : lane.h);
      lane.g.querySelector(".fold").setAttribute("aria-expanded", String(!lane.folded));
    }
    $("nothing").hidden = shown.length > 0;
    $("unfold").textContent = lanes.some((lane) => lane.folded) ? "Unfold all" : "Fold all";
  }
  function frame(n) { // of an item, in the world
    const lane = lanes[items[n].lane], [x, y, w, h] = items[n].at;
    return { x: lane.x + x, y: lane.y + y, w: lane.folded ? Math.min(w, CARD) : w, h };
  }
  const visible = (n) => { const lane = lanes[items[n].lane]; return !lane.hidden && (!lane.folded || items[n].kind === "model"); };

  // ---- the view ---------------------------------------------------------------------------------------------------
  function apply() {
    world.setAttribute("transform", `translate(${view.x.toFixed(2)} ${view.y.toFixed(2)}) scale(${view.k.toFixed(4)})`);
    drawMap();
  }
  function go(x, y, k) {
    cancelAnimationFrame(flight);
    if (calm.matches || document.hidden) { Object.assign(view, { x, y, k }); apply(); return; }
    const from = { ...view }, start = performance.now();
    const tick = (now) => {
      const t = Math.min(1, (now - start) / 220), e = 1 - (1 - t) ** 3;
      view.x = from.x + (x - from.x) * e; view.y = from.y + (y - from.y) * e; view.k = from.k + (k - from.k) * e;
      apply();
      if (t < 1) flight = requestAnimationFrame(tick);
    };
    flight = requestAnimationFrame(tick);
  }
  function zoom(factor, px = stage.clientWidth / 2, py = stage.clientHeight / 2) { // what is at (px, py) stays there
    cancelAnimationFrame(flight);
    const k = clamp(view.k * factor), ratio = k / view.k;
    view.x = px - (px - view.x) * ratio; view.y = py - (py - view.y) * ratio; view.k = k;
    follows = false;
    apply();
  }
  function fit(smooth = true, whole = false) { // readable rather than whole, where whole would be tiny
    const w = stage.clientWidth, h = stage.clientHeight, low = document.querySelector(".legend").offsetHeight + 8;
    const across = (w - 48) / size.w, all = Math.min(across, (h - 48 - low) / size.h, 1.35);
    const k = clamp(whole ? all : Math.max(all, Math.min(across, 0.75)));
    const x = (w - size.w * k) / 2, y = Math.max(24, (h - low - size.h * k) / 2 - 12);
    follows = true;
    if (smooth) go(x, y, k); else { Object.assign(view, { x, y, k }); apply(); }
  }
  function reveal(n) { // move only as far as needed
    const f = frame(n), w = stage.clientWidth, h = stage.clientHeight, edge = 60;
    const k = view.k < 0.5 && items[n].kind !== "model" ? 0.85 : view.k;
    const ratio = k / view.k;
    let x = w / 2 - (w / 2 - view.x) * ratio, y = h / 2 - (h / 2 - view.y) * ratio;
    const left = f.x * k + x, top = f.y * k + y, right = left + f.w * k, bottom = top + f.h * k;
    if (left < edge) x += edge - left; else if (right > w - edge) x -= Math.min(right - w + edge, left - edge);
    if (top < edge) y += edge - top; else if (bottom > h - edge) y -= bottom - h + edge;
    if (x !== view.x || y !== view.y || k !== view.k) { follows = false; go(x, y, k); }
  }
  function drawMap() {
    const w = stage.clientWidth, h = stage.clientHeight;
    const whole = view.x >= -1 && view.y >= -1 && view.x + size.w * view.k <= w + 1 && view.y + size.h * view.k <= h + 1;
    map.hidden = whole;
    if (whole) return;
    const ctx = map.getContext("2d"), s = mapScale();
    ctx.clearRect(0, 0, map.width, map.height);
    ctx.save(); ctx.translate(s.x, s.y); ctx.scale(s.k, s.k);
    ctx.fillStyle = "#8883";
    for (const lane of lanes) if (!lane.hidden) ctx.fillRect(lane.x, lane.y, lane.folded ? CARD : lane.w, lane.folded ? HEAD : lane.h);
    if (items.length < 4000) {
      ctx.fillStyle = "#7a8ca0";
      for (let n = 0; n < items.length; n += 1) if (items[n].kind !== "model" && visible(n)) { const f = frame(n); ctx.fillRect(f.x, f.y, f.w, f.h); }
    }
    ctx.strokeStyle = "#5b8cff"; ctx.lineWidth = 2 / s.k;
    ctx.strokeRect(-view.x / view.k, -view.y / view.k, w / view.k, h / view.k);
    ctx.restore();
  }
  function mapScale() {
    const k = Math.min((map.width - 12) / size.w, (map.height - 12) / size.h);
    return { k, x: (map.width - size.w * k) / 2, y: (map.height - size.h * k) / 2 };
  }
  map.addEventListener("pointerdown", (event) => {
    const move = (e) => {
      const box = map.getBoundingClientRect(), s = mapScale();
      const x = (e.clientX - box.left - s.x) / s.k, y = (e.clientY - box.top - s.y) / s.k;
      view.x = stage.clientWidth / 2 - x * view.k; view.y = stage.clientHeight / 2 - y * view.k; follows = false; apply();
    };
    map.setPointerCapture(event.pointerId);
    map.onpointermove = move; map.onpointerup = () => { map.onpointermove = null; };
    move(event);
  });

  // ---- pointers: one moves, two also zoom, the wheel zooms, a scrolling pad moves ------------------------------------
  const pointers = new Map();
  let moved = 0;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY }); moved = 0;
    cancelAnimationFrame(flight);
  });
  addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY }, box = stage.getBoundingClientRect();
    moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (moved < 4) return;
    stage.classList.add("moving");
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const far = (p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
      zoom(far(now) / far(before), (now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top);
      view.x += (now.x - before.x) / 2; view.y += (now.y - before.y) / 2;
    } else { view.x += now.x - before.x; view.y += now.y - before.y; }
    follows = false;
    pointers.set(event.pointerId, now);
    apply();
  });
  const release = (event) => { pointers.delete(event.pointerId); if (!pointers.size) stage.classList.remove("moving"); };
  addEventListener("pointerup", release);
  addEventListener("pointercancel", release);
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    const mouse = event.deltaMode !== 0 || (event.deltaX === 0 && Number.isInteger(event.deltaY) && Math.abs(event.deltaY) >= 60);
    if (event.ctrlKey || event.metaKey || mouse) {
      const step = event.deltaMode === 1 ? event.deltaY * 20 : event.deltaY;
      zoom(Math.exp(-Math.max(-180, Math.min(180, step)) * (mouse ? 0.0017 : 0.01)), event.clientX - box.left, event.clientY - box.top);
    } else { view.x -= event.deltaX; view.y -= event.deltaY; follows = false; apply(); }
  }, { passive: false });
  stage.addEventListener("click", (event) => {
    if (moved >= 4) return;
    const fold = event.target.closest(".fold"), node = event.target.closest(".node[data-n]");
    if (fold) toggle(+fold.closest(".lane").dataset.lane);
    else if (node) open(+node.dataset.n);
  });
  stage.addEventListener("dblclick", (event) => {
    const node = event.target.closest(".model");
    if (node) toggle(items[+node.dataset.n].lane);
  });

  // ---- folding ----------------------------------------------------------------------------------------------------
  function toggle(n, folded = !lanes[n].folded) {
    lanes[n].folded = folded;
    if (folded) chosen.add(n); else chosen.delete(n);
    lanes[n].g.classList.remove("holds");
    flow();
    if (follows) fit(); else apply();
  }
  function toggleAll() {
    const folded = !lanes.some((lane) => lane.folded);
    for (const lane of lanes) { lane.folded = folded; if (folded) chosen.add(lane.n); else chosen.delete(lane.n); }
    flow(); fit();
  }

  // ---- the panel --------------------------------------------------------------------------------------------------
  function el(tag, name, ...children) {
    const node = document.createElement(tag);
    if (name) node.className = name;
    node.append(...children); // strings become text, never markup
    return node;
  }
  function section(title, ...children) { return children.length ? [el("h3", "", title), ...children] : []; }
  function texts(values) { return el("ul", "", ...values.map((value) => el("li", "", el("code", "", value)))); }
  function button(label, action, name = "") {
    const node = el("button", name, label);
    node.type = "button";
    node.addEventListener("click", action);
    return node;
  }
  function links(pairs) {
    return el("div", "links", ...pairs.map(([n, kind]) => button((kind === "retrain" ? "↺ " : "") + items[n].title, () => open(n, true))));
  }
  const TOKEN = /(#.*$)|("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')|([\w.-]+)(?=:(?:\s|$))|(?<![\w.-])(-?\d+(?:\.\d+)?(?:%|[smhd]|ms|MB|GB)?|true|false|null)(?![\w.-])/gu;
  function coloured(line) {
    const parts = [];
    let at = 0;
    for (const m of line.matchAll(TOKEN)) {
      if (m[1] && m.index > 0 && !/\s/.test(line[m.index - 1])) continue;
      if (m.index < at) continue;
      parts.push(line.slice(at, m.index), el("span", m[1] ? "c" : m[2] ? "s" : m[3] ? "k" : "n", m[0]));
      at = m.index + m[0].length;
    }
    parts.push(line.slice(at));
    return parts.filter((part) => part !== "");
  }
  function excerpt([file, first, last, where]) {
    const lines = data.sources[file], box = el("div", "yaml");
    box.tabIndex = 0; box.setAttribute("role", "group"); box.setAttribute("aria-label", `${file}, lines ${first} to ${last}`);
    for (let n = Math.max(1, first - 1); n <= Math.min(lines.length, last + 1); n += 1) {
      const row = el("div", n < first || n > last ? "around" : "", ...coloured(lines[n - 1]));
      row.dataset.line = n;
      box.append(row);
    }
    return [el("p", "where", `${file}:${first}${last > first ? `–${last}` : ""}${where ? ` · ${where}` : ""}`), box];
  }
  function command(text) {
    const row = el("div", "command", el("code", "", text));
    row.append(button("Copy", async (event) => {
      try { await navigator.clipboard.writeText(text); } catch {
        getSelection().selectAllChildren(row.firstChild); document.execCommand("copy");
      }
      event.target.textContent = "Copied";
    }));
    return row;
  }
  function also(item) { // the same dataset or feature set in the lanes of other models
    if (item.kind !== "data" && item.kind !== "features") return [];
    return items.flatMap((other, n) => (other.kind === item.kind && other.lane !== item.lane && other.title === item.title ? [[n, other]] : [])).slice(0, 40);
  }
  function fill(n) {
    const item = items[n], close = button("✕", shut, "close");
    close.setAttribute("aria-label", "Close the details");
    const chip = el("span", `kind node ${item.kind}`, item.kind);
    const others = also(item).map(([m, other]) => button(heads[other.lane].title, () => open(m, true)));
    panel.replaceChildren(
      close, chip, el("h2", "", item.title), el("p", "", item.says),
      ...section("Command", ...(item.command ? [command(item.command)] : [])),
      ...section("Spec", ...(item.spec || []).flatMap(excerpt)),
      ...section("Started by", ...(list(item, "starts").length ? [texts(list(item, "starts"))] : [])),
      ...section("Reads", ...(list(item, "reads").length ? [texts(list(item, "reads"))] : [])),
      ...section("Writes", ...(list(item, "writes").length ? [texts(list(item, "writes"))] : [])),
      ...section("Before", ...(into[n].length ? [links(into[n])] : [])),
      ...section("After", ...(out[n].length ? [links(out[n])] : [])),
      ...section("Also in", ...(others.length ? [el("div", "links", ...others)] : [])),
      ...section("Generated files", ...(list(item, "files").length ? [texts(list(item, "files"))] : [])),
    );
    panel.scrollTop = 0;
    panel.setAttribute("aria-label", `Details of ${item.kind} ${item.title}`);
  }
  function mark() {
    for (const g of world.querySelectorAll(".open")) g.classList.remove("open");
    for (const path of world.querySelectorAll("path.edge[data-a]")) {
      path.classList.toggle("near", opened >= 0 && (+path.dataset.a === opened || +path.dataset.b === opened));
    }
    if (opened >= 0) nodes[opened].classList.add("open");
  }
  function address(hash) { try { history.replaceState(null, "", hash || location.pathname + location.search); } catch { /* some viewers forbid it */ } }
  function open(n, focus = false) {
    const lane = lanes[items[n].lane];
    if (lane.hidden) search("");
    if (lane.folded && items[n].kind !== "model") { lane.folded = false; chosen.delete(lane.n); lane.g.classList.remove("holds"); flow(); }
    opened = n;
    const was = panel.hidden;
    panel.hidden = false;
    fill(n); mark();
    address(`#${encodeURIComponent(items[n].id)}`);
    if (was && follows) fit(false);
    reveal(n);
    if (focus) nodes[n].focus({ preventScroll: true });
  }
  function shut() {
    if (panel.hidden) return;
    panel.hidden = true;
    const back = opened;
    opened = -1;
    mark(); address("");
    if (follows) fit(false); else apply();
    if (back >= 0) nodes[back].focus({ preventScroll: true });
  }
  function fromAddress() {
    let id = "";
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { /* not ours */ }
    if (byId.has(id) && byId.get(id) !== opened) open(byId.get(id), true);
  }
  addEventListener("hashchange", fromAddress);

  // ---- search -----------------------------------------------------------------------------------------------------
  const haystack = items.map((item) => {
    const whole = JSON.stringify(heads[item.lane].spec || []);
    const own = JSON.stringify(item.spec || []) === whole ? [] : item.spec || []; // lines of the whole model say nothing
    const spec = own.flatMap(([file, first, last]) => data.sources[file].slice(first - 1, last));
    return [item.id, item.title, item.note || "", ...list(item, "writes"), ...spec].join("\n").toLowerCase();
  });
  function search(text) {
    query.value = text;
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    hits = []; hit = -1;
    for (let n = 0; n < items.length; n += 1) {
      const found = words.length > 0 && words.every((word) => haystack[n].includes(word));
      nodes[n].classList.toggle("found", found);
      if (found) hits.push(n);
    }
    const matching = new Set(hits.map((n) => items[n].lane));
    const models = hits.filter((n) => items[n].kind === "model").length;
    for (const lane of lanes) {
      lane.hidden = words.length > 0 && !matching.has(lane.n);
      lane.folded = words.length === 0 || matching.size > FEW ? chosen.has(lane.n) : false;
      lane.g.classList.toggle("holds", words.length > 0 && lane.folded);
    }
    world.classList.toggle("searching", words.length > 0 && models < hits.length);
    $("found").textContent = words.length ? `${hits.length} found in ${matching.size} of ${lanes.length} model${lanes.length === 1 ? "" : "s"}` : summary;
    flow(); fit(false);
  }
  const summary = $("found").textContent;
  function next(step) {
    if (!hits.length) return;
    hit = (hit + step + hits.length) % hits.length;
    open(hits[hit]);
  }
  query.addEventListener("input", () => search(query.value));
  $("clear").addEventListener("click", () => search(""));

  // ---- keys -------------------------------------------------------------------------------------------------------
  function step(n, key) {
    if (key === "ArrowRight" && out[n].length) return nearest(n, out[n].map(([m]) => m));
    if (key === "ArrowLeft" && into[n].length) return nearest(n, into[n].map(([m]) => m));
    const f = frame(n), middle = { x: f.x + f.w / 2, y: f.y + f.h / 2 };
    let best = -1, least = Infinity;
    for (let m = 0; m < items.length; m += 1) {
      if (m === n || !visible(m)) continue;
      const g = frame(m), dx = g.x + g.w / 2 - middle.x, dy = g.y + g.h / 2 - middle.y;
      const along = { ArrowUp: -dy, ArrowDown: dy, ArrowLeft: -dx, ArrowRight: dx }[key];
      const aside = key === "ArrowUp" || key === "ArrowDown" ? Math.abs(dx) : Math.abs(dy);
      if (along > 1 && along + 2.5 * aside < least) { least = along + 2.5 * aside; best = m; }
    }
    return best;
  }
  function nearest(n, among) {
    const y = frame(n).y, near = among.filter(visible);
    return near.sort((a, b) => Math.abs(frame(a).y - y) - Math.abs(frame(b).y - y))[0] ?? -1;
  }
  world.addEventListener("focusin", (event) => {
    const node = event.target.closest(".node[data-n]");
    if (!node) return;
    focused = +node.dataset.n;
    if (node.matches(":focus-visible")) reveal(focused);
  });
  function theme() {
    const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = root.dataset.theme || (dark ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* not everywhere */ }
    drawMap();
  }
  const actions = {
    "/": () => { query.focus(); query.select(); }, "?": () => $("help").showModal(), "+": () => zoom(1.25), "=": () => zoom(1.25),
    "-": () => zoom(0.8), "0": () => fit(true, true), e: toggleAll, t: theme,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
    if (event.target === query) {
      if (event.key === "Enter") { event.preventDefault(); next(event.shiftKey ? -1 : 1); }
      if (event.key === "Escape") { event.preventDefault(); search(""); query.blur(); }
      return;
    }
    const on = event.target.closest ? event.target.closest(".node[data-n], .fold") : null;
    if ((event.key === "Enter" || event.key === " ") && on) {
      event.preventDefault();
      if (on.classList.contains("fold")) toggle(+on.closest(".lane").dataset.lane); else open(+on.dataset.n);
    } else if (event.key === "Escape") {
      if (!panel.hidden) shut(); else if (query.value) search(""); else fit();
    } else if (event.key.startsWith("Arrow") && !panel.contains(event.target) && !event.target.closest("header, details")) {
      event.preventDefault();
      const start = on && on.dataset.n ? +on.dataset.n : focused;
      const to = start >= 0 && visible(start) ? step(start, event.key) : items.findIndex((_, n) => visible(n));
      if (to >= 0) nodes[to].focus({ preventScroll: true });
    } else if (actions[event.key]) { event.preventDefault(); actions[event.key](); }
  });
  for (const [id, key] of [["in", "+"], ["out", "-"], ["fit", "0"], ["unfold", "e"], ["theme", "t"], ["ask", "?"]]) {
    $(id).addEventListener("click", actions[key]);
  }

  // ---- paper ------------------------------------------------------------------------------------------------------
  addEventListener("beforeprint", () => {
    onPaper = true;
    stage.setAttribute("viewBox", `0 0 ${size.w} ${size.h}`);
    stage.style.aspectRatio = `${size.w} / ${size.h}`;
    world.removeAttribute("transform");
  });
  addEventListener("afterprint", () => {
    onPaper = false;
    stage.removeAttribute("viewBox"); stage.style.aspectRatio = "";
    apply();
  });

  try { const kept = localStorage.getItem("theme"); if (kept) document.documentElement.dataset.theme = kept; } catch { /* not everywhere */ }
  if (lanes.length > MANY) for (const lane of lanes) { lane.folded = true; chosen.add(lane.n); }
  flow(); fit(false);
  new ResizeObserver(() => { if (onPaper) return; if (follows) fit(false); else apply(); }).observe(stage);
  fromAddress();
})();
