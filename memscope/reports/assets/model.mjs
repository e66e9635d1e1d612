// The opened data, and what rows weigh under what is chosen.

/**
 * @import {
 *   By, Change, Columns, Groups, Header, Lines, Made, Measure, Model, Numbers, Opened, Points, Span, State, Weighed,
 *   WeighedRows, WindowColumns, Windows,
 * } from "./types.mjs"
 */

import { summedUp } from "./columns.mjs";
import { callKeys, changesWithin, fullestWindow, liveAtEnd, passingOn, settled, treeOf } from "./tree.mjs";
import { bytesText, countText } from "./units.mjs";

/**
 * The words are those of memscope/analysis/measures.py.
 *
 * @type {Record<By, Measure>}
 */
export const MEASURES = {
  allocated_bytes: { label: "Allocated bytes", noun: "allocated", text: bytesText },
  allocations: { label: "Allocations", noun: "allocations", text: countText },
  peak_bytes: { label: "Live at the peak", noun: "live at the peak", text: bytesText },
  live_bytes: { label: "Live at the end", noun: "live at the end", text: bytesText },
  short_lived: { label: "Short-lived blocks", noun: "short-lived blocks", text: countText },
};

/**
 * The end of a recording that went on is no end.
 *
 * @param {boolean} interim
 */
export function nameTheEnd(interim) {
  const then = interim ? "then" : "at the end";
  Object.assign(MEASURES.live_bytes, { label: `Live ${then}`, noun: `live ${then}` });
}

/**
 * @param {Opened} opened
 * @returns {Model}
 */
export function modelOf({ header, columns }) {
  const texts = header.texts;
  const functions = header.functions.map(([name, file, path, origin, firstLine, isImport, isSmall]) => ({
    name: texts[name] || "<no name>",
    file: texts[file],
    path: texts[path],
    origin,
    firstLine,
    isImport: Boolean(isImport),
    standsForSmall: Boolean(isSmall),
  }));
  const tree = treeOf(columns, functions);
  const rows = {
    node: new Int32Array(summedUp(columns.row_node)),
    domain: columns.row_domain,
    size: columns.row_size,
    thread: columns.row_thread,
    type: columns.row_type ?? null,
  };
  /** @type {Int32Array | undefined} */
  let keys;
  /** @type {Uint8Array | undefined} */
  let passing;
  return {
    header,
    functions,
    tree,
    rows,
    // Worked out when first asked for: the first drawing can do without.
    get keys() {
      return (keys ??= callKeys(tree));
    },
    get passing() {
      return (passing ??= passingOn(tree, functions, rows.node));
    },
    isDifference: header.kind === "difference",
    lines: linesOf(header, columns),
    windows: windowsOf(header, columns),
    points: pointsOf(header, columns),
    measured: (by, side) => scaled(columns[`${by}_${side}`] ?? [], header.unit),
  };
}

/**
 * The lines of a tree that calls were left out of: what they come to was summed up before.
 *
 * @param {Header} header
 * @param {Columns} columns
 * @returns {Lines | null}
 */
function linesOf(header, columns) {
  if (!("line_row_node" in columns)) return null;
  return {
    header,
    called: Int32Array.from(columns.line_function, (number) => number - 1),
    line: columns.line_line,
    tree: { importing: columns.line_importing },
    rows: {
      node: new Int32Array(summedUp(columns.line_row_node)),
      domain: columns.line_row_domain,
      size: columns.line_row_size,
      thread: columns.line_row_thread,
      type: columns.line_row_type ?? null,
    },
    isDifference: header.kind === "difference",
    windows: null,
    measured: (by, side) => scaled(columns[`line_${by}_${side}`] ?? [], header.unit),
  };
}

/**
 * For each row the type that is shown below its call; -1 where there is no such call, or nobody's.
 *
 * @param {Model} model
 * @returns {Int32Array | null}
 */
