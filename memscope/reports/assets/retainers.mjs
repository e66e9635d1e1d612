// The tab of holders: what they retain as a drawing, linked with the flame by the lines that made it.

/**
 * @import {
 *   Act, Retainers, RetainersLayout, Shown, TableRow,
 * } from "./types.mjs"
 */

import { drawView, frameAt, ROW_PIXELS, rowsNeeded, scaleOf } from "./canvas.mjs";
import { contextOf } from "./drawing.mjs";
import { hideTip, tellAt } from "./pointer.mjs";
import { page, state } from "./state.mjs";
import { element, shareBar, siteCell, tableOf } from "./tables.mjs";
import { neighbour } from "./tree.mjs";
import { bytesText, countText, shareText, signedText, timeText } from "./units.mjs";

const HOLDER_ROWS = 60;
/** @type {Record<string, "parent" | "child" | "previous" | "next">} */
const RETAINER_KEYS = { ArrowUp: "parent", ArrowDown: "child", ArrowLeft: "previous", ArrowRight: "next" };

/**
 * Where each group stands: as wide as what it retains, below the group that retains it.
 *
 * @param {Retainers} retainers
 * @returns {RetainersLayout}
 */
export function icicleLayout({ groups }) {
  const count = groups.length;
  const parent = Int32Array.from(groups, ([above]) => above);
  const value = Float64Array.from(groups, (group) => group[5]);
  const [depth, end] = [new Int32Array(count), new Int32Array(count)];
  const [start, used] = [new Float64Array(count), new Float64Array(count)];
  for (let place = 1; place < count; place++) {
    const above = parent[place];
    depth[place] = depth[above] + 1;
    start[place] = start[above] + used[above];
    used[above] += value[place];
  }
  for (let place = count - 1; place >= 0; place--) {
    end[place] = Math.max(end[place], place + 1);
    if (place) end[parent[place]] = Math.max(end[parent[place]], end[place]);
  }
  return { count, parent, value, depth, start, end };
}

/**
 * For each group the bytes that these lines made, of itself and of all below it.
 *
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {Set<number>} lines
 * @returns {Float64Array}
 */
export function madeWithin({ pairs }, layout, lines) {
  const sums = new Float64Array(layout.count);
  for (const [group, line, bytes] of pairs) if (lines.has(line)) sums[group] += bytes;
  for (let place = layout.count - 1; place > 0; place--) sums[layout.parent[place]] += sums[place];
  return sums;
}

/**
 * The lines that made what a group retains, with their bytes, the most first.
 *
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {number} place
 * @returns {[line: number, bytes: number][]}
 */
