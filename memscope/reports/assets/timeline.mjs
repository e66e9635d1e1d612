// The chart over the flame: live bytes per domain, resident memory, the collector, the chosen time.

/** @import { Chart, ChartLook, Colours, Numbers, Points, Reading, Span } from "./types.mjs" */

import { bytesText, timeText } from "./units.mjs";

const MARGIN = { left: 64, right: 12, top: 24, bottom: 20 };

/**
 * Round numbers that divide a scale into some four parts.
 *
 * @param {number} highest
 * @param {number} [step]
 * @returns {number[]}
 */
export function ticksOf(highest, step = 1024) {
  if (!(highest > 0)) return [];
  let unit = 1;
  while (highest / unit >= step) unit *= step;
  const rough = highest / unit / 4;
  const choices = [0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100, 200, 250, 500];
  const size = (choices.find((choice) => choice >= rough) ?? 500) * unit;
  const ticks = [];
  for (let value = size; value <= highest; value += size) ticks.push(value);
  return ticks;
}

/**
 * @param {number} seconds
 * @param {number} most
 * @returns {number[]}
 */
export function timeTicks(seconds, most) {
  const rough = seconds / Math.max(most, 1);
  let size = 10 ** Math.floor(Math.log10(rough || 1));
  for (const factor of [1, 2, 5, 10]) {
    if (size * factor >= rough) {
      size *= factor;
      break;
    }
  }
  const ticks = [];
  for (let i = 0; i * size <= seconds; i++) ticks.push(i * size);
  return ticks;
}

/**
 * @param {Points} points
 * @param {number} durationNs
 * @param {number} width
 * @param {number} height
 * @returns {Chart}
 */
