// The opened data, and what rows weigh under what is chosen.

import { summedUp } from "./columns.mjs";
import { callKeys, changesWithin, fullestWindow, liveAtEnd, passingOn, treeOf } from "./tree.mjs";
import { bytesText, countText } from "./units.mjs";

// The words are those of memscope/analysis/measures.py.
export const MEASURES = {
  allocated_bytes: { label: "Allocated bytes", noun: "allocated", text: bytesText },
  allocations: { label: "Allocations", noun: "allocations", text: countText },
  peak_bytes: { label: "Live at the peak", noun: "live at the peak", text: bytesText },
  live_bytes: { label: "Live at the end", noun: "live at the end", text: bytesText },
  short_lived: { label: "Short-lived blocks", noun: "short-lived blocks", text: countText },
};
export const DOMAIN_NAMES = ["raw", "mem", "obj"];

export function modelOf({ header, columns }) {
  const texts = header.texts;
  const functions = header.functions.map(([name, file, path, origin, firstLine, isImport]) => ({
    name: texts[name] || "<no name>",
    file: texts[file],
    path: texts[path],
    origin,
    firstLine,
    isImport: Boolean(isImport),
  }));
  const tree = treeOf(columns, functions);
  const rows = {
    node: Int32Array.from(summedUp(columns.row_node)),
    domain: columns.row_domain,
    size: columns.row_size,
    thread: columns.row_thread,
  };
  let keys, passing;
  const model = {
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
    windows: windowsOf(header, columns),
    points: pointsOf(header, columns),
    measured: (by, side) => scaled(columns[`${by}_${side}`], header.unit),
  };
  return model;
}

function scaled(column, unit) {
  return unit === 1 ? column : Float64Array.from(column, (value) => value / unit);
}

function windowsOf(header, columns) {
  if (!header.windows.length) return null;
  const counts = columns.window_rows;
  const offsets = new Float64Array(counts.length + 1);
  const row = new Int32Array(columns.window_row.length);
  for (let window = 0, at = 0; window < counts.length; window++) {
    // Rows are steps from the one before, and begin anew in each window.
    for (let i = 0, id = 0; i < counts[window]; i++, at++) row[at] = id += columns.window_row[at];
    offsets[window + 1] = at;
  }
  const windows = {
    list: header.windows.map(([start, end, live]) => ({ start, end, live })),
    offsets,
    row,
  };
  for (const name of ["allocations", "allocated_bytes", "released", "released_bytes"]) {
    windows[name] = scaled(columns[`window_${name}`], header.unit);
  }
  return windows;
}

function pointsOf(header, columns) {
  if (!columns.time_ns) return null;
  const points = { time_ns: columns.time_ns, resident_bytes: columns.resident_bytes, collecting: columns.collecting };
  for (const name of ["raw_bytes", "mem_bytes", "obj_bytes", "max_live_bytes"]) {
    points[name] = scaled(columns[name], header.unit);
  }
  return points;
}

// What each row weighs by a measure, over the chosen windows if there are any: { weights, deltas }.
export function weigh(model, by, window) {
  const count = model.rows.node.length;
  if (model.isDifference) {
    const [old, now] = [model.measured(by, 0), model.measured(by, 1)];
    const weights = new Float64Array(count);
    const deltas = new Float64Array(count);
    for (let row = 0; row < count; row++) {
      weights[row] = old[row] + now[row];
      deltas[row] = now[row] - old[row];
    }
    return { weights, deltas };
  }
  if (!window) return { weights: model.measured(by, 0), deltas: null };
  const { windows } = model;
  const [first, last] = window;
  if (by === "live_bytes") return { weights: liveAtEnd(windows, count, last), deltas: null };
  if (by === "peak_bytes") {
    return { weights: liveAtEnd(windows, count, fullestWindow(windows, first, last)), deltas: null };
  }
  return { weights: changesWithin(windows, count, by, first, last), deltas: null };
}

// The same with what is filtered out weighing nothing.
export function filtered(model, { weights, deltas }, { domain, size, thread, imports }) {
  const { rows, tree } = model;
  if (domain < 0 && !size && thread < 0 && imports !== "out") return { weights, deltas };
  const kept = Float64Array.from(weights);
  const changes = deltas && Float64Array.from(deltas);
  for (let row = 0; row < kept.length; row++) {
    if (
      (domain >= 0 && rows.domain[row] !== domain) ||
      (size && (rows.size[row] < size[0] || rows.size[row] > size[1])) ||
      (thread >= 0 && rows.thread[row] !== thread) ||
      (imports === "out" && tree.importing[rows.node[row]])
    ) {
      kept[row] = 0;
      if (changes) changes[row] = 0;
    }
  }
  return { weights: kept, deltas: changes };
}

// Which calls are not shown; null if all are. What they weigh is shown of their callers.
export function hiddenOf({ tree, passing }, { imports, internals }) {
  const hidden = [imports === "folded" && passing, !internals && tree.internal].filter(Boolean);
  if (hidden.length < 2) return hidden[0] ?? null;
  return hidden[0].map((is, node) => is | hidden[1][node]);
}

// What the first level is made of: which group each row is in, and what they are called.
export function groupsOf(model, group) {
  const { rows, header } = model;
  if (group === "domain") return { of: rows.domain, names: DOMAIN_NAMES.map((name) => `${name} domain`) };
  if (group === "thread") {
    return { of: rows.thread, names: ["unknown thread", ...header.threads] };
  }
  if (group === "size") return { of: rows.size, names: header.sizes.map(sizeText) };
  return null;
}

export function sizeText([from, to]) {
  return to <= 0 ? "0 B" : from < 1024 ? `${from}-${to} B` : `${bytesText(from)} to ${bytesText(to + 1)}`;
}
