// The call tree and what it weighs: pure functions over columns.
//
// A tree lies in preorder: a call's callees follow it, up to `end`. A view is a tree to draw: calls
// that weigh nothing are left out, each has a place (`start`) and a width (`value`) in the unit of
// the measure.

export const ROOT = 0;

export function treeOf(columns, functions) {
  const { depth, line } = columns;
  const count = depth.length;
  const parent = new Int32Array(count).fill(-1);
  const end = new Int32Array(count);
  const called = new Int32Array(count);
  const importing = new Uint8Array(count);
  const internal = new Uint8Array(count);
  const path = [];
  for (let node = 0; node < count; node++) {
    while (path.length > depth[node]) end[path.pop()] = node;
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
  while (path.length) end[path.pop()] = count;
  return { count, parent, end, depth, called, line, importing, internal };
}

// What each row adds up to over windows `first` to `last`, both included; `released` is taken off.
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

// Bytes live at the end of window `last`, for each row.
export function liveAtEnd(windows, rows, last) {
  return changesWithin(windows, rows, "allocated_bytes", 0, last, "released_bytes");
}

// The place of the window, of those from `first` to `last`, at whose end most was live.
export function fullestWindow(windows, first, last) {
  let best = first;
  for (let i = first; i <= last; i++) {
    if (windows.list[i].live > windows.list[best].live) best = i;
  }
  return best;
}

// Those windows that a stretch of time touches.
export function windowsTouched(list, fromNs, toNs) {
  let first = list.findIndex((window) => window.end > fromNs);
  if (first < 0) first = list.length - 1;
  let last = first;
  while (last + 1 < list.length && list[last + 1].start < toNs) last += 1;
  return [first, last];
}

class Growing {
  constructor(count) {
    this.node = new Int32Array(count);
    this.parent = new Int32Array(count);
    this.depth = new Int32Array(count);
    this.group = new Int32Array(count);
    this.start = new Float64Array(count);
    this.value = new Float64Array(count);
    this.self = new Float64Array(count);
    this.delta = new Float64Array(count);
    this.cursor = new Float64Array(count);
    this.count = 0;
  }

  room(more) {
    const needed = this.count + more;
    if (needed <= this.node.length) return;
    const size = Math.max(needed, this.node.length * 2);
    for (const name of Object.keys(this)) {
      if (name === "count") continue;
      const wider = new this[name].constructor(size);
      wider.set(this[name]);
      this[name] = wider;
    }
  }

  push(node, parent, group, value, self, delta) {
    const place = this.count++;
    this.node[place] = node;
    this.parent[place] = parent;
    this.group[place] = group;
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

  finish(inverted) {
    const { count, parent, depth } = this;
    const end = new Int32Array(count);
    let deepest = 0;
    for (let i = count - 1; i >= 0; i--) {
      if (end[i] <= i) end[i] = i + 1;
      if (parent[i] >= 0 && end[parent[i]] < end[i]) end[parent[i]] = end[i];
      if (depth[i] > deepest) deepest = depth[i];
    }
    this.end = end;
    this.deepest = deepest;
    this.inverted = inverted;
    delete this.cursor;
    return this;
  }
}

// `weights` are what rows weigh (nothing below 0), `deltas` what is shown as their difference.
// `groupOf` gives each row's first level, if there is one; `hidden` says which calls are not shown.
export function viewOf(tree, rowNode, weights, { deltas, groupOf, groups = 1, hidden } = {}) {
  const view = new Growing(Math.max(1, Math.min(tree.count + 1, 1 << 22)));
  view.push(ROOT, -1, -1, 0, 0, 0);
  const sums = new Float64Array(tree.count);
  const own = new Float64Array(tree.count);
  const changes = deltas ? new Float64Array(tree.count) : null;
  const placeOf = new Int32Array(tree.count);
  for (let group = 0; group < groups; group++) {
    sums.fill(0);
    if (changes) changes.fill(0);
    for (let row = 0; row < rowNode.length; row++) {
      if (groupOf && groupOf[row] !== group) continue;
      sums[rowNode[row]] += weights[row];
      if (changes) changes[rowNode[row]] += deltas[row];
    }
    own.set(sums);
    for (let node = tree.count - 1; node > 0; node--) {
      sums[tree.parent[node]] += sums[node];
      if (changes) changes[tree.parent[node]] += changes[node];
    }
    const total = sums[ROOT];
    const change = changes ? changes[ROOT] : 0;
    view.value[0] += total;
    view.delta[0] += change;
    if (total <= 0) continue;
    view.room(tree.count + 1);
    if (groupOf) {
      placeOf[ROOT] = view.push(ROOT, 0, group, total, own[ROOT], change);
    } else {
      placeOf[ROOT] = 0;
      view.self[0] = own[ROOT];
    }
    for (let node = 1; node < tree.count; node++) {
      if (sums[node] <= 0) {
        node = tree.end[node] - 1;
        continue;
      }
      const above = placeOf[tree.parent[node]];
      if (hidden && hidden[node]) {
        placeOf[node] = above;
        view.self[above] += own[node];
      } else {
        placeOf[node] = view.push(
          node, above, groupOf ? group : -1, sums[node], own[node], changes ? changes[node] : 0,
        );
      }
    }
  }
  return view.finish(false);
}

// For each call a number that is the same for the same function and line.
export function callKeys(tree) {
  const keys = new Int32Array(tree.count);
  const known = new Map();
  for (let node = 0; node < tree.count; node++) {
    const key = tree.called[node] * 67108864 + tree.line[node];
    let number = known.get(key);
    if (number === undefined) known.set(key, (number = known.size));
    keys[node] = number;
  }
  return keys;
}

// The tree from the allocating call outwards to its callers. What weighs less than `least` is shown
// but its callers are not looked for: they would be narrower than what can be seen.
export function invertedView(tree, keys, rowNode, weights, { deltas, hidden, least = 0 } = {}) {
  const own = new Float64Array(tree.count);
  const changes = new Float64Array(tree.count);
  for (let row = 0; row < rowNode.length; row++) {
    own[rowNode[row]] += weights[row];
    if (deltas) changes[rowNode[row]] += deltas[row];
  }
  const visible = (node) => {
    while (node > 0 && hidden && hidden[node]) node = tree.parent[node];
    return node;
  };
  const view = new Growing(1024);
  let total = 0;
  let change = 0;
  const leaves = [];
  let outside = 0;
  for (let node = 0; node < tree.count; node++) {
    if (own[node] <= 0) continue;
    total += own[node];
    change += changes[node];
    const shown = visible(node);
    if (shown > 0) leaves.push(shown, node);
    else outside += own[node];
  }
  view.push(ROOT, -1, -1, total, outside, change);
  const pending = [[0, leaves]];
  while (pending.length) {
    const [above, entries] = pending.pop();
    let place = above;
    if (above < 0) {
      // Placed when its turn comes, so that the view is in preorder.
      const { node, parent, value, delta } = entries;
      view.room(1);
      place = view.push(node, parent, -1, value, 0, delta);
      if (value < least) continue;
      entries.list = entries.next();
    }
    const list = above < 0 ? entries.list : entries;
    const groups = new Map();
    for (let i = 0; i < list.length; i += 2) {
      const node = list[i];
      const key = keys[node];
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { node, parent: place, value: 0, delta: 0, from: [] }));
      group.value += own[list[i + 1]];
      group.delta += changes[list[i + 1]];
      group.from.push(node, list[i + 1]);
    }
    let below = 0;
    const ordered = [...groups.values()].sort((a, b) => a.value - b.value || b.node - a.node);
    for (const group of ordered) {
      below += group.value;
      group.next = () => {
        const callers = [];
        for (let i = 0; i < group.from.length; i += 2) {
          const caller = visible(tree.parent[group.from[i]]);
          if (caller > 0) callers.push(caller, group.from[i + 1]);
        }
        return callers;
      };
      pending.push([-1, group]);
    }
    if (place > 0) view.self[place] = Math.max(view.value[place] - below, 0);
  }
  return view.finish(true);
}

// The frames from the root to a place of a view, as keys that another view understands.
export function pathTo(view, keys, place) {
  const path = [];
  for (let at = place; at > 0; at = view.parent[at]) {
    path.push(view.node[at] ? keys[view.node[at]] : -1 - view.group[at]);
  }
  return path.reverse();
}

// The place that a path leads to, as far as it is there.
export function placeOfPath(view, keys, path) {
  let at = 0;
  for (const wanted of path) {
    let found = -1;
    for (let child = at + 1; child < view.end[at]; child = view.end[child]) {
      const key = view.node[child] ? keys[view.node[child]] : -1 - view.group[child];
      if (key === wanted) {
        found = child;
        break;
      }
    }
    if (found < 0) return at;
    at = found;
  }
  return at;
}

// The widest callee, the caller, or the next frame of the same caller.
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
