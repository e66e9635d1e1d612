// The page: what is chosen, and what follows from it.

import { brushOn, movedWindows } from "./brush.mjs";
import { drawView, frameAt, ROW_PIXELS, rowsNeeded, rowTop, scaleOf } from "./canvas.mjs";
import { unpack } from "./columns.mjs";
import { cardOf, placeText, sentenceOf } from "./details.mjs";
import { byLine, bySize, rowsWithin } from "./figures.mjs";
import { showHeader } from "./header.mjs";
import { actionOf, KEYS } from "./keys.mjs";
import { changeFill, coloursOf, fillsOf } from "./look.mjs";
import { DOMAIN_NAMES, filtered, groupsOf, MEASURES, modelOf, sizeText, weigh } from "./model.mjs";
import { expressionOf, matchingFunctions, totalOfMatches } from "./search.mjs";
import { element, moreOf, shareBar, siteCell, sparkBars, tableOf } from "./tables.mjs";
import { chartOf, drawChart } from "./timeline.mjs";
import { invertedView, neighbour, pathTo, placeOfPath, viewOf } from "./tree.mjs";
import { bytesText, countText, shareText, signedText, timeText } from "./units.mjs";

const TABLE_ROWS = 100;
// Whoever walks quickly is not held up by tables that nobody has looked at.
const TABLE_DELAY_MS = 60;
// What an inverted view leaves out of sight, as a share of all: half a pixel of a wide screen.
const INVERTED_LEAST = 1 / 4000;

const byId = (id) => document.getElementById(id);
const state = {
  by: "allocated_bytes", group: "none", domain: -1, size: null, thread: -1, imports: true, internals: true,
  inverted: false, flipped: false, window: null, focus: 0, current: 0, search: "", tab: "hotspots", marked: null,
};
let model, view, weighed, groups, colours, fills, matching, chart, scheduled = 0, rows = 1, tableWanted = false, tableTimer = 0;

// ---- what is shown ----

function unitText(value) {
  return (model.header.facts.sampled ? "≈ " : "") + MEASURES[state.by].text(value);
}

function amountOf(value, delta) {
  return model.isDifference ? signedText(delta, MEASURES[state.by].text) : unitText(value);
}

function nameOf(place) {
  const node = view.node[place];
  if (!node) return place ? groups.names[view.group[place]] : state.window ? "chosen time" : "all";
  return model.functions[model.tree.called[node]].name;
}

function labelOf(place) {
  const amount = amountOf(view.value[place], view.delta[place]);
  return `${nameOf(place)}  ${amount}`;
}

function describe(place) {
  const node = view.node[place];
  const called = node ? model.functions[model.tree.called[node]] : null;
  return {
    name: nameOf(place),
    place: called ? placeText(called, model.tree.line[node]) : "",
    origin: called ? called.origin : 0,
    path: called ? called.path : "",
    line: node ? model.tree.line[node] : 0,
    amount: amountOf(view.value[place], view.delta[place]),
    share: view.value[0] > 0 ? view.value[place] / view.value[0] : 0,
    ownAmount: unitText(view.self[place]),
    ownShare: view.value[0] > 0 ? view.self[place] / view.value[0] : 0,
    within: state.window ? "the chosen time" : "all",
    change: model.isDifference ? amountOf(view.value[place], view.delta[place]) : "",
  };
}

// Works out the view anew, and finds the old places in it.
function rebuild() {
  const paths = view && [state.focus, state.current].map((place) => pathTo(view, model.keys, place));
  if (state.window && state.by === "short_lived") state.by = "allocations";
  weighed = filtered(model, weigh(model, state.by, state.window), state);
  groups = state.inverted ? null : groupsOf(model, state.group);
  const options = { deltas: weighed.deltas, hidden: state.internals ? null : model.tree.internal };
  const { weights } = weighed;
  if (state.inverted) {
    let total = 0;
    for (const weight of weights) total += weight;
    view = invertedView(model.tree, model.keys, model.rows.node, weights, { ...options, least: total * INVERTED_LEAST });
  } else {
    if (groups) Object.assign(options, { groupOf: groups.of, groups: groups.names.length });
    view = viewOf(model.tree, model.rows.node, weights, options);
  }
  [state.focus, state.current] = paths ? paths.map((path) => placeOfPath(view, model.keys, path)) : [0, 0];
  refresh();
}

function refresh() {
  showControls();
  showFound();
  measureFlame();
  showCurrent();
  showTableSoon();
  redraw();
}

