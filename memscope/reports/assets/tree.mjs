// The call tree and what it weighs: pure functions over columns.
//
// A tree lies in preorder: a call's callees follow it, up to `end`. A view is a tree to draw: calls
// that weigh nothing are left out, each has a place (`start`) and a width (`value`) in the unit of
// the measure.

/**
 * @import {
 *   CallColumns, Called, CallWeights, Change, Direction, InvertedOptions, Layout, Numbers, Span, Stretch, Tree,
 *   TypePart, View, ViewOptions, Window, Windows,
 * } from "./types.mjs"
 */

export const ROOT = 0;

/**
 * @param {CallColumns} columns
 * @param {Pick<Called, "origin" | "isImport">[]} functions
 * @returns {Tree}
 */
export function treeOf(columns, functions) {
  const { depth, line } = columns;
  const count = depth.length;
  const parent = new Int32Array(count).fill(-1);
  const end = new Int32Array(count);
  const called = new Int32Array(count);
  const importing = new Uint8Array(count);
  const internal = new Uint8Array(count);
  /** @type {number[]} */
  const path = [];
  for (let node = 0; node < count; node++) {
    while (path.length > depth[node]) {
      end[path[path.length - 1]] = node;
      path.pop();
    }
    const above = path.length ? path[path.length - 1] : -1;
    path.push(node);
    parent[node] = above;
    const number = (called[node] = columns.function[node] - 1);
    if (number < 0) continue;
    importing[node] = importing[above] || functions[number].isImport ? 1 : 0;
    // A library that a library called: of interest to its authors.
    internal[node] =
      functions[number].origin !== 0 && called[above] >= 0 && functions[called[above]].origin !== 0
        ? 1
        : 0;
  }
  for (const left of path) end[left] = count;
  return { count, parent, end, depth, called, line, importing, internal };
}

/**
 * 1 for each call of the import machinery that allocates nothing itself: five lie between a module and one that it
 * imports.
 *
 * @param {Tree} tree
 * @param {Pick<Called, "isImport">[]} functions
 * @param {Numbers} rowNode
 * @returns {Uint8Array}
 */
export function passingOn({ count, called }, functions, rowNode) {
  const passing = new Uint8Array(count);
  for (let node = 1; node < count; node++) passing[node] = functions[called[node]].isImport ? 1 : 0;
  for (const node of rowNode) passing[node] = 0;
  return passing;
}

/**
 * What each row adds up to over windows `first` to `last`, both included; `released` is taken off.
 *
 * @param {Windows} windows
 * @param {number} rows
 * @param {Change} name
 * @param {number} first
 * @param {number} last
 * @param {Change} [released]
 * @returns {Float64Array}
 */
export function changesWithin(windows, rows, name, first, last, released) {
  const sums = new Float64Array(rows);
  const { offsets, row } = windows;
  const more = windows[name];
  const less = released ? windows[released] : null;
  for (let i = offsets[first]; i < offsets[last + 1]; i++) {
    sums[row[i]] += more[i];
    if (less) sums[row[i]] -= less[i];
  }
  return sums;
}

/**
 * Bytes live at the end of window `last`, for each row.
 *
 * @param {Windows} windows
 * @param {number} rows
 * @param {number} last
 * @returns {Float64Array}
 */
export function liveAtEnd(windows, rows, last) {
  return changesWithin(windows, rows, "allocated_bytes", 0, last, "released_bytes");
}

/**
 * The place of the window, of those from `first` to `last`, at whose end most was live.
 *
 * @param {Windows} windows
 * @param {number} first
 * @param {number} last
 * @returns {number}
 */
export function fullestWindow(windows, first, last) {
  let best = first;
  for (let i = first; i <= last; i++) {
    if (windows.list[i].live > windows.list[best].live) best = i;
  }
  return best;
}

/**
 * Those windows that a stretch of time touches.
 *
 * @param {Window[]} list
 * @param {number} fromNs
 * @param {number} toNs
 * @returns {Span}
 */
export function windowsTouched(list, fromNs, toNs) {
  let first = list.findIndex((window) => window.end > fromNs);
  if (first < 0) first = list.length - 1;
  let last = first;
  while (last + 1 < list.length && list[last + 1].start < toNs) last += 1;
  return [first, last];
}

/** @type {("node" | "parent" | "depth" | "group" | "type")[]} */
const WHOLE = ["node", "parent", "depth", "group", "type"];
/** @type {("start" | "value" | "self" | "delta" | "cursor")[]} */
const WEIGHTS = ["start", "value", "self", "delta", "cursor"];

