// What was resident over time, by origin: parts on top of one another, known at looks and drawn straight between them.

/** @import { Model, Points, Stack } from "./types.mjs" */

import { hideTip, tellAt } from "./pointer.mjs";
import { element } from "./tables.mjs";
import { ticksOf, timeTicks } from "./timeline.mjs";
import { bytesText, timeText } from "./units.mjs";

const SVG = "http://www.w3.org/2000/svg";
// The drawing's own units; it is stretched to whatever room there is.
const [WIDE, HIGH] = [1000, 100];
const TIME_TICKS = 4;

/**
 * @param {string} name
 * @param {Record<string, string | number>} properties
 * @param {...Element} children
 * @returns {SVGElement}
 */
function shape(name, properties, ...children) {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, name));
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

/**
 * The highest sum of parts, or of what the samples between the looks found.
 *
 * @param {Stack} stack
 * @param {Points | null} points
 * @returns {number}
 */
export function highestOf(stack, points) {
  const sums = stack.time_ns.map((_, i) => stack.parts.reduce((sum, { bytes }) => sum + bytes[i], 0));
  let highest = Math.max(...sums, 1);
  for (const bytes of points?.resident_bytes ?? []) highest = Math.max(highest, bytes);
  return highest;
}

/**
 * The outline of each part, as points of the drawing.
 *
 * @param {Stack} stack
 * @param {(ns: number) => number} x
 * @param {(bytes: number) => number} y
 * @returns {string[]}
 */
export function outlinesOf(stack, x, y) {
  const base = stack.time_ns.map(() => 0);
  return stack.parts.map(({ bytes }) => {
    const below = stack.time_ns.map((ns, i) => `${x(ns).toFixed(1)},${y(base[i]).toFixed(2)}`);
    const above = stack.time_ns.map((ns, i) => `${x(ns).toFixed(1)},${y((base[i] += bytes[i])).toFixed(2)}`);
    return [...above, ...below.reverse()].join(" ");
  });
}

/**
 * The look that is nearest to a time.
 *
 * @param {number[]} times
 * @param {number} ns
 * @returns {number}
 */
export function nearestLook(times, ns) {
  return times.reduce((best, time, i) => (Math.abs(time - ns) < Math.abs(times[best] - ns) ? i : best), 0);
}

/**
 * @param {Model} model
 * @param {Stack} stack
 * @returns {HTMLElement}
 */
export function stackChart(model, stack) {
  const { points, header } = model;
  const durationNs = Math.max(header.kind === "capture" ? header.duration_ns : 0, ...stack.time_ns, 1);
  const highest = highestOf(stack, points);
  /** @param {number} ns */
  const x = (ns) => (ns / durationNs) * WIDE;
  /** @param {number} bytes */
  const y = (bytes) => HIGH * (1 - bytes / (highest * 1.04));
  const levels = ticksOf(highest);
  const seconds = durationNs / 1e9;
  const times = timeTicks(seconds, TIME_TICKS).filter((tick) => tick <= seconds * 0.97);
  const drawing = shape(
    "svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    ...outlinesOf(stack, x, y).map((points, i) => shape("polygon", { class: `of-${stack.parts[i].name}`, points })),
    ...levels.map((level) => shape("path", { class: "level", d: `M0 ${y(level)}H${WIDE}` })),
    shape("path", { class: "looks", d: stack.time_ns.map((ns) => `M${x(ns).toFixed(1)} ${HIGH}v-4`).join("") }),
    ...(points ? [shape("polyline", { class: "sampled", points: sampledLine(points, x, y) })] : []),
  );
  const label = `Resident memory by origin at ${stack.time_ns.length} looks; the table has the parts of one of them.`;
  const plot = element("div", { className: "plot", role: "img", "aria-label": label }, /** @type {any} */ (drawing));
  for (const level of levels) plot.append(labelAt("level-text", bytesText(level), "top", y(level) / HIGH));
  for (const tick of times) plot.append(labelAt("time-text", tick ? timeText(tick) : "0 s", "left", tick / seconds));
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    tellLook(event, stack, nearestLook(stack.time_ns, ((event.clientX - box.left) / box.width) * durationNs));
  });
  plot.addEventListener("pointerleave", hideTip);
  const legend = element("p", { className: "keys" }, ...stack.parts.map(({ name, title }) =>
    element("span", {}, element("i", { className: `swatch of-${name}` }), title)),
  );
  return element(
    "figure", { className: "stack" },
    plot, legend, element("figcaption", {}, stack.note),
  );
}

/**
 * @param {string} className
 * @param {string} text
 * @param {"top" | "left"} side
 * @param {number} share
 * @returns {HTMLElement}
 */
function labelAt(className, text, side, share) {
  const label = element("span", { className }, text);
  label.style[side] = `${share * 100}%`;
  return label;
}

/**
 * @param {Points} points
 * @param {(ns: number) => number} x
 * @param {(bytes: number) => number} y
 * @returns {string}
 */
function sampledLine({ time_ns: times, resident_bytes: bytes }, x, y) {
  const drawn = [];
  for (let i = 0; i < times.length; i++) {
    if (bytes[i]) drawn.push(`${x(times[i]).toFixed(1)},${y(bytes[i]).toFixed(2)}`);
  }
  return drawn.join(" ");
}

/**
 * @param {PointerEvent} event
 * @param {Stack} stack
 * @param {number} look
 */
function tellLook(event, stack, look) {
  const known = stack.parts.map(({ title, bytes }) => ({ title, bytes: bytes[look] })).filter(({ bytes }) => bytes);
  const sum = known.reduce((all, { bytes }) => all + bytes, 0);
  known.sort((a, b) => b.bytes - a.bytes);
  tellAt(
    event, element("b", {}, `${bytesText(sum)} at ${timeText(stack.time_ns[look] / 1e9)}`),
    ...known.map(({ title, bytes }) => element("span", {}, `${bytesText(bytes)} ${title}`)),
  );
}