function redraw() {
  if (!scheduled) scheduled = requestAnimationFrame(drawAll);
}

// Tables take longer than the drawing, so they come after it.
function showTableSoon() {
  document.documentElement.dataset.tables = "waiting";
  clearTimeout(tableTimer);
  tableTimer = 0;
  tableWanted = true;
  redraw();
}

function drawAll() {
  scheduled = 0;
  drawFlame();
  drawTime();
  if (!document.documentElement.dataset.painted) performance.mark("memscope-painted");
  if (tableWanted && !tableTimer) {
    tableTimer = setTimeout(() => {
      tableWanted = false;
      tableTimer = 0;
      showTable();
      document.documentElement.dataset.tables = "shown";
    }, TABLE_DELAY_MS);
  }
  document.documentElement.dataset.painted = String(Number(document.documentElement.dataset.painted || 0) + 1);
}

function contextOf(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

function measureFlame() {
  const flame = byId("flame");
  rows = rowsNeeded(view, state.focus, Math.max(flame.clientWidth, 1));
  byId("extent").style.height = `${rows * ROW_PIXELS}px`;
}

function drawFlame() {
  const flame = byId("flame");
  const width = flame.clientWidth;
  const height = Math.min(Math.max(flame.clientHeight, ROW_PIXELS), rows * ROW_PIXELS);
  const context = contextOf(byId("frames"), width, height);
  const mono = getComputedStyle(byId("command")).fontFamily;
  const fonts = ["600", "400", "italic 400"].map((weight) => `${weight} 12px ${mono}`);
  context.font = fonts[0];
  const paint = { fill: "", ink: colours["frame-ink"], font: fonts[1], faded: false, marked: false };
  drawView(context, view, {
    width, height, top: flame.scrollTop, rows, flipped: state.flipped, focus: state.focus, current: state.current,
    colours, characterPixels: context.measureText("m").width,
    nameOf: model.isDifference ? labelOf : nameOf,
    paintOf(place) {
      const node = view.node[place];
      const number = node ? model.tree.called[node] : -1;
      const origin = number < 0 ? 1 : model.functions[number].origin;
      paint.font = fonts[origin];
      paint.fill = model.isDifference
        ? changeFill(view.delta[place], view.value[place], colours)
        : number < 0 ? colours["frame-group"] : fills[number];
      paint.marked = Boolean((matching && number >= 0 && matching[number]) || (state.marked && state.marked.has(node && model.keys[node])));
      paint.faded = Boolean(matching || state.marked) && !paint.marked;
      return paint;
    },
  });
}

function drawTime() {
  if (!model.points) return;
  const canvas = byId("chart");
  const width = canvas.parentElement.clientWidth;
  const { duration_ns: durationNs, peak_ns: peakNs, facts } = model.header;
  chart = chartOf(model.points, durationNs, width, 132);
  const list = model.windows && model.windows.list;
  drawChart(contextOf(canvas, width, 132), chart, model.points, {
    colours, durationNs, peakNs, font: `11px ${getComputedStyle(document.documentElement).fontFamily}`,
    peakText: `peak ${bytesText(facts.peak_bytes)}`,
    selected: state.window && [list[state.window[0]].start, list[state.window[1]].end],
  });
}

// ---- words around it ----

function showCurrent() {
  const place = state.current;
  const about = describe(place);
  byId("status").textContent = view.value[0] > 0 ? sentenceOf(about) : "Nothing to show: no allocation fits what is chosen.";
  const facts = [[MEASURES[state.by].label, about.amount]];
  if (!model.isDifference) {
    facts.push([state.inverted ? "Without callers" : "By itself", about.ownAmount], ["Share", shareText(about.share)]);
  } else facts.push(["Old and new together", MEASURES[state.by].text(view.value[place])]);
  byId("card").replaceChildren(...cardOf({ ...about, facts, source: model.header.source }).filter(Boolean));
  byId("card").hidden = place === 0;
}

function showFound() {
  const expression = expressionOf(state.search);
  matching = expression ? matchingFunctions(model.functions, expression) : null;
  const found = byId("found");
  if (!matching) {
    found.textContent = "";
    return;
  }
  const { frames, value } = totalOfMatches(view, model.tree.called, matching);
  const share = view.value[0] > 0 ? value / view.value[0] : 0;
  const text = model.isDifference ? MEASURES[state.by].text : unitText;
  found.textContent = `${countText(frames)} frames, ${text(value)} (${shareText(share)})`;
}

function showControls() {
  const values = {
    by: state.by, group: state.group, domain: state.domain, thread: state.thread,
    size: state.size ? state.size.join("-") : "",
  };
  for (const [id, value] of Object.entries(values)) byId(id).value = String(value);
  byId("group").disabled = state.inverted;
  for (const option of byId("by").options) option.disabled = Boolean(state.window && option.value === "short_lived");
  const pressed = { invert: state.inverted, flip: state.flipped, imports: !state.imports, internals: !state.internals };
  for (const [id, on] of Object.entries(pressed)) byId(id).setAttribute("aria-pressed", String(on));
  const text = byId("window-text");
  if (!text) return;
  const { windows } = model;
  if (!state.window) {
    const count = windows ? windows.list.length : 0;
    text.textContent = count > 1 ? `Drag to choose a time; ${countText(count)} windows can be told apart.` : "";
    return;
  }
  const [first, last] = state.window;
  const count = last - first + 1;
  const [from, to] = [windows.list[first].start, windows.list[last].end];
  const meaning = {
    live_bytes: ", live at its end", peak_bytes: ", live at its fullest window end",
  }[state.by] || "";
  text.textContent = `${timeText(from / 1e9)} to ${timeText(to / 1e9)}, ${count === 1 ? "one window" : `${count} windows`}${meaning}.`;
}

// ---- tables ----

function tabs() {
  const fixed = [
    { name: "hotspots", title: "Hotspots", show: hotspotsTable },
    { name: "sizes", title: "Sizes", show: sizesTable },
  ];
  const made = model.header.panels.map((panel) => ({ name: panel.name, title: panel.title, show: () => panelTable(panel) }));
  return [...fixed, ...made];
}

function showTable() {
  const all = tabs();
  byId("tabs").replaceChildren(
    ...all.map(({ name, title }) =>
      element("button", {
        type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "table", "aria-selected": String(name === state.tab),
        tabIndex: name === state.tab ? 0 : -1, onclick: () => chooseTab(name),
      }, title),
    ),
  );
  byId("table").setAttribute("aria-labelledby", `tab-${state.tab}`);
  const wanted = all.find(({ name }) => name === state.tab);
  byId("table").replaceChildren(...[wanted.show()].flat());
}

function chooseTab(name) {
  state.tab = name;
  showTable();
  byId(`tab-${name}`).focus();
}

function withinText() {
  return state.current ? `Within ${nameOf(state.current)}. ` : "";
}

function chosenRows() {
  const node = view.node[state.current];
  const chosen = rowsWithin(model.tree, model.rows.node, node, state.inverted, model.keys);
  const group = view.group[state.current];
  if (groups && group >= 0) {
    for (let row = 0; row < chosen.length; row++) if (groups.of[row] !== group) chosen[row] = 0;
  }
  return chosen;
}

function weightsOf(by) {
  return filtered(model, weigh(model, by, state.window), state);
}

function toggleMark(keys) {
  const same = state.marked && keys.length === state.marked.size && keys.every((key) => state.marked.has(key));
  state.marked = same ? null : new Set(keys);
  showTable();
  redraw();
}

function hotspotsTable() {
  const { weights, deltas } = weighed;
  const counts = weightsOf("allocations");
  const { lines, count } = byLine(
    model.tree, model.keys, model.rows.node, chosenRows(), weights, deltas, counts.deltas || counts.weights, TABLE_ROWS,
  );
  if (!lines.length) return element("p", { className: "empty" }, "Nothing here.");
  const total = view.value[0];
  const currentKey = state.current && view.node[state.current] ? model.keys[view.node[state.current]] : null;
  const found = lines.map((line) => {
    const called = line.node > 0 ? model.functions[model.tree.called[line.node]] : null;
    const site = called
      ? siteCell(called.name, placeText(called, model.tree.line[line.node]), called.origin)
      : siteCell("<no Python frame>", "", 1);
    const share = total > 0 ? line.value / total : 0;
    const part = element("span", {}, shareText(share), shareBar(share));
    return {
      cells: model.isDifference
        ? [site, amountOf(line.value, line.delta), signedText(line.count, countText)]
        : [site, unitText(line.value), part, countText(line.count)],
      chosen: state.marked ? state.marked.has(line.key) : line.key === currentKey,
      onChoose: called ? () => toggleMark([line.key]) : null,
    };
  });
  const what = model.isDifference ? "Functions" : "Lines";
  const more = count > lines.length ? ` The first ${lines.length} of ${countText(count)}.` : "";
  const columns = model.isDifference
    ? ["function", MEASURES[state.by].noun, "allocations"]
    : ["line", MEASURES[state.by].noun, "share", "allocations"];
  return tableOf(`${withinText()}${what} that allocate, by ${MEASURES[state.by].label.toLowerCase()}.${more}`, columns, found);
}

function sizesTable() {
  const { sizes, facts } = model.header;
  const counts = weightsOf("allocations");
  const bytes = weightsOf("allocated_bytes");
  const chosen = chosenRows();
  const found = bySize(model.rows, chosen, counts.weights, bytes.weights, sizes, facts.pymalloc);
  if (!found.length) return element("p", { className: "empty" }, "Nothing here.");
  const highest = Math.max(...found.map((item) => item.allocations));
  const about = facts.sampled ? "≈ " : "";
  const rounding = found.reduce((sum, item) => sum + item.rounding, 0);
  const drawn = found.map((item) => {
    const range = [sizes[item.first][0], sizes[item.last][1]];
    const isChosen = state.size && state.size[0] <= item.first && item.last <= state.size[1];
    return {
      cells: [
        sizeText(range),
        element("span", {}, about + countText(item.allocations), shareBar(item.allocations / highest)),
        about + bytesText(item.bytes),
        item.rounding ? about + bytesText(item.rounding) : "-",
      ],
      chosen: isChosen,
      onChoose: () => change({ size: isChosen ? null : [item.first, item.last] }),
    };
  });
  const lost = facts.pymalloc ? ` Rounding up to pymalloc's classes costs ${about}${bytesText(rounding)} of them all.` : "";
  const both = model.isDifference ? " Old and new together." : "";
  return tableOf(`${withinText()}Requests by size; choose one to see who makes them.${lost}${both}`,
    ["size", "allocations", "requested", "rounding"], drawn);
}

function panelTable(panel) {
  const drawn = panel.rows.map(({ cells, site, bars, more }) => {
    const keys = site ? keysOfSite(site) : [];
    const [name, place] = cells[0].split("  ");
    const head = element(
      "span", {}, place ? siteCell(name, place, originOf(site)) : name, bars.length ? sparkBars(bars) : null,
    );
    return {
      cells: [head, ...cells.slice(1)],
      below: more.length ? moreOf(more) : null,
      chosen: state.marked && keys.length > 0 && keys.every((key) => state.marked.has(key)),
      onChoose: keys.length ? () => toggleMark(keys) : null,
    };
  });
  return [element("p", { className: "place" }, panel.note), tableOf(panel.title, panel.columns, drawn)];
}

const sites = new Map();

function siteIndex() {
  if (sites.size) return sites;
  const { tree } = model;
  for (let node = 1; node < tree.count; node++) {
    const { path, origin } = model.functions[tree.called[node]];
    const name = `${path}\n${tree.line[node]}`;
    let known = sites.get(name);
    if (!known) sites.set(name, (known = { keys: new Set(), origin }));
    known.keys.add(model.keys[node]);
  }
  return sites;
}

function keysOfSite([path, line]) {
  const known = siteIndex().get(`${path}\n${line}`);
  return known ? [...known.keys] : [];
}

function originOf([path, line]) {
  return siteIndex().get(`${path}\n${line}`)?.origin ?? 1;
}

// ---- what people do ----

function change(changes) {
  Object.assign(state, changes);
  rebuild();
}

function zoom(place) {
  state.focus = place;
  state.current = place;
  measureFlame();
  showCurrent();
  showTableSoon();
  scrollToCurrent();
  redraw();
}

function select(place) {
  if (place < 0) return;
  state.current = place;
  state.marked = null;
  showCurrent();
  showTableSoon();
  scrollToCurrent();
  redraw();
}

// Brings the current frame into sight, also by leaving a zoom that does not hold it.
function scrollToCurrent() {
  const { current } = state;
  let isAbove = false;
  for (let at = state.focus; at >= 0; at = view.parent[at]) isAbove ||= at === current;
  const inside = current >= state.focus && current < view.end[state.focus];
  if (!inside && !isAbove) {
    state.focus = Math.max(view.parent[current], 0);
    measureFlame();
  }
  const flame = byId("flame");
  const y = rowTop(view.depth[current], rows, state.flipped);
  if (y < flame.scrollTop) flame.scrollTop = y;
  else if (y + ROW_PIXELS > flame.scrollTop + flame.clientHeight) {
    flame.scrollTop = y + ROW_PIXELS - flame.clientHeight;
  }
}

function reset() {
  if (state.search || state.marked) {
    state.search = byId("search").value = "";
    state.marked = null;
    refresh();
  } else if (state.focus) zoom(0);
  else if (state.window) change({ window: null });
  else select(0);
}

function resetAll() {
  byId("search").value = "";
  change({
    group: "none", domain: -1, size: null, thread: -1, imports: true, internals: true, inverted: false,
    window: null, focus: 0, current: 0, search: "", marked: null,
  });
  zoom(0);
}

function theme() {
  const dark = colours.isDark ? "light" : "dark";
  document.documentElement.dataset.theme = dark;
  paintAnew();
}

function paintAnew() {
  colours = coloursOf(document.documentElement);
  fills = fillsOf(model.functions, colours);
  redraw();
}

const ACTIONS = {
  up: () => move(state.flipped ? "child" : "parent"),
  down: () => move(state.flipped ? "parent" : "child"),
  previous: () => move("previous"),
  next: () => move("next"),
  root: () => zoom(0),
  zoom: () => zoom(state.current),
  reset,
  search: () => byId("search").focus(),
  invert: () => change({ inverted: !state.inverted, focus: 0, current: 0 }),
  flip() {
    state.flipped = !state.flipped;
    showControls();
    byId("flame").scrollTop = state.flipped ? rows * ROW_PIXELS : 0;
    redraw();
  },
  peak: () => change({ by: "peak_bytes", window: null }),
  theme,
  help: () => byId("keys").showModal(),
};
const FLAME_ACTIONS = new Set(["up", "down", "previous", "next", "root", "zoom"]);

function move(direction) {
  const { perUnit } = scaleOf(view, state.focus, byId("flame").clientWidth);
  select(neighbour(view, state.current, direction, perUnit ? 0.5 / perUnit : 0));
}

function onKey(event) {
  const action = actionOf(event);
  if (!action || byId("keys").open) return;
  const target = event.target;
  if (target === byId("search")) {
    if (action === "reset" || action === "zoom") {
      byId("flame").focus();
      if (action === "reset") reset();
      event.preventDefault();
    }
    return;
  }
  if (target.matches("select, input")) return;
  if (target === byId("chart") && ["previous", "next"].includes(action) && model.windows && model.windows.list.length > 1) {
    const moved = movedWindows(state.window, model.windows.list.length, action === "next", event.shiftKey);
    change({ window: moved });
  } else if (target.getAttribute("role") === "tab" && ["previous", "next"].includes(action)) {
    const names = tabs().map(({ name }) => name);
    const step = action === "next" ? 1 : names.length - 1;
    chooseTab(names[(names.indexOf(state.tab) + step) % names.length]);
  } else if (FLAME_ACTIONS.has(action) && target !== byId("flame") && target !== document.body) {
    return;
  } else ACTIONS[action]();
  event.preventDefault();
}

function pointed(event) {
  const flame = byId("flame");
  const box = byId("frames").getBoundingClientRect();
  const line = Math.floor((event.clientY - box.top + flame.scrollTop) / ROW_PIXELS);
  const depth = state.flipped ? rows - 1 - line : line;
  return frameAt(view, state.focus, flame.clientWidth, event.clientX - box.left, depth);
}

function showTip(event) {
  const place = pointed(event);
  const tip = byId("tip");
  tip.hidden = place < 0;
  if (place < 0) return;
  const { name, place: where, amount, share, ownAmount } = describe(place);
  const own = model.isDifference ? "" : `, ${ownAmount} by itself`;
  tip.replaceChildren(
    element("b", {}, name), element("span", {}, where),
    `${amount}, ${shareText(share)}${own}`,
  );
  const { offsetWidth: wide, offsetHeight: high } = tip;
  tip.style.left = `${Math.max(Math.min(event.clientX + 14, innerWidth - wide - 8), 4)}px`;
  tip.style.top = `${event.clientY + 18 + high > innerHeight ? event.clientY - high - 10 : event.clientY + 18}px`;
}

// ---- the start ----

function options(id, entries) {
  byId(id).replaceChildren(...entries.map(([value, text]) => element("option", { value: String(value) }, text)));
}

function fillControls() {
  const { rows: all, header } = model;
  const used = (column) => [...new Set(column)].sort((a, b) => a - b);
  options("by", Object.entries(MEASURES).map(([by, { label }]) => [by, label]));
  options("domain", [[-1, "all"], ...used(all.domain).map((domain) => [domain, DOMAIN_NAMES[domain]])]);
  options("size", [["", "all"], ["0-32", "≤ 512 B"], ["33-252", "> 512 B"],
    ...used(all.size).map((size) => [`${size}-${size}`, sizeText(header.sizes[size])])]);
  const threads = used(all.thread);
  options("thread", [[-1, "all"], ...threads.map((thread) => [thread, thread ? header.threads[thread - 1] : "unknown"])]);
  byId("thread-label").hidden = threads.length < 2;
  options("group", [["none", "none"], ...(threads.length > 1 ? [["thread", "thread"]] : []), ["domain", "domain"], ["size", "size class"]]);
}

function listen() {
  const number = (id) => () => change({ [id]: Number(byId(id).value) });
  byId("by").onchange = () => change({ by: byId("by").value });
  byId("group").onchange = () => change({ group: byId("group").value });
  byId("domain").onchange = number("domain");
  byId("thread").onchange = number("thread");
  byId("size").onchange = () => {
    const { value } = byId("size");
    change({ size: value ? value.split("-").map(Number) : null });
  };
  byId("imports").onclick = () => change({ imports: !state.imports });
  byId("internals").onclick = () => change({ internals: !state.internals });
  for (const id of ["invert", "flip", "peak", "theme", "help"]) byId(id).onclick = () => ACTIONS[id]();
  byId("reset").onclick = resetAll;
  byId("search").oninput = () => {
    state.search = byId("search").value;
    showFound();
    redraw();
  };
  document.addEventListener("keydown", onKey);
  const flame = byId("flame");
  flame.addEventListener("scroll", redraw);
  byId("frames").addEventListener("click", (event) => {
    const place = pointed(event);
    if (place >= 0) zoom(place);
  });
  byId("frames").addEventListener("pointermove", showTip);
  byId("frames").addEventListener("pointerleave", () => { byId("tip").hidden = true; });
  if (model.windows && model.windows.list.length > 1 && model.points) {
    brushOn(byId("chart"), {
      chart: () => chart, list: model.windows.list, choose: (window) => change({ window }),
    });
  }
  const resized = new ResizeObserver(() => { measureFlame(); redraw(); });
  for (const part of [flame, byId("time")]) resized.observe(part);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintAnew);
}