export function typeLevelOf({ rows, header }) {
  if (!rows.type) return null;
  return Int32Array.from(rows.type, (type, row) => (rows.node[row] > 0 && type !== header.kept_type ? type : -1));
}

/**
 * Which of the two a measure is, where the line that asked for a block need not be the one that made the object in it.
 *
 * @param {By} by
 * @returns {"asked" | "made"}
 */
export function basisOf(by) {
  return by === "allocated_bytes" || by === "allocations" ? "asked" : "made";
}

/**
 * Objects that each row made, or of these those in blocks of free lists; null where windows do not tell.
 *
 * @param {Model} model
 * @param {Made} name
 * @param {Span | null} window
 * @returns {Weighed | null}
 */
export function madeBy(model, name, window) {
  return window ? null : weighed(model, name);
}

/**
 * @param {Numbers} column
 * @param {number} unit
 * @returns {Numbers}
 */
function scaled(column, unit) {
  if (unit === 1) return column;
  const found = new Float64Array(column.length);
  for (let i = 0; i < found.length; i++) found[i] = column[i] / unit;
  return found;
}

/**
 * The sign is in the lowest bit: where types may become known after a window, its changes may be negative.
 *
 * @param {Numbers} column
 * @returns {Float64Array}
 */
function signed(column) {
  // A loop: Float64Array.from() with a function takes ten times as long.
  const found = new Float64Array(column.length);
  for (let i = 0; i < found.length; i++) found[i] = column[i] % 2 ? -(column[i] + 1) / 2 : column[i] / 2;
  return found;
}

/**
 * @param {Header} header
 * @param {Columns} columns
 * @returns {Windows | null}
 */
function windowsOf(header, columns) {
  if (!("window_row" in columns) || !header.windows.length) return null;
  /** @type {Pick<Windows, "offsets" | "row"> | undefined} */
  let rows;
  /** @type {Partial<Record<Change, Numbers>>} */
  const known = {};
  /** @param {Change} name */
  const changes = (name) => {
    const column = columns[`window_${name}`];
    return (known[name] ??= scaled(header.facts.objects ? signed(column) : column, header.unit));
  };
  return {
    list: header.windows.map(([start, end, live]) => ({ start, end, live })),
    // Worked out when a time is chosen.
    get offsets() {
      return (rows ??= windowRows(columns)).offsets;
    },
    get row() {
      return (rows ??= windowRows(columns)).row;
    },
    get allocations() {
      return changes("allocations");
    },
    get allocated_bytes() {
      return changes("allocated_bytes");
    },
    get released_bytes() {
      return changes("released_bytes");
    },
  };
}

/**
 * Where the changes of each window begin, and of which row each is.
 *
 * @param {WindowColumns} columns
 * @returns {Pick<Windows, "offsets" | "row">}
 */
function windowRows(columns) {
  const counts = columns.window_rows;
  const offsets = new Float64Array(counts.length + 1);
  const row = new Int32Array(columns.window_row.length);
  for (let window = 0, at = 0; window < counts.length; window++) {
    // Rows are steps from the one before, and begin anew in each window.
    for (let i = 0, id = 0; i < counts[window]; i++, at++) row[at] = id += columns.window_row[at];
    offsets[window + 1] = at;
  }
  return { offsets, row };
}

/**
 * @param {Header} header
 * @param {Columns} columns
 * @returns {Points | null}
 */
function pointsOf(header, columns) {
  if (!("time_ns" in columns)) return null;
  return {
    time_ns: columns.time_ns,
    resident_bytes: columns.resident_bytes,
    collecting: columns.collecting,
    domains: header.domains.map(({ name }) => ({ name, bytes: scaled(columns[`${name}_bytes`], header.unit) })),
    max_live_bytes: scaled(columns.max_live_bytes, header.unit),
  };
}

/**
 * @param {WeighedRows} model
 * @param {By | Made} name
 * @returns {Weighed}
 */