// A view while it is made.
class Growing {
  /** @param {number} count */
  constructor(count) {
    this.node = new Int32Array(count);
    this.parent = new Int32Array(count);
    this.depth = new Int32Array(count);
    this.group = new Int32Array(count);
    this.type = new Int32Array(count);
    this.start = new Float64Array(count);
    this.value = new Float64Array(count);
    this.self = new Float64Array(count);
    this.delta = new Float64Array(count);
    this.cursor = new Float64Array(count);
    this.count = 0;
  }

  /** @param {number} more */
  room(more) {
    const needed = this.count + more;
    if (needed <= this.node.length) return;
    const size = Math.max(needed, this.node.length * 2);
    for (const name of WHOLE) {
      const wider = new Int32Array(size);
      wider.set(this[name]);
      this[name] = wider;
    }
    for (const name of WEIGHTS) {
      const wider = new Float64Array(size);
      wider.set(this[name]);
      this[name] = wider;
    }
  }

  /**
   * @param {number} node
   * @param {number} parent
   * @param {number} group
   * @param {number} value
   * @param {number} self
   * @param {number} delta
   * @returns {number}
   */
  push(node, parent, group, value, self, delta) {
    const place = this.count++;
    this.node[place] = node;
    this.parent[place] = parent;
    this.group[place] = group;
    this.type[place] = -1;
    this.value[place] = value;
    this.self[place] = self;
    this.delta[place] = delta;
    if (parent >= 0) {
      this.depth[place] = this.depth[parent] + 1;
      this.start[place] = this.cursor[parent];
      this.cursor[parent] += value;
    }
    this.cursor[place] = this.start[place];
    return place;
  }

  /** @returns {View} */
  finish() {
    const { node, parent, depth, group, type, start, value, self, delta, count } = this;
    const end = new Int32Array(count);
    for (let i = count - 1; i >= 0; i--) {
      if (end[i] <= i) end[i] = i + 1;
      if (parent[i] >= 0 && end[parent[i]] < end[i]) end[parent[i]] = end[i];
    }
    return { count, node, parent, depth, group, type, start, value, self, delta, end };
  }
}

/**
 * The rows of one group after those of another; without groups, all as they are.
 *
 * @param {number} rowCount
 * @param {Numbers | undefined} groupOf
 * @param {number} groups
 * @returns {{ order: Int32Array | null, offsets: Int32Array }}
 */
function rowsByGroup(rowCount, groupOf, groups) {
  const offsets = new Int32Array(groups + 1);
  if (!groupOf) {
    offsets[1] = rowCount;
    return { order: null, offsets };
  }
  for (let row = 0; row < rowCount; row++) offsets[groupOf[row] + 1] += 1;
  for (let group = 0; group < groups; group++) offsets[group + 1] += offsets[group];
  const order = new Int32Array(rowCount);
  const next = offsets.slice();
  for (let row = 0; row < rowCount; row++) order[next[groupOf[row]]++] = row;
  return { order, offsets };
}

/**
 * What each shown call weighs itself, type by type, heaviest first. `rows` are those of one group, in order of call and
 * type; -1 is no type.
 *
 * @param {Tree} tree
 * @param {Numbers} rowNode
 * @param {Numbers} weights
 * @param {Numbers} rows
 * @param {Pick<ViewOptions, "deltas" | "hidden" | "typeOf">} options
 * @returns {Map<number, TypePart[]>}
 */
function partsByType({ parent }, rowNode, weights, rows, { deltas, hidden, typeOf }) {
  /** @type {Map<number, Map<number, TypePart>>} */
  const found = new Map();
  for (const row of rows) {
    const type = typeOf?.[row] ?? -1;
    if (type < 0 || !(weights[row] > 0)) continue;
    const node = shownCall(parent, hidden, rowNode[row]);
    let parts = found.get(node);
    if (!parts) found.set(node, (parts = new Map()));
    let part = parts.get(type);
    if (!part) parts.set(type, (part = { type, value: 0, delta: 0 }));
    part.value += weights[row];
    if (deltas) part.delta += deltas[row];
  }
  /** @type {Map<number, TypePart[]>} */
  const sorted = new Map();
  for (const [node, parts] of found) {
    sorted.set(node, [...parts.values()].sort((a, b) => b.value - a.value || a.type - b.type));
  }
  return sorted;
}