function swatch(className, text) {
  return element("span", {}, element("i", { className: `swatch ${className}` }), text);
}

function showLegends() {
  if (model.points) {
    byId("legend").replaceChildren(
      ...DOMAIN_NAMES.map((name) => swatch(name, `${name} domain`)),
      swatch("line", "highest in between"), swatch("dashed", "resident memory"), swatch("collector", "collector at work (estimate)"),
      element("span", { id: "window-text", "aria-live": "polite" }),
    );
  }
  byId("colours").textContent = model.isDifference
    ? "Width: old and new together. Blue with − is less than before, orange with + is more; lines of a function are one."
    : "Orange and bold: own code. Blue: dependencies. Grey and italic: standard library.";
  byId("keys").replaceChildren(
    element("h2", {}, "Keys"),
    element("dl", {}, ...KEYS.filter((key) => key.length > 2).flatMap(([, , shown, text]) => [
      element("dt", {}, element("kbd", {}, shown)), element("dd", {}, text),
    ])),
    element("p", {}, "On the chart: ← → choose a stretch of time, with Shift make it longer or shorter. A stretch consists of whole windows, the resolution of the capture."),
    element("p", {}, `Short-lived blocks were released before ${bytesText(model.header.short_lived_bytes)} more had been allocated.`),
    element("p", {}, `Inverted, frames below ${INVERTED_LEAST * 100}% of all are shown without their callers.`),
    element("form", { method: "dialog" }, element("button", {}, "Close")),
  );
}

async function start() {
  const data = byId("data");
  model = modelOf(await unpack(data.textContent.trim()));
  data.remove();
  showHeader(model.header);
  fillControls();
  showLegends();
  for (const id of ["toolbar", "flame-part", "tabs"]) byId(id).hidden = false;
  byId("time").hidden = !(model.points && model.points.time_ns.length > 1);
  if (model.isDifference) state.tab = "hotspots";
  colours = coloursOf(document.documentElement);
  fills = fillsOf(model.functions, colours);
  listen();
  rebuild();
}

start().catch((error) => {
  const notes = byId("notes");
  notes.hidden = false;
  notes.textContent = `The page cannot be shown: ${error.message}. It needs a browser of 2023 or later.`;
  throw error;
});
