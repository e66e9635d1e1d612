/** @import { Called, Numbers, Span, View } from "../../memscope/reports/assets/types.mjs" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { byLine, bySize, byType, rowsWithin } from "../../memscope/reports/assets/figures.mjs";
import { expressionOf, matchingFunctions, totalOfMatches } from "../../memscope/reports/assets/search.mjs";
import {
  callKeys, changesWithin, fullestWindow, invertedView, liveAtEnd, neighbour, passingOn, pathTo, placeOfPath, settled,
  treeOf, viewOf, windowsTouched,
} from "../../memscope/reports/assets/tree.mjs";

//  0 all
//  1   main:1          own
//  2     load:5        own
//  3       decode:9    library
//  4         scan:2    library
//  5     decode:9      library
//  6   importer:3      machinery of imports
/** @type {Omit<Called, "path" | "firstLine">[]} */
const functions = [
  { name: "main", file: "app.py", origin: 0, isImport: false, standsForSmall: false },
  { name: "load", file: "app.py", origin: 0, isImport: false, standsForSmall: false },
  { name: "decode", file: "json/decoder.py", origin: 2, isImport: false, standsForSmall: false },
  { name: "scan", file: "json/scanner.py", origin: 2, isImport: false, standsForSmall: false },
  { name: "importer", file: "importlib", origin: 2, isImport: true, standsForSmall: false },
];
const columns = {
  depth: [0, 1, 2, 3, 4, 2, 1],
  function: [0, 1, 2, 3, 4, 3, 5],
  line: [0, 1, 5, 9, 2, 9, 3],
};
const tree = treeOf(columns, functions);
const keys = callKeys(tree);
const rowNode = [1, 3, 4, 4, 5, 6];
const weights = Float64Array.from([10, 20, 30, 5, 7, 40]);

/** @param {View} view */
const shown = ({ count, node, depth, start, value, self }) =>
  Array.from({ length: count }, (_, i) => [node[i], depth[i], start[i], value[i], self[i]]);