/**
 * The call itself, or the first of its callers that is shown.
 *
 * @param {Numbers} parent
 * @param {Numbers | null | undefined} hidden
 * @param {number} node
 * @returns {number}
 */
export function shownCall(parent, hidden, node) {
  let shown = node;
  while (shown > 0 && hidden && hidden[shown]) shown = parent[shown];
  return shown;
}

/**
 * Takes what is below 0 off the other rows of its call: a block whose type became known later is moved from one row of
 * a call to another.
 *
 * @param {Numbers} rowNode
 * @param {Float64Array} weights
 * @returns {Float64Array}
 */
export function settled(rowNode, weights) {
  for (let from = 0, to = 0; from < weights.length; from = to) {
    let above = 0;
    let below = 0;
    for (; to < weights.length && rowNode[to] === rowNode[from]; to++) {
      if (weights[to] > 0) above += weights[to];
      else below += weights[to];
    }
    if (!below) continue;
    const part = above > 0 ? Math.max(above + below, 0) / above : 0;
    for (let row = from; row < to; row++) weights[row] = Math.max(weights[row], 0) * part;
  }
  return weights;
}

/**
 * `weights` are what rows weigh (nothing below 0), `deltas` what is shown as their difference.
 * `groupOf` gives each row's first level, if there is one; `hidden` says which calls are not shown. `typeOf` adds a
 * level below each call: what it weighs itself, by type.
 *
 * @param {Tree} tree
 * @param {Numbers} rowNode
 * @param {Numbers} weights
 * @param {ViewOptions} [options]
 * @returns {View}
 */
export function viewOf(tree, rowNode, weights, { deltas, groupOf, groups = 1, hidden, typeOf } = {}) {
  const view = new Growing(tree.count + 1);
  view.push(ROOT, -1, -1, 0, 0, 0);
  const sums = new Float64Array(tree.count);
  const own = new Float64Array(tree.count);
  const changes = deltas ? new Float64Array(tree.count) : null;
  const placeOf = new Int32Array(tree.count);
  const rowsOf = rowsByGroup(rowNode.length, groupOf, groups);
  const all = typeOf ? (rowsOf.order ?? Int32Array.from(rowNode, (_, row) => row)) : null;
  const seen = new Int32Array(tree.count).fill(-1);
  const touched = new Int32Array(tree.count);
  for (let group = 0; group < groups; group++) {
    // The calls that this group's rows are about: there may be hundreds of groups, each of a few.
    let count = 0;
    const { order, offsets } = rowsOf;
    for (let i = offsets[group]; i < offsets[group + 1]; i++) {
      const row = order ? order[i] : i;
      if (!(weights[row] > 0)) continue;
      for (let node = rowNode[row]; node >= 0 && seen[node] !== group; node = tree.parent[node]) {
        seen[node] = group;
        touched[count++] = node;
        sums[node] = 0;
        if (changes) changes[node] = 0;
      }
      sums[rowNode[row]] += weights[row];
      if (changes && deltas) changes[rowNode[row]] += deltas[row];
    }
    if (!count) continue;
    const nodes = touched.subarray(0, count).sort();
    for (const node of nodes) own[node] = sums[node];
    for (let i = count - 1; i > 0; i--) {
      const node = nodes[i];
      sums[tree.parent[node]] += sums[node];
      if (changes) changes[tree.parent[node]] += changes[node];
    }
    const total = sums[ROOT];
    const change = changes ? changes[ROOT] : 0;
    view.value[0] += total;
    view.delta[0] += change;
    view.room(count);
    const parts = all && partsByType(
      tree, rowNode, weights, all.subarray(offsets[group], offsets[group + 1]), { deltas, hidden, typeOf },
    );
    if (groupOf) {
      placeOf[ROOT] = view.push(ROOT, 0, group, total, own[ROOT], change);
    } else {
      placeOf[ROOT] = 0;
      view.self[0] = own[ROOT];
    }
    pushCalls(view, tree, nodes, { sums, own, changes, hidden, placeOf, parts, group: groupOf ? group : -1 });
  }
  return view.finish();
}

/**
 * The shown calls of one group, callers first; what hidden ones weigh themselves is their callers'.
 *
 * @param {Growing} view
 * @param {Tree} tree
 * @param {Int32Array} nodes
 * @param {CallWeights} weights
 */
