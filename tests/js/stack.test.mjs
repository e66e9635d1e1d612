// The chart of what was resident: outlines that lie on one another, its height, and which look is nearest.

import assert from "node:assert/strict";
import { test } from "node:test";

import { highestOf, nearestLook, outlinesOf } from "../../memscope/reports/assets/stack.mjs";

const STACK = {
  time_ns: [0, 10, 40],
  parts: [
    { name: "objects", title: "objects", bytes: [1, 2, 3] },
    { name: "code", title: "code", bytes: [4, 0, 5] },
  ],
  note: "",
};

test("each part lies on the one below it", () => {
  const outlines = outlinesOf(STACK, (ns) => ns, (bytes) => bytes);
  assert.deepEqual(outlines, [
    "0.0,1.00 10.0,2.00 40.0,3.00 40.0,0.00 10.0,0.00 0.0,0.00",
    "0.0,5.00 10.0,2.00 40.0,8.00 40.0,3.00 10.0,2.00 0.0,1.00",
  ]);
});

test("what was sampled between looks has room", () => {
  assert.equal(highestOf(STACK, null), 8);
  const points = /** @type {any} */ ({ resident_bytes: [3, 12, 4] });
  assert.equal(highestOf(STACK, points), 12);
});

test("a time is told by the look that is nearest", () => {
  assert.deepEqual([-5, 4, 6, 24, 26, 99].map((ns) => nearestLook(STACK.time_ns, ns)), [0, 0, 1, 1, 2, 2]);
});