export function chartOf(points, durationNs, width, height) {
  let highest = 0;
  for (let i = 0; i < points.time_ns.length; i++) {
    highest = Math.max(highest, points.max_live_bytes[i], points.resident_bytes[i]);
  }
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const span = Math.max(durationNs, 1);
  return {
    highest,
    width,
    height,
    x: (ns) => MARGIN.left + (ns / span) * inner.width,
    y: (value) => MARGIN.top + inner.height * (1 - value / (highest * 1.06 || 1)),
    ns: (x) => Math.min(Math.max((x - MARGIN.left) / inner.width, 0), 1) * span,
    bottom: MARGIN.top + inner.height,
    top: MARGIN.top,
    left: MARGIN.left,
    right: MARGIN.left + inner.width,
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Points} points
 * @param {ChartLook} look
 */
export function drawChart(context, chart, points, look) {
  const { colours, durationNs, peakNs, pointedNs, selected } = look;
  context.clearRect(0, 0, chart.width, chart.height);
  context.font = look.font;
  grid(context, chart, colours, durationNs);
  const count = points.time_ns.length;
  if (count) {
    const base = new Float64Array(count);
    for (const { name, bytes } of points.domains) {
      area(context, chart, points.time_ns, base, bytes, colours.domain(name));
    }
    curve(context, chart, points.time_ns, points.max_live_bytes, colours.faint, []);
    if (points.resident_bytes.some(Boolean)) {
      curve(context, chart, points.time_ns, points.resident_bytes, colours.resident, [4, 3]);
    }
    collector(context, chart, points, colours);
    peak(context, chart, peakNs, look);
  }
  if (pointedNs !== null) hair(context, chart, pointedNs, colours);
  if (selected) selection(context, chart, selected, colours);
}

/**
 * The place of the last point at or before a time.
 *
 * @param {Numbers} times
 * @param {number} ns
 * @returns {number}
 */
export function pointAt(times, ns) {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= ns) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * What the chart shows at a time: when that is, and amounts by name.
 *
 * @param {Points} points
 * @param {number} ns
 * @returns {Reading}
 */
export function readingAt(points, ns) {
  const i = pointAt(points.time_ns, ns);
  /** @type {Reading["domains"]} */
  const domains = points.domains.map(({ name, bytes }) => [name, bytes[i]]);
  return {
    ns: points.time_ns[i], live: domains.reduce((sum, [, bytes]) => sum + bytes, 0), domains,
    highest: points.max_live_bytes[i], resident: points.resident_bytes[i], collecting: Boolean(points.collecting[i]),
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Colours} colours
 * @param {number} durationNs
 */
function grid(context, chart, colours, durationNs) {
  context.strokeStyle = colours.grid;
  context.fillStyle = colours.faint;
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const value of [0, ...ticksOf(chart.highest)]) {
    const y = Math.round(chart.y(value)) + 0.5;
    context.beginPath();
    context.moveTo(chart.left, y);
    context.lineTo(chart.right, y);
    context.stroke();
    context.fillText(value ? bytesText(value) : "0", chart.left - 8, y);
  }
  context.textBaseline = "top";
  const seconds = durationNs / 1e9;
  for (const tick of timeTicks(seconds, (chart.right - chart.left) / 90)) {
    const x = chart.x(tick * 1e9);
    context.textAlign = x > chart.right - 20 ? "right" : tick ? "center" : "left";
    context.fillText(tick ? timeText(tick) : "0 s", x, chart.bottom + 6);
  }
  context.textAlign = "left";
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Numbers} times
 * @param {Float64Array} base
 * @param {Numbers} values
 * @param {string} colour
 */
function area(context, chart, times, base, values, colour) {
  context.fillStyle = colour;
  context.beginPath();
  const count = times.length;
  context.moveTo(chart.x(times[0]), chart.y(base[0]));
  for (let i = 0; i < count; i++) context.lineTo(chart.x(times[i]), chart.y(base[i] + values[i]));
  for (let i = count - 1; i >= 0; i--) {
    context.lineTo(chart.x(times[i]), chart.y(base[i]));
    base[i] += values[i];
  }
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Numbers} times
 * @param {Numbers} values
 * @param {string} colour
 * @param {number[]} dashes
 */
function curve(context, chart, times, values, colour, dashes) {
  context.strokeStyle = colour;
  context.lineWidth = dashes.length ? 1.5 : 1;
  context.setLineDash(dashes);
  context.beginPath();
  let drawn = false;
  for (let i = 0; i < times.length; i++) {
    if (!values[i]) continue; // not measured
    const [x, y] = [chart.x(times[i]), chart.y(values[i])];
    if (drawn) context.lineTo(x, y);
    else context.moveTo(x, y);
    drawn = true;
  }
  context.stroke();
  context.setLineDash([]);
}

/**
 * A mark for each stretch in which some look found the collector at work.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Points} points
 * @param {Colours} colours
 */
function collector(context, chart, points, colours) {
  context.fillStyle = colours.collector;
  let before = 0;
  for (let i = 0; i < points.time_ns.length; i++) {
    const time = points.time_ns[i];
    if (points.collecting[i]) {
      context.fillRect(chart.x(before), chart.top - 5, Math.max(chart.x(time) - chart.x(before), 1), 4);
    }
    before = time;
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {number} peakNs
 * @param {ChartLook} look
 */
function peak(context, chart, peakNs, look) {
  const x = chart.x(peakNs);
  context.fillStyle = look.colours.ink;
  context.beginPath();
  context.moveTo(x - 4, chart.top - 18);
  context.lineTo(x + 4, chart.top - 18);
  context.lineTo(x, chart.top - 10);
  context.fill();
  context.textBaseline = "alphabetic";
  const left = x > chart.right - 110;
  context.textAlign = left ? "right" : "left";
  context.fillText(look.peakText, x + (left ? -9 : 9), chart.top - 10);
  context.textAlign = "left";
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {number} ns
 * @param {Colours} colours
 */
function hair(context, chart, ns, colours) {
  const x = Math.round(chart.x(ns)) + 0.5;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x, chart.top);
  context.lineTo(x, chart.bottom);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Chart} chart
 * @param {Span} selected
 * @param {Colours} colours
 */
function selection(context, chart, [fromNs, toNs], colours) {
  const [from, to] = [chart.x(fromNs), chart.x(toNs)];
  context.fillStyle = colours.shade;
  context.fillRect(chart.left, chart.top, from - chart.left, chart.bottom - chart.top);
  context.fillRect(to, chart.top, chart.right - to, chart.bottom - chart.top);
  context.strokeStyle = colours.current;
  context.lineWidth = 1.5;
  context.strokeRect(from, chart.top, Math.max(to - from, 1), chart.bottom - chart.top);
}