function pushCalls(view, tree, nodes, { sums, own, changes, hidden, placeOf, parts, group }) {
  /** @type {number[]} */
  const open = [];
  for (const node of nodes) {
    if (node === ROOT) continue;
    const above = placeOf[tree.parent[node]];
    if (parts) closeCalls(view, tree, placeOf, parts, open, node);
    if (hidden && hidden[node]) {
      placeOf[node] = above;
      view.self[above] += own[node];
    } else {
      placeOf[node] = view.push(node, above, group, sums[node], own[node], changes ? changes[node] : 0);
      if (parts?.has(node)) open.push(node);
    }
  }
  if (parts) closeCalls(view, tree, placeOf, parts, open, tree.count);
}

/**
 * Puts the types of calls that end before `node` after what they called.
 *
 * @param {Growing} view
 * @param {Tree} tree
 * @param {Numbers} placeOf
 * @param {Map<number, TypePart[]>} parts
 * @param {number[]} open
 * @param {number} node
 */
function closeCalls(view, tree, placeOf, parts, open, node) {
  while (open.length && tree.end[open[open.length - 1]] <= node) {
    const call = Number(open.pop());
    const above = placeOf[call];
    const own = parts.get(call) ?? [];
    view.room(own.length + tree.count - node);
    for (const { type, value, delta } of own) {
      view.type[view.push(call, above, view.group[above], value, value, delta)] = type;
    }
  }
}

/**
 * For each call a number that is the same for the same function and line.
 *
 * @param {Pick<Tree, "count" | "called" | "line">} tree
 * @returns {Int32Array}
 */
export function callKeys(tree) {
  const { count, called, line } = tree;
  const keys = new Int32Array(count);
  // A table of our own, half full at most: a Map takes six times as long for a million calls.
  let slots = 16;
  while (slots < 2 * count) slots *= 2;
  const first = new Int32Array(slots);
  let known = 0;
  for (let node = 0; node < count; node++) {
    let slot = (Math.imul(called[node] + 1, 0x9e3779b1) ^ Math.imul(line[node] + 1, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & (slots - 1);
    let other = first[slot] - 1;
    while (other >= 0 && (called[other] !== called[node] || line[other] !== line[node])) {
      slot = (slot + 1) & (slots - 1);
      other = first[slot] - 1;
    }
    if (other < 0) first[slot] = node + 1;
    keys[node] = other < 0 ? known++ : keys[other];
  }
  return keys;
}

/**
 * The tree from the allocating call outwards to its callers, heaviest first. What weighs less than
 * `least` is shown, in the order of the program, but its callers are not looked for: they would be
 * narrower than what can be seen.
 *
 * @param {Tree} tree
 * @param {Numbers} keys
 * @param {Numbers} rowNode
 * @param {Numbers} weights
 * @param {InvertedOptions} [options]
 * @returns {View}
 */
export function invertedView(tree, keys, rowNode, weights, { deltas, hidden, least = 0 } = {}) {
  const own = new Float64Array(tree.count);
  const changes = new Float64Array(tree.count);
  for (let row = 0; row < rowNode.length; row++) {
    own[rowNode[row]] += weights[row];
    if (deltas) changes[rowNode[row]] += deltas[row];
  }
  /** @param {number} node */
  const visible = (node) => shownCall(tree.parent, hidden, node);
  // Pairs of an allocating call and the one of its callers whose turn it is. Each place of the view
  // stands for a stretch of them, which is parted further, in place, when its own turn comes.
  const at = new Int32Array(tree.count);
  const leaf = new Int32Array(tree.count);
  let pairs = 0;
  let total = 0;
  let change = 0;
  let outside = 0;
  for (let node = 0; node < tree.count; node++) {
    if (own[node] <= 0) continue;
    total += own[node];
    change += changes[node];
    const shown = visible(node);
    if (shown <= 0) {
      outside += own[node];
      continue;
    }
    at[pairs] = shown;
    leaf[pairs++] = node;
  }
  const part = parter(at, leaf, own, changes, keys, least);
  const view = new Growing(1024);
  view.push(ROOT, -1, -1, total, outside, change);
  const pending = part(0, pairs, 0);
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, parent, value, delta, from, to } = next;
    view.room(1);
    // Placed when its turn comes, so that the view is in preorder.
    const place = view.push(node, parent, -1, value, 0, delta);
    if (value < least) continue;
    let below = 0;
    let kept = from;
    for (let i = from; i < to; i++) {
      const caller = visible(tree.parent[at[i]]);
      if (caller <= 0) continue;
      at[kept] = caller;
      leaf[kept] = leaf[i];
      below += own[leaf[kept++]];
    }
    view.self[place] = Math.max(value - below, 0);
    if (kept > from) for (const group of part(from, kept, place)) pending.push(group);
  }
  return view.finish();
}

