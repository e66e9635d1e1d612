import assert from "node:assert/strict";
import { test } from "node:test";

import { movedWindows } from "../../memscope/reports/assets/brush.mjs";
import { eachVisible, fitsIn, frameAt, labelThatFits, rowsNeeded } from "../../memscope/reports/assets/canvas.mjs";
import { unpack } from "../../memscope/reports/assets/columns.mjs";
import { pointAt, readingAt, ticksOf, timeTicks } from "../../memscope/reports/assets/timeline.mjs";
import { bytesText, countText, shareText, signedText, timeText } from "../../memscope/reports/assets/units.mjs";

test("numbers are those of the terminal", () => {
  assert.deepEqual([0, 1023, 1024, 10240, 1.4 * 2 ** 30, -2048].map(bytesText),
    ["0 B", "1,023 B", "1.0 KiB", "10 KiB", "1.4 GiB", "-2.0 KiB"]);
  assert.deepEqual([9876, 38.2e6, 120400].map(countText), ["9,876", "38M", "120k"]);
  assert.deepEqual([0, 0.001, 0.5, 0.999, 1].map(shareText), ["0%", "<1%", "50%", ">99%", "100%"]);
  assert.deepEqual([0, 0.0001, 0.35, 8.2, 125, 4320].map(timeText),
    ["0 ms", "<1 ms", "350 ms", "8.2 s", "2 min 5 s", "1 h 12 min"]);
  assert.deepEqual([5, -5, 0].map((delta) => signedText(delta, countText)), ["+5", "−5", "±0"]);
});

test("labels lose outer names first", () => {
  assert.equal(fitsIn("Parser._parse", 200, 7), "Parser._parse");
  assert.equal(fitsIn("Parser._parse", 60, 7), "_parse");
  assert.equal(fitsIn("Parser._parse", 30, 7), "_pa…");
  assert.equal(fitsIn("Parser._parse", 8, 7), "");
});

const view = {
  node: [0, 1, 2, 3], parent: [-1, 0, 1, 0], depth: [0, 1, 2, 1], start: [0, 0, 0, 60], value: [100, 60, 60, 40],
  end: [4, 3, 3, 4],
};

test("what is drawn can be pointed at", () => {
  eachVisible(view, 0, 500, 0, 9, (place, x, width, depth) => {
    assert.equal(frameAt(view, 0, 500, x + width / 2, depth), place);
  });
  assert.equal(frameAt(view, 0, 500, 450, 2), -1);
  assert.equal(frameAt(view, 1, 500, 450, 0), 0);
  assert.equal(rowsNeeded(view, 3, 500), 2);
});

test("ticks stay within the scale", () => {
  assert.deepEqual(ticksOf(40 * 2 ** 20), [10, 20, 30, 40].map((n) => n * 2 ** 20));
  assert.deepEqual(ticksOf(0), []);
  assert.ok(ticksOf(3).every((tick) => tick <= 3));
  assert.ok(timeTicks(1.6, 8).every((tick) => tick <= 1.6));
});

test("arrow keys move a stretch of windows and keep it inside", () => {
  assert.deepEqual(movedWindows(null, 3, true, false), [0, 0]);
  assert.deepEqual(movedWindows([0, 0], 3, true, true), [0, 1]);
  assert.deepEqual(movedWindows([1, 2], 3, true, false), [1, 2]);
  assert.deepEqual(movedWindows([1, 1], 3, false, true), [1, 1]);
});

const packed = process.env.MEMSCOPE_PACKED ?? "";

test("columns come back as Python packed them", { skip: !packed }, async () => {
  const { header, columns } = await unpack(packed);
  assert.deepEqual(Reflect.get(header, "names"), ["</script>", "ß"]);
  assert.deepEqual([...columns.small], [1, 2, 255]);
  assert.deepEqual([...columns.odd].slice(0, 3), [0, 2 ** 40, 7]);
  assert.equal(columns.none.length, 0);
});

test("a label has its place behind it as far as there is room", () => {
  /** @type {(name: string, place: string, most: number) => [string, string]} */
  const fits = (name, place, most) => labelThatFits(name, place, most * 7, 7);
  assert.deepEqual(fits("load", "shop/cart.py:20", 21), ["load", "shop/cart.py:20"]);
  assert.deepEqual(fits("load", "shop/cart.py:20", 20), ["load", "cart.py:20"]);
  assert.deepEqual(fits("load", "shop/cart.py:20", 15), ["load", ""]);
  assert.deepEqual(fits("<module>", "shop/cart.py:20", 12), ["cart.py:20", ""]);
  assert.deepEqual(fits("<module>", "lib/shop/__init__.py:3", 12), ["shop/__init…", ""]);
  assert.deepEqual(fits("<module>", "", 6), ["<modu…", ""]);
});

test("wide characters take the room of two", () => {
  assert.equal(fitsIn("読み込む", 8 * 7, 7), "読み込む");
  assert.equal(fitsIn("読み込む", 7 * 7, 7), "読み込…");
  assert.equal(fitsIn("größe", 5 * 7, 7), "größe");
});

test("a reading is of the last point before", () => {
  const points = {
    time_ns: [0, 10, 20], max_live_bytes: [4, 9, 11],
    domains: [{ name: "raw", bytes: [0, 1, 2] }, { name: "mem", bytes: [0, 0, 5] }, { name: "obj", bytes: [4, 4, 4] }],
    resident_bytes: [0, 50, 60], collecting: [0, 1, 0],
  };
  assert.deepEqual([-1, 0, 9, 10, 19, 20, 99].map((ns) => pointAt(points.time_ns, ns)), [0, 0, 0, 1, 1, 2, 2]);
  const { ns, live, highest, resident, collecting } = readingAt(points, 15);
  assert.deepEqual([ns, live, highest, resident, collecting], [10, 5, 9, 50, true]);
});
