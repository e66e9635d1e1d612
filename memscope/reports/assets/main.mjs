// The page: what is chosen, and what follows from it.

import { brushOn, movedWindows } from "./brush.mjs";
import { drawView, frameAt, ROW_PIXELS, rowsNeeded, rowTop, scaleOf } from "./canvas.mjs";
import { unpack } from "./columns.mjs";
import { fillControls, showControls } from "./controls.mjs";
import { cardOf, placeText, sentenceOf } from "./details.mjs";
import { rowsWithin } from "./figures.mjs";
import { showHeader } from "./header.mjs";
import { actionOf } from "./keys.mjs";
import { showLegends } from "./legend.mjs";
import { changeFill, coloursOf, fillsOf } from "./look.mjs";
import { filtered, groupsOf, MEASURES, modelOf, weigh } from "./model.mjs";
import { hotspotsTable, panelTable, sizesTable } from "./panels.mjs";
import { expressionOf, matchingFunctions, totalOfMatches } from "./search.mjs";
import { sitesOf } from "./sites.mjs";
import { byId, element } from "./tables.mjs";
import { chartOf, drawChart } from "./timeline.mjs";
import { invertedView, neighbour, pathTo, placeOfPath, viewOf } from "./tree.mjs";
import { bytesText, countText, shareText, signedText } from "./units.mjs";

// Whoever walks quickly is not held up by tables that nobody has looked at.
const TABLE_DELAY_MS = 60;
// What an inverted view leaves out of sight, as a share of all: half a pixel of a wide screen.
const INVERTED_LEAST = 1 / 4000;

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
  showControls(state, model);
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

// ---- tables ----

function tabs() {
  const fixed = [
    { name: "hotspots", title: "Hotspots", show: hotspotsTable },
    { name: "sizes", title: "Sizes", show: sizesTable },
  ];
  const made = model.header.panels.map((panel) => ({
    name: panel.name, title: panel.title, show: (shown, act) => panelTable(panel, shown, act),
  }));
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
  const shown = { model, state, view, weighed, sites, chosenRows, weightsOf, withinText, amountOf, unitText };
  byId("table").replaceChildren(...[wanted.show(shown, { change, mark: toggleMark })].flat());
}

function chooseTab(name) {
  state.tab = name;
  showTable();
  byId(`tab-${name}`).focus();
}

function withinText() {
  return state.current ? `Within ${nameOf(state.current)}. ` : "";
}

let knownSites;

// Worked out when a table first asks.
function sites() {
  return (knownSites ??= sitesOf(model));
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
    showControls(state, model);
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

async function start() {
  const data = byId("data");
  model = modelOf(await unpack(data.textContent.trim()));
  data.remove();
  showHeader(model.header);
  fillControls(model);
  showLegends(model, INVERTED_LEAST);
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