export function linesBehind({ pairs }, layout, place) {
  /** @type {Map<number, number>} */
  const sums = new Map();
  for (const [group, line, bytes] of pairs) {
    if (group >= place && group < layout.end[place]) sums.set(line, (sums.get(line) ?? 0) + bytes);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}

/** @type {WeakMap<Retainers, RetainersLayout>} */
const knownLayouts = new WeakMap();

/**
 * The lines that are chosen in the flame: marked, or within the current frame. Null: none are.
 *
 * @param {Retainers} retainers
 * @param {Shown} shown
 * @returns {Set<number> | null}
 */
function linesChosen({ lines }, { model, view, sites }) {
  /** @type {Set<number> | null} */
  let keys = state.marked;
  if (!keys && state.current) {
    const last = state.inverted ? state.current + 1 : view.end[state.current];
    keys = new Set();
    for (let place = state.current; place < last; place++) if (view.node[place]) keys.add(model.keys[view.node[place]]);
  }
  if (!keys) return null;
  const wanted = keys;
  const chosen = new Set();
  lines.forEach(([path, line], number) => {
    if (sites().keysOf([path, line]).some((key) => wanted.has(key))) chosen.add(number);
  });
  return chosen;
}

/**
 * @param {Retainers} retainers
 * @param {Shown} shown
 * @param {Act} act
 * @returns {HTMLElement}
 */
export function retainersTable(retainers, shown, act) {
  const layout = knownLayouts.get(retainers) ?? icicleLayout(retainers);
  knownLayouts.set(retainers, layout);
  const lines = state.retainer ? null : linesChosen(retainers, shown);
  const made = lines && madeWithin(retainers, layout, lines);
  /** @param {number} place */
  const choose = (place) => {
    const keys = place ? linesBehind(retainers, layout, place).flatMap(([line]) => keysOf(line)) : [];
    act.retain(place, keys);
  };
  /** @param {number} line */
  const keysOf = (line) => {
    const [path, number] = retainers.lines[line];
    return shown.sites().keysOf([path, number]);
  };
  const below = state.retainer
    ? [holderCard(retainers, layout), madeTable(retainers, layout, act, keysOf), heldTable(retainers, layout, choose)]
    : [holdersTable(retainers, layout, made, shown, choose)];
  return element(
    "div", { className: "retainers" }, element("p", { className: "place" }, noteOf(retainers)),
    icicleOf(retainers, layout, made, choose), ...below,
  );
}

/**
 * @param {Retainers} retainers
 * @returns {string}
 */
function noteOf({ cause, time_s: timeS, pause_s: pauseS, snapshots, groups }) {
  const when = cause === "end" ? "at the end" : `at ${timeText(timeS)}`;
  const last = snapshots > 1 ? `, the last of ${countText(snapshots)}` : "";
  return `Who keeps ${countText(groups[0][6])} objects alive, ${when}${last}; the program stood still for`
    + ` ${timeText(pauseS)}. A box is as wide as what would be free without it. Grey: holders. Orange: instances of`
    + " classes. Blue: of built-in types.";
}

// ---- the drawing --------------------------------------------------------------------------------

/**
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {number} place
 * @returns {string}
 */
function groupName({ groups }, layout, place) {
  if (!place) return "all objects";
  const [, name, , , objects] = groups[place];
  return layout.depth[place] === 1 || objects === 1 ? name : `${name} × ${countText(objects)}`;
}

/**
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {Float64Array | null} made
 * @param {(place: number) => void} choose
 * @returns {HTMLElement}
 */
function icicleOf(retainers, layout, made, choose) {
  const canvas = element("canvas", {});
  const hadFocus = document.activeElement?.classList.contains("icicle");
  const part = element(
    "div", {
      className: "icicle", tabIndex: 0, role: "application",
      "aria-label": "What holders retain. Arrow keys move, Escape goes back to all.",
    }, canvas,
  );
  const focus = state.retainer;
  /** @param {MouseEvent} event */
  const placeAt = (event) => {
    const box = canvas.getBoundingClientRect();
    const depth = Math.floor((event.clientY - box.top) / ROW_PIXELS);
    return frameAt(layout, focus, box.width, event.clientX - box.left, depth);
  };
  canvas.addEventListener("click", (event) => {
    const place = placeAt(event);
    if (place >= 0) choose(place === focus ? Math.max(layout.parent[place], 0) : place);
  });
  canvas.addEventListener("pointermove", (event) => {
    const place = placeAt(event);
    if (place < 0) hideTip();
    else tellAt(event, ...tipOf(retainers, layout, place));
  });
  canvas.addEventListener("pointerleave", hideTip);
  part.addEventListener("keydown", (event) => {
    const direction = RETAINER_KEYS[event.key];
    if (!direction && event.key !== "Escape") return;
    const { perUnit } = scaleOf(layout, focus, part.clientWidth);
    choose(direction ? neighbour(layout, focus, direction, perUnit ? 0.5 / perUnit : 0) : 0);
    event.preventDefault();
    event.stopPropagation();
  });
  new ResizeObserver(() => {
    drawRetainers(canvas, part.clientWidth, retainers, layout, made);
    if (hadFocus && document.activeElement === document.body) part.focus();
  }).observe(part);
  return part;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {Float64Array | null} made
 */
function drawRetainers(canvas, width, retainers, layout, made) {
  if (!width) return;
  const focus = state.retainer;
  const rows = rowsNeeded(layout, focus, width);
  const height = rows * ROW_PIXELS;
  const context = contextOf(canvas, width, height);
  const mono = getComputedStyle(canvas).fontFamily;
  const [bold, plain] = [`600 12px ${mono}`, `400 12px ${mono}`];
  context.font = bold;
  const paint = { fill: "", ink: page.colours["frame-ink"], font: plain, faded: false, marked: false };
  drawView(context, layout, {
    width, height, top: 0, rows, flipped: false, focus, current: focus || -1, colours: page.colours,
    nameOf: (place) => groupName(retainers, layout, place), placeOf: (place) => bytesText(layout.value[place]),
    placeFont: plain, characterPixels: context.measureText("m").width,
    paintOf(place) {
      const name = retainers.groups[place][1];
      const holder = layout.depth[place] < 2;
      const origin = name.startsWith("builtins.") || !name.includes(".") ? 1 : 0;
      const [hue, saturation, lightness] = page.colours.frames[origin];
      paint.fill = holder ? page.colours["frame-group"] : `hsl(${hue} ${saturation}% ${lightness}%)`;
      paint.font = holder ? bold : plain;
      paint.marked = Boolean(made && place && made[place]);
      paint.faded = Boolean(made && place && !made[place]);
      return paint;
    },
  });
}

/**
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {number} place
 * @returns {(string | HTMLElement)[]}
 */
function tipOf(retainers, layout, place) {
  const [, , way, root, objects, , retained] = retainers.groups[place];
  const share = shareText(layout.value[place] / (layout.value[0] || 1));
  const what = objects > 1 ? `${countText(objects)} objects, which retain ` : "";
  return [
    element("b", {}, groupName(retainers, layout, place)), element("span", {}, way, root ? `, ${root}` : ""),
    `${what}${bytesText(layout.value[place])}, ${share}, ${countText(retained)} objects in all`,
  ];
}

// ---- what is said of it -------------------------------------------------------------------------

/**
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @returns {HTMLElement}
 */
function holderCard(retainers, layout) {
  const [, , way, root, , , retained, gained] = retainers.groups[state.retainer];
  /** @type {[term: string, value: string][]} */
  const facts = [
    ["Retains", bytesText(layout.value[state.retainer])],
    ["Share", shareText(layout.value[state.retainer] / (layout.value[0] || 1))],
    ["Objects", countText(retained)],
  ];
  if (gained !== null) facts.push(["Since the first snapshot", signedText(gained, bytesText)]);
  return element(
    "div", { className: "holder" }, element("h2", {}, way || groupName(retainers, layout, state.retainer)),
    root ? element("p", { className: "place" }, root) : null,
    element("dl", { className: "facts-list" }, ...facts.map(([term, value]) =>
      element("div", {}, element("dt", {}, term), element("dd", {}, value)))),
  );
}

/**
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {Act} act
 * @param {(line: number) => number[]} keysOf
 * @returns {HTMLElement}
 */
function madeTable(retainers, layout, act, keysOf) {
  const whole = layout.value[state.retainer] || 1;
  /** @type {TableRow[]} */
  const rows = linesBehind(retainers, layout, state.retainer).slice(0, HOLDER_ROWS).map(([line, bytes]) => {
    const [, number, name, file, origin] = retainers.lines[line];
    const keys = keysOf(line);
    return {
      cells: [siteCell(name, `${file}:${number}`, origin), bytesText(bytes), shareCell(bytes / whole)],
      chosen: keys.length > 0 && state.marked?.size === keys.length && keys.every((key) => state.marked?.has(key)),
      onChoose: keys.length ? () => act.retain(state.retainer, keys) : null,
    };
  });
  if (!rows.length) {
    return element("p", { className: "empty" }, "Made before the recording, or by no line that is known.");
  }
  return tableOf("Made by these lines; they are marked in the flame graph.", ["line", "made", "share"], rows);
}

/** @param {number} share */
function shareCell(share) {
  return element("span", {}, shareText(share), shareBar(share));
}

/**
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {(place: number) => void} choose
 * @returns {HTMLElement | null}
 */
function heldTable(retainers, layout, choose) {
  const whole = layout.value[state.retainer] || 1;
  /** @type {TableRow[]} */
  const rows = [];
  for (let place = state.retainer + 1; place < layout.end[state.retainer]; place = layout.end[place]) {
    const name = groupName(retainers, layout, place);
    const value = layout.value[place];
    rows.push({
      cells: [siteCell(name, retainers.groups[place][2], 1), bytesText(value), shareCell(value / whole)],
      chosen: false, onChoose: () => choose(place),
    });
  }
  return rows.length ? tableOf("It keeps alive.", ["objects", "retained", "share"], rows) : null;
}

/**
 * All holders, or those of what the chosen lines made.
 *
 * @param {Retainers} retainers
 * @param {RetainersLayout} layout
 * @param {Float64Array | null} made
 * @param {Shown} shown
 * @param {(place: number) => void} choose
 * @returns {HTMLElement}
 */
function holdersTable(retainers, layout, made, shown, choose) {
  const grown = retainers.since_s !== null;
  /** @type {[place: number, bytes: number][]} */
  const found = [];
  for (let place = 1; place < layout.count; place = layout.end[place]) {
    const bytes = made ? made[place] : layout.value[place];
    if (bytes) found.push([place, bytes]);
  }
  found.sort((a, b) => b[1] - a[1]);
  const whole = made ? made[0] || 1 : layout.value[0] || 1;
  const rows = found.slice(0, HOLDER_ROWS).map(([place, bytes]) => {
    const [, name, , root, , , , gained] = retainers.groups[place];
    const change = gained === null ? "-" : signedText(gained, bytesText);
    return {
      cells: [
        siteCell(name, root, 0), bytesText(bytes), shareCell(bytes / whole),
        ...(made ? [bytesText(layout.value[place])] : grown ? [change] : []),
      ],
      chosen: false, onChoose: () => choose(place),
    };
  });
  if (!rows.length) {
    return element("p", { className: "empty" }, "Nothing that these lines made is kept by a holder that is shown.");
  }
  if (made) {
    return tableOf(
      `${shown.withinText()}Who keeps alive what these lines made, whoever called them; choose one to see more.`,
      ["holder", "made here", "share", "retained"], rows,
    );
  }
  const more = retainers.holders > rows.length ? ` ${rows.length} of ${countText(retainers.holders)}.` : "";
  const since = grown ? ["gained"] : [];
  const told = grown ? ` Gained: since the snapshot at ${timeText(retainers.since_s ?? 0)}.` : "";
  return tableOf(
    `Holders by what they retain; choose one to see the lines that made it.${more}${told}`,
    ["holder", "retained", "share", ...since], rows,
  );
}