/**
 * Answers a function that parts a stretch of pairs by the call's line, in place: each line is a
 * stretch from then on. They come lightest first, since whoever walks takes from the end.
 *
 * @param {Int32Array} at
 * @param {Int32Array} leaf
 * @param {Numbers} own
 * @param {Numbers} changes
 * @param {Numbers} keys
 * @param {number} least
 * @returns {(from: number, to: number, parent: number) => Stretch[]}
 */
function parter(at, leaf, own, changes, keys, least) {
  let lines = 0;
  for (const key of keys) if (key >= lines) lines = key + 1;
  const groupOf = new Int32Array(lines).fill(-1);
  const next = new Int32Array(at.length);
  const [copyAt, copyLeaf] = [new Int32Array(at.length), new Int32Array(at.length)];
  return (from, to, parent) => {
    /** @type {Stretch[]} */
    const groups = [];
    for (let i = from; i < to; i++) {
      const key = keys[at[i]];
      let number = groupOf[key];
      if (number < 0) {
        number = groupOf[key] = groups.length;
        groups.push({ node: at[i], parent, value: 0, delta: 0, from: 0, to: 0 });
      }
      const group = groups[number];
      group.value += own[leaf[i]];
      group.delta += changes[leaf[i]];
      group.to += 1;
    }
    let start = from;
    for (let number = 0; number < groups.length; number++) {
      const group = groups[number];
      group.from = next[number] = start;
      group.to = start += group.to;
    }
    if (groups.length > 1) {
      for (let i = from; i < to; i++) {
        const place = next[groupOf[keys[at[i]]]]++;
        copyAt[place] = at[i];
        copyLeaf[place] = leaf[i];
      }
    }
    for (const { node } of groups) groupOf[keys[node]] = -1;
    if (groups.length > 1) {
      at.set(copyAt.subarray(from, to), from);
      leaf.set(copyLeaf.subarray(from, to), from);
    }
    const large = groups.filter(({ value }) => value >= least);
    const small = groups.filter(({ value }) => value < least);
    return [...small.reverse(), ...large.sort((a, b) => a.value - b.value || b.node - a.node)];
  };
}

// Below the numbers of groups, of which there are fewer.
const TYPES_BELOW = -(2 ** 30);

/**
 * @param {View} view
 * @param {Numbers} keys
 * @param {number} place
 * @returns {number}
 */
function stepTo(view, keys, place) {
  if (view.type[place] >= 0) return TYPES_BELOW - view.type[place];
  return view.node[place] ? keys[view.node[place]] : -1 - view.group[place];
}

/**
 * The frames from the root to a place of a view, as keys that another view understands.
 *
 * @param {View} view
 * @param {Numbers} keys
 * @param {number} place
 * @returns {number[]}
 */
export function pathTo(view, keys, place) {
  const path = [];
  for (let at = place; at > 0; at = view.parent[at]) {
    path.push(stepTo(view, keys, at));
  }
  return path.reverse();
}

/**
 * The place that a path leads to, as far as it is there.
 *
 * @param {View} view
 * @param {Numbers} keys
 * @param {number[]} path
 * @returns {number}
 */
export function placeOfPath(view, keys, path) {
  let at = 0;
  for (const wanted of path) {
    let found = -1;
    for (let child = at + 1; child < view.end[at]; child = view.end[child]) {
      if (stepTo(view, keys, child) === wanted) {
        found = child;
        break;
      }
    }
    if (found < 0) return at;
    at = found;
  }
  return at;
}

/**
 * The widest callee, the caller, or the next frame of the same caller.
 *
 * @param {Layout} view
 * @param {number} place
 * @param {Direction} direction
 * @param {number} [least]
 * @returns {number}
 */
export function neighbour(view, place, direction, least = 0) {
  if (direction === "parent") return Math.max(view.parent[place], 0);
  if (direction === "child") {
    let best = place;
    for (let child = place + 1; child < view.end[place]; child = view.end[child]) {
      if (best === place || view.value[child] > view.value[best]) best = child;
    }
    return best;
  }
  const above = view.parent[place];
  if (above < 0) return place;
  let before = place;
  let passed = false;
  for (let child = above + 1; child < view.end[above]; child = view.end[child]) {
    if (child === place) {
      if (direction === "previous") return before;
      passed = true;
    } else if (view.value[child] >= least) {
      if (passed) return child;
      before = child;
    }
  }
  return place;
}