test("a tree knows parents, ends, imports and internals", () => {
  assert.deepEqual([...tree.parent], [-1, 0, 1, 2, 3, 1, 0]);
  assert.deepEqual([...tree.end], [7, 6, 5, 5, 5, 6, 7]);
  assert.deepEqual([...tree.importing], [0, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual([...tree.internal], [0, 0, 0, 0, 1, 0, 0]);
});

test("a view sums up rows and puts callees side by side", () => {
  assert.deepEqual(shown(viewOf(tree, rowNode, weights)), [
    [0, 0, 0, 112, 0], [1, 1, 0, 72, 10], [2, 2, 0, 55, 0], [3, 3, 0, 55, 20], [4, 4, 0, 35, 35], [5, 2, 55, 7, 7],
    [6, 1, 72, 40, 40],
  ]);
});

test("what weighs nothing is left out", () => {
  const view = viewOf(tree, rowNode, Float64Array.from([0, 0, 0, 0, 7, 0]));
  assert.deepEqual([...view.node.slice(0, view.count)], [0, 1, 5]);
});

test("hidden calls weigh on whoever called them", () => {
  const view = viewOf(tree, rowNode, weights, { hidden: tree.internal });
  assert.deepEqual(shown(view)[3], [3, 3, 0, 55, 55]);
  assert.equal(view.count, 6);
});

test("groups are a first level", () => {
  const view = viewOf(tree, rowNode, weights, { groupOf: [0, 0, 1, 0, 1, 1], groups: 2 });
  const heads = shown(view).filter(([node, depth]) => node === 0 && depth === 1);
  assert.deepEqual(heads, [[0, 1, 0, 35, 0], [0, 1, 35, 77, 0]]);
  assert.equal(view.value[0], 112);
});

test("differences are summed up beside the weights", () => {
  const view = viewOf(tree, rowNode, weights, { deltas: [1, 2, -3, 0, 4, -5] });
  assert.deepEqual([...view.delta.slice(0, view.count)], [-1, 4, -1, -1, -3, 4, -5]);
});

test("inverted, the allocating calls come first and their callers add up", () => {
  const view = invertedView(tree, keys, rowNode, weights);
  assert.equal(view.value[0], 112);
  const first = shown(view).filter(([, depth]) => depth === 1).map(([node, , , value]) => [node, value]);
  assert.deepEqual(first, [[6, 40], [4, 35], [3, 27], [1, 10]]);
  const decode = placeOfPath(view, keys, [keys[3]]);
  const callers = [];
  for (let at = decode + 1; at < view.end[decode]; at = view.end[at]) callers.push([view.node[at], view.value[at]]);
  assert.deepEqual(callers, [[2, 20], [1, 7]]);
});

test("inverted, callers of what is too small are not looked for", () => {
  const view = invertedView(tree, keys, rowNode, weights, { least: 38 });
  assert.equal(shown(view).filter(([, depth]) => depth === 1).length, 4);
  assert.equal(shown(view).filter(([, depth]) => depth > 1).length, 0);
});

test("inverted, every level adds up to the one before", () => {
  const view = invertedView(tree, keys, rowNode, weights);
  for (let at = 1; at < view.count; at++) {
    let below = 0;
    for (let child = at + 1; child < view.end[at]; child = view.end[child]) below += view.value[child];
    assert.equal(view.self[at] + below, view.value[at]);
  }
});

test("a path leads to the same call in another view", () => {
  const all = viewOf(tree, rowNode, weights);
  const some = viewOf(tree, rowNode, Float64Array.from([1, 0, 1, 0, 0, 1]));
  const path = pathTo(all, keys, 4);
  assert.equal(some.node[placeOfPath(some, keys, path)], 4);
  const none = viewOf(tree, rowNode, Float64Array.from([1, 0, 0, 0, 0, 0]));
  assert.equal(none.node[placeOfPath(none, keys, path)], 1);
});

test("neighbours", () => {
  const view = viewOf(tree, rowNode, weights);
  assert.equal(neighbour(view, 1, "child"), 2);
  assert.equal(neighbour(view, 2, "next"), 5);
  assert.equal(neighbour(view, 5, "previous"), 2);
  assert.equal(neighbour(view, 2, "next", 8), 2);
  assert.equal(neighbour(view, 0, "parent"), 0);
  assert.equal(neighbour(view, 0, "next"), 0);
  assert.equal(neighbour(view, 4, "child"), 4);
});

const windows = {
  list: [{ start: 0, end: 10, live: 5 }, { start: 10, end: 20, live: 9 }, { start: 20, end: 40, live: 2 }],
  offsets: [0, 2, 3, 5],
  row: [0, 1, 1, 0, 1],
  allocated_bytes: [5, 1, 4, 2, 0],
  released_bytes: [1, 0, 0, 5, 5],
  allocations: [1, 1, 1, 1, 0],
  released: [1, 0, 0, 1, 1],
};

test("windows add up", () => {
  assert.deepEqual([...changesWithin(windows, 2, "allocated_bytes", 1, 2)], [2, 4]);
  assert.deepEqual([...liveAtEnd(windows, 2, 1)], [4, 5]);
  assert.deepEqual([...liveAtEnd(windows, 2, 2)], [1, 0]);
  assert.equal(fullestWindow(windows, 0, 2), 1);
  assert.equal(fullestWindow(windows, 2, 2), 2);
});

test("a stretch of time takes the windows it touches", () => {
  assert.deepEqual(windowsTouched(windows.list, 2, 9), [0, 0]);
  assert.deepEqual(windowsTouched(windows.list, 9, 11), [0, 1]);
  assert.deepEqual(windowsTouched(windows.list, 10, 20), [1, 1]);
  assert.deepEqual(windowsTouched(windows.list, 50, 60), [2, 2]);
});

test("a match within a match counts once", () => {
  const view = viewOf(tree, rowNode, weights);
  const expression = expressionOf("json/");
  assert.ok(expression);
  const matching = matchingFunctions(functions, expression);
  assert.deepEqual(totalOfMatches(view, tree.called, matching), { frames: 3, value: 62 });
});

test("what is no expression is looked for as it is", () => {
  assert.ok(expressionOf("f(")?.test("call f(x)"));
  assert.equal(expressionOf(""), null);
  assert.ok(expressionOf("^DEC")?.test("decode"));
});

test("rows by line, within a frame", () => {
  const chosen = rowsWithin(tree, rowNode, 2, false, keys);
  assert.deepEqual([...chosen], [0, 1, 1, 1, 0, 0]);
  const all = rowsWithin(tree, rowNode, 0, false, keys);
  const { lines, count } = byLine(keys, rowNode, all, weights, null, [1, 1, 1, 1, 1, 1], 2);
  assert.equal(count, 4);
  assert.deepEqual(lines.map(({ node, value }) => [node, value]), [[6, 40], [4, 35]]);
});

test("rounding counts for pymalloc's classes alone", () => {
  /** @type {Span[]} */
  const larger = Array.from({ length: 32 }, (_, i) => [16 * i + 17, 16 * i + 32]);
  /** @type {Span[]} */
  const sizes = [[0, 0], [1, 16], ...larger];
  const rows = { node: [1, 1, 1], size: [1, 1, 33], domain: [1, 0, 1] };
  const domains = [{ name: "raw", pooled: false }, { name: "obj", pooled: true }];
  const header = { sizes, small_classes: 32, domains };
  const found = bySize(rows, [1, 1, 1], [10, 10, 2], [100, 100, 1200], header, true);
  const figures = found.map(({ first, allocations, rounding }) => [first, allocations, rounding]);
  assert.deepEqual(figures, [[1, 20, 60], [33, 2, 0]]);
});

/**
 * Any tree and weights, the same in every run.
 *
 * @param {number} seed
 * @param {number} count
 */
function madeUp(seed, count) {
  let state = seed;
  /** @param {number} most */
  const below = (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % most;
  };
  const made = { depth: [0], function: [0], line: [0] };
  for (let node = 1; node < count; node++) {
    made.depth.push(1 + below(Math.min(made.depth[node - 1] + 1, 7)));
    made.function.push(1 + below(5));
    made.line.push(below(3));
  }
  const rows = Array.from({ length: count }, () => 1 + below(count - 1)).sort((a, b) => a - b);
  return {
    tree: treeOf(made, functions),
    rowNode: rows,
    weights: Float64Array.from(rows, () => below(9)),
    groupOf: Uint8Array.from(rows, () => below(4)),
  };
}

/** @typedef {Map<string, [value: number, self: number]>} Chains */

/**
 * What each chain of calls weighs in a view.
 *
 * @param {View} view
 * @param {Numbers} keys
 * @returns {Chains}
 */
function chainsOf(view, keys) {
  const found = new Map();
  for (let place = 0; place < view.count; place++) {
    found.set(pathTo(view, keys, place).join(), [view.value[place], view.self[place]]);
  }
  return found;
}

/**
 * The same, row by row: a chain of keys weighs what each of its beginnings does.
 *
 * @param {[chain: number[], weight: number][]} chains
 * @returns {Chains}
 */
function chainsOfRows(chains) {
  /** @type {Chains} */
  const found = new Map([["", [0, 0]]]);
  for (const [chain, weight] of chains) {
    if (!weight) continue;
    for (let end = 0; end <= chain.length; end++) {
      const name = chain.slice(0, end).join();
      const sums = found.get(name) ?? [0, 0];
      found.set(name, [sums[0] + weight, sums[1] + (end === chain.length ? weight : 0)]);
    }
  }
  return found;
}

/** @param {Chains} chains */
const sorted = (chains) => [...chains].sort(([a], [b]) => (a < b ? -1 : 1));

for (const hides of [false, true]) {
  test(`inverting any tree is reading its chains backwards${hides ? ", hidden calls left out" : ""}`, () => {
    for (let seed = 1; seed < 30; seed++) {
      const made = madeUp(seed, 60);
      const hidden = hides ? made.tree.internal : null;
      const known = callKeys(made.tree);
      /** @type {[chain: number[], weight: number][]} */
      const chains = made.rowNode.map((row, i) => {
        /** @type {number[]} */
        const chain = [];
        for (let node = row; node > 0; node = made.tree.parent[node]) {
          if (!hidden || !hidden[node]) chain.push(known[node]);
        }
        return [chain, made.weights[i]];
      });
      const view = invertedView(made.tree, known, made.rowNode, made.weights, { hidden });
      assert.deepEqual(sorted(chainsOf(view, known)), sorted(chainsOfRows(chains)));
      for (let place = 1; place < view.count; place++) {
        if (view.end[place] < view.end[view.parent[place]]) {
          assert.ok(view.value[view.end[place]] <= view.value[place], "heaviest first");
        }
      }
    }
  });
}

test("what weighs less than the least is shown without callers, and nothing is lost", () => {
  const made = madeUp(3, 400);
  const known = callKeys(made.tree);
  const all = invertedView(made.tree, known, made.rowNode, made.weights);
  const some = invertedView(made.tree, known, made.rowNode, made.weights, { least: 20 });
  assert.ok(some.count < all.count);
  const [expected, found] = [chainsOf(all, known), chainsOf(some, known)];
  for (const [chain, [value]] of found) assert.equal(expected.get(chain)?.[0], value);
  for (let place = 1; place < some.count; place++) {
    if (some.value[place] < 20) assert.equal(some.end[place], place + 1);
  }
});

test("groups are views of their own rows, side by side", () => {
  for (let seed = 1; seed < 20; seed++) {
    const { tree: any, rowNode: at, weights: all, groupOf } = madeUp(seed, 60);
    const known = callKeys(any);
    const grouped = viewOf(any, at, all, { groupOf, groups: 4 });
    const expected = [];
    for (let group = 0; group < 4; group++) {
      const alone = viewOf(any, at, all.map((weight, row) => (groupOf[row] === group ? weight : 0)));
      if (alone.value[0] > 0) expected.push(...[...alone.value.slice(0, alone.count)]);
    }
    assert.deepEqual([...grouped.value.slice(1, grouped.count)], expected);
    assert.equal(grouped.value[0], viewOf(any, at, all).value[0]);
    assert.equal(known.length, any.count);
  }
});

test("keys are the same for the same function and line, and for no other", () => {
  const { tree: any } = madeUp(5, 500);
  const known = callKeys(any);
  const names = new Map();
  for (let node = 0; node < any.count; node++) {
    const name = `${any.called[node]}:${any.line[node]}`;
    if (!names.has(name)) names.set(name, known[node]);
    assert.equal(names.get(name), known[node]);
  }
  assert.equal(new Set(names.values()).size, names.size);
});

test("a line counts also what weighs nothing: requests for no bytes, and what is gone", () => {
  const all = new Uint8Array(6).fill(1);
  const live = Float64Array.from([0, 0, 30, 0, 0, 0]);
  const { lines, count } = byLine(keys, rowNode, all, live, null, [1, 2, 3, 4, 5, 6], 9);
  assert.deepEqual(lines.map((line) => [line.key, line.value, line.count]), [[keys[4], 30, 7]]);
  assert.equal(count, 1);
});

test("only the import machinery's calls that allocate nothing pass on", () => {
  assert.deepEqual([...passingOn(tree, functions, rowNode)], [0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual([...passingOn(tree, functions, rowNode.slice(0, 5))], [0, 0, 0, 0, 0, 0, 1]);
});

test("types are a level below what a call weighs itself, after what it called", () => {
  const typeOf = [2, 1, 1, 3, 1, 2];
  const view = viewOf(tree, rowNode, weights, { typeOf });
  const seen = Array.from({ length: view.count }, (_, i) => [
    view.type[i] < 0 ? `call ${view.node[i]}` : `type ${view.type[i]} of ${view.node[i]}`,
    view.depth[i], view.start[i], view.value[i],
  ]);
  assert.deepEqual(seen, [
    ["call 0", 0, 0, 112], ["call 1", 1, 0, 72], ["call 2", 2, 0, 55], ["call 3", 3, 0, 55], ["call 4", 4, 0, 35],
    ["type 1 of 4", 5, 0, 30], ["type 3 of 4", 5, 30, 5], ["type 1 of 3", 4, 35, 20], ["call 5", 2, 55, 7],
    ["type 1 of 5", 3, 55, 7], ["type 2 of 1", 2, 62, 10], ["call 6", 1, 72, 40], ["type 2 of 6", 2, 72, 40],
  ]);
  const plain = viewOf(tree, rowNode, weights);
  const calls = Array.from({ length: view.count }, (_, i) => i).filter((i) => view.type[i] < 0);
  const starts = calls.map((i) => view.start[i]);
  assert.deepEqual(starts, [...plain.start.slice(0, plain.count)], "calls stay where they were");
});

test("types of calls that are not shown are their callers', and are found again", () => {
  const typeOf = [-1, 1, 1, 3, 1, 2];
  const view = viewOf(tree, rowNode, weights, { typeOf, hidden: tree.internal });
  const parts = Array.from({ length: view.count }, (_, i) => [view.node[i], view.type[i], view.value[i]]);
  assert.deepEqual(parts.filter(([, type]) => type >= 0), [[3, 1, 50], [3, 3, 5], [5, 1, 7], [6, 2, 40]]);
  for (let place = 0; place < view.count; place++) {
    assert.equal(placeOfPath(view, keys, pathTo(view, keys, place)), place);
  }
});

test("what is below 0 is taken off the other rows of its call", () => {
  const left = settled([1, 1, 1, 2, 3, 3], Float64Array.from([-4, 6, 2, 5, -3, 1]));
  assert.deepEqual([...left], [0, 3, 1, 5, 0, 0]);
});

test("types are summed up column by column; what is not known stays so", () => {
  const columns = [[1, 2, 3, 4], [10, 20, 30, 40], null];
  const sums = byType([2, 0, 2, 1], [1, 1, 1, 0], columns);
  assert.deepEqual(sums, [{ type: 0, sums: [2, 20, null] }, { type: 2, sums: [4, 40, null] }]);
});
