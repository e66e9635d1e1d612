// What holders retain, as places of a drawing, and which lines made it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { icicleLayout, linesBehind, madeWithin } from "../../memscope/reports/assets/retainers.mjs";

/** @import { RetainerGroup, Retainers } from "../../memscope/reports/assets/types.mjs" */

/** @type {RetainerGroup[]} */
const groups = [
  [-1, "", "", "", 0, 100, 10, null],
  [0, "shop.cache", "shop.cache", "module shop", 1, 70, 7, null],
  [1, "shop.Order", "shop.cache[…]", "", 5, 60, 6, null],
  [2, "str", "shop.cache[…].name", "", 5, 20, 5, null],
  [0, "shop.log", "shop.log", "module shop", 1, 20, 3, null],
];
/** @type {Retainers} */
const retainers = {
  time_s: 1, cause: "end", pause_s: 0.1, snapshots: 1, since_s: null, holders: 2, groups,
  lines: [["/shop.py", 3, "make", "shop.py", 0], ["/shop.py", 9, "note", "shop.py", 0]],
  pairs: [[1, 0, 10], [2, 0, 40], [3, 1, 20], [4, 1, 20]], untold_bytes: 0,
};
const layout = icicleLayout(retainers);

test("a group stands below the one that retains it, beside what that one retains else", () => {
  assert.deepEqual([...layout.depth], [0, 1, 2, 3, 1]);
  assert.deepEqual([...layout.start], [0, 0, 0, 0, 70]);
  assert.deepEqual([...layout.end], [5, 4, 4, 4, 5]);
});

test("what a line made counts for all groups above", () => {
  assert.deepEqual([...madeWithin(retainers, layout, new Set([1]))], [40, 20, 20, 20, 20]);
  assert.deepEqual([...madeWithin(retainers, layout, new Set([0]))], [50, 50, 40, 0, 0]);
});

test("lines come by what they made of a group and of all below it", () => {
  assert.deepEqual(linesBehind(retainers, layout, 1), [[0, 50], [1, 20]]);
  assert.deepEqual(linesBehind(retainers, layout, 4), [[1, 20]]);
});
