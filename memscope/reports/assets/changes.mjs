// What changes what is shown: the measure and filters, the zoom, the frame that is chosen.

/** @import { State, ViewOptions } from "./types.mjs" */

import { ROW_PIXELS, rowTop } from "./canvas.mjs";
import { showControls } from "./controls.mjs";
import { measureFlame, redraw } from "./drawing.mjs";
import { placeOfFrames } from "./kept.mjs";
import { filtered, groupsOf, hiddenOf, typeLevelOf, weigh } from "./model.mjs";
import { page, state } from "./state.mjs";
import { byId } from "./tables.mjs";
import { showTable, showTableSoon } from "./tabs.mjs";
import { invertedView, pathTo, placeOfPath, viewOf } from "./tree.mjs";
import { showCurrent, showFound } from "./words.mjs";

// What an inverted view leaves out of sight, as a share of all: half a pixel of a wide screen.
export const INVERTED_LEAST = 1 / 4000;
// From so many calls on it takes long enough to be said (0.2 to 0.9 s for a million).
const SLOW_CALLS = 300_000;

/**
 * Works out the view anew, and finds the old places in it.
 *
 * @param {string[][] | null} [frames] those to the old places, if they were of other data; null: there were none
 */
export function rebuild(frames) {
  const paths = frames === undefined
    ? [state.focus, state.current].map((place) => pathTo(page.view, page.model.keys, place)) : [];
  if (state.window && state.by === "short_lived") state.by = "allocations";
  page.weighed = filtered(page.model, weigh(page.model, state.by, state.window), state);
  page.groups = state.inverted ? null : groupsOf(page.model, state.group);
  /** @type {ViewOptions} */
  const options = { deltas: page.weighed.deltas, hidden: hiddenOf(page.model, state) };
  const { weights } = page.weighed;
  if (state.inverted) {
    let total = 0;
    for (const weight of weights) total += weight;
    const inverted = { ...options, least: total * INVERTED_LEAST };
    page.view = invertedView(page.model.tree, page.model.keys, page.model.rows.node, weights, inverted);
  } else {
    if (state.types) options.typeOf = typeLevelOf(page.model);
    if (page.groups) Object.assign(options, { groupOf: page.groups.of, groups: page.groups.names.length });
    page.view = viewOf(page.model.tree, page.model.rows.node, weights, options);
  }
  const places = frames
    ? frames.map((names) => placeOfFrames(page.view, page.model, names))
    : paths.map((path) => placeOfPath(page.view, page.model.keys, path));
  [state.focus, state.current] = places.length ? places : [0, 0];
  refresh();
}

function refresh() {
  showControls(state, page.model);
  showFound();
  measureFlame();
  showCurrent();
  showTableSoon();
  redraw();
}

/** @param {number[]} keys */
export function toggleMark(keys) {
  const { marked } = state;
  state.retainer = 0;
  const same = marked && keys.length === marked.size && keys.every((key) => marked.has(key));
  state.marked = same ? null : new Set(keys);
  showTable();
  redraw();
}

/**
 * A holder, and the keys of the lines that made what it retains; 0: none.
 *
 * @param {number} place
 * @param {number[]} keys
 */
export function chooseRetainer(place, keys) {
  state.retainer = place;
  state.marked = keys.length ? new Set(keys) : null;
  showTable();
  redraw();
}

// Its marks go with it.
function leaveRetainer() {
  if (!state.retainer) return;
  state.retainer = 0;
  state.marked = null;
}

/** @param {Partial<State>} changes */
export function change(changes) {
  Object.assign(state, changes);
  if (page.model.tree.count < SLOW_CALLS) {
    rebuild();
    return;
  }
  // Said before it begins: drawn by the next frame, begun after that.
  document.documentElement.dataset.tables = "waiting";
  byId("flame-part").setAttribute("aria-busy", "true");
  byId("status").textContent = "Working it out …";
  requestAnimationFrame(() => setTimeout(() => {
    rebuild();
    byId("flame-part").removeAttribute("aria-busy");
  }));
}

/** @param {number} place */
export function zoom(place) {
  leaveRetainer();
  state.focus = place;
  state.current = place;
  measureFlame();
  showCurrent();
  showTableSoon();
  scrollToCurrent();
  redraw();
}

/** @param {number} place */
export function select(place) {
  if (place < 0) return;
  state.current = place;
  state.retainer = 0;
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
  for (let at = state.focus; at >= 0; at = page.view.parent[at]) isAbove ||= at === current;
  const inside = current >= state.focus && current < page.view.end[state.focus];
  if (!inside && !isAbove) {
    state.focus = Math.max(page.view.parent[current], 0);
    measureFlame();
  }
  const flame = byId("flame");
  const y = rowTop(page.view.depth[current], page.rows, state.flipped);
  if (y < flame.scrollTop) flame.scrollTop = y;
  else if (y + ROW_PIXELS > flame.scrollTop + flame.clientHeight) {
    flame.scrollTop = y + ROW_PIXELS - flame.clientHeight;
  }
}

export function reset() {
  if (state.search || state.marked || state.retainer) {
    state.search = byId("search").value = "";
    state.marked = null;
    state.retainer = 0;
    refresh();
  } else if (state.focus) zoom(0);
  else if (state.window) change({ window: null });
  else select(0);
}

export function resetAll() {
  byId("search").value = "";
  change({
    group: "none", domain: -1, size: null, thread: -1, type: -1, types: false, imports: "folded",
    internals: true, inverted: false, window: null, focus: 0, current: 0, search: "", marked: null, retainer: 0,
  });
  zoom(0);
}