function weighed(model, name) {
  if (!model.isDifference) return { weights: model.measured(name, 0), deltas: null };
  const count = model.rows.node.length;
  const [old, now] = [model.measured(name, 0), model.measured(name, 1)];
  const weights = new Float64Array(count);
  const deltas = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    weights[row] = old[row] + now[row];
    deltas[row] = now[row] - old[row];
  }
  return { weights, deltas };
}

/**
 * What each row weighs by a measure, over the chosen windows if there are any: { weights, deltas }.
 *
 * @param {WeighedRows} model
 * @param {By} by
 * @param {Span | null} window
 * @returns {Weighed}
 */
export function weigh(model, by, window) {
  const { windows, header, rows } = model;
  if (model.isDifference || !window || !windows) return weighed(model, by);
  const weights = weightsWithin(windows, rows.node.length, by, window);
  return { weights: header.facts.objects ? settled(rows.node, weights) : weights, deltas: null };
}

/**
 * @param {Windows} windows
 * @param {number} count
 * @param {By} by
 * @param {Span} window
 * @returns {Float64Array}
 */
function weightsWithin(windows, count, by, [first, last]) {
  if (by === "live_bytes") return liveAtEnd(windows, count, last);
  if (by === "peak_bytes") return liveAtEnd(windows, count, fullestWindow(windows, first, last));
  if (by === "short_lived") throw new Error("windows do not tell which blocks were short-lived");
  return changesWithin(windows, count, by, first, last);
}

/**
 * The same with what is filtered out weighing nothing.
 *
 * @param {Pick<WeighedRows, "rows" | "tree">} model
 * @param {Weighed} weighed
 * @param {Pick<State, "domain" | "size" | "thread" | "type" | "imports">} state
 * @returns {Weighed}
 */
export function filtered(model, { weights, deltas }, { domain, size, thread, type, imports }) {
  const { rows, tree } = model;
  if (domain < 0 && !size && thread < 0 && type < 0 && imports !== "out") return { weights, deltas };
  const kept = Float64Array.from(weights);
  const changes = deltas && Float64Array.from(deltas);
  for (let row = 0; row < kept.length; row++) {
    if (
      (domain >= 0 && rows.domain[row] !== domain) ||
      (size && (rows.size[row] < size[0] || rows.size[row] > size[1])) ||
      (thread >= 0 && rows.thread[row] !== thread) ||
      (type >= 0 && rows.type && rows.type[row] !== type) ||
      (imports === "out" && tree.importing[rows.node[row]])
    ) {
      kept[row] = 0;
      if (changes) changes[row] = 0;
    }
  }
  return { weights: kept, deltas: changes };
}

/**
 * Which calls are not shown; null if all are. What they weigh is shown of their callers.
 *
 * @param {Model} model
 * @param {Pick<State, "imports" | "internals">} state
 * @returns {Uint8Array | null}
 */
export function hiddenOf({ tree, passing }, { imports, internals }) {
  const folded = imports === "folded" ? passing : null;
  const inner = internals ? null : tree.internal;
  if (!folded || !inner) return folded ?? inner;
  return folded.map((is, node) => is | inner[node]);
}

/**
 * What the first level is made of: which group each row is in, and what they are called.
 *
 * @param {Model} model
 * @param {State["group"]} group
 * @returns {Groups | null}
 */
export function groupsOf(model, group) {
  const { rows, header } = model;
  if (group === "domain") return { of: rows.domain, names: model.header.domains.map(({ name }) => `${name} domain`) };
  if (group === "thread") {
    return { of: rows.thread, names: ["unknown thread", ...header.threads] };
  }
  if (group === "type" && rows.type) return { of: rows.type, names: header.types };
  if (group === "size") return { of: rows.size, names: header.sizes.map(sizeText) };
  return null;
}

/**
 * @param {Span} size
 * @returns {string}
 */
export function sizeText([from, to]) {
  return to <= 0 ? "0 B" : from < 1024 ? `${from}-${to} B` : `${bytesText(from)} to ${bytesText(to + 1)}`;
}
