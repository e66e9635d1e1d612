/** @import { Model, View } from "../../memscope/reports/assets/types.mjs" */

import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenIn, chosenNow, framesTo, placeOfFrames } from "../../memscope/reports/assets/kept.mjs";
import { treeOf, viewOf } from "../../memscope/reports/assets/tree.mjs";

/**
 * main calls the named functions, in this order.
 *
 * @param {string[]} names
 * @param {string[]} types
 * @param {string[]} threads
 */
function told(names, types = [], threads = []) {
  const functions = ["main", ...names].map((name) => (
    { name, path: "/app.py", origin: /** @type {const} */ (0), isImport: false }
  ));
  const tree = treeOf({
    depth: [0, 1, ...names.map(() => 2)],
    function: [0, ...functions.map((_, number) => number + 1)],
    line: [0, 1, ...names.map((name) => name.length)],
  }, functions);
  const model = /** @type {Model} */ (/** @type {unknown} */ ({
    functions, tree, header: { types, threads },
    windows: { list: [{ start: 0, end: 10, live: 1 }, { start: 10, end: 30, live: 1 }] },
  }));
  const rowNode = names.map((_, number) => number + 2);
  return { model, view: viewOf(tree, rowNode, Float64Array.from(names, () => 10)) };
}

/**
 * @param {View} view
 * @param {Model} model
 * @param {string} name
 */
function placeOf(view, model, name) {
  const { called } = model.tree;
  return view.node.findIndex((node) => Boolean(node) && model.functions[called[node]].name === name);
}

const before = told(["load", "save"], ["int", "dict"], ["MainThread", "worker"]);
const after = told(["find", "save", "load"], ["dict", "str", "int"], ["worker"]);

test("a frame is found where other calls are", () => {
  const names = framesTo(before.view, before.model, placeOf(before.view, before.model, "save"));
  assert.equal(names.length, 2);
  assert.equal(placeOfFrames(after.view, after.model, names), placeOf(after.view, after.model, "save"));
});

test("of a frame that is gone its caller is left", () => {
  const names = framesTo(after.view, after.model, placeOf(after.view, after.model, "find"));
  assert.equal(placeOfFrames(before.view, before.model, names), placeOf(before.view, before.model, "main"));
  assert.equal(placeOfFrames(before.view, before.model, []), 0);
});

/** @type {Parameters<typeof chosenNow>[1]} */
const state = { focus: 0, current: 0, type: 1, thread: 2, window: [1, 1] };

test("types, threads and times keep their names", () => {
  const kept = chosenIn(after.model, chosenNow(before, state));
  assert.deepEqual(kept, { type: 0, thread: 1, window: [1, 1], marked: null, retainer: 0 });
});

test("what other data has not is not chosen", () => {
  const chosen = chosenNow(after, { ...state, type: 1, thread: -1, window: null });
  const none = { type: -1, thread: -1, window: null, marked: null, retainer: 0 };
  assert.deepEqual(chosenIn(before.model, chosen), none);
});
