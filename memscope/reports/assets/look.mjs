// Colours: from the style sheet, so that light, dark and print agree.

/** @import { Called, Colours } from "./types.mjs" */

import { shadeOf } from "./canvas.mjs";

/**
 * @param {Element} node
 * @returns {Colours}
 */
export function coloursOf(node) {
  const style = getComputedStyle(node);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  /** @param {string} name */
  const numbers = (name) => colour(name).split(/\s+/).map(parseFloat);
  return {
    ink: colour("ink"),
    faint: colour("faint"),
    grid: colour("grid"),
    domain: colour,
    resident: colour("resident"),
    collector: colour("collector"),
    shade: colour("shade"),
    current: colour("current"),
    match: colour("match"),
    "frame-ink": colour("frame-ink"),
    "frame-group": colour("frame-group"),
    "frame-type": colour("frame-type"),
    isDark: colour("is-dark") === "1",
    frames: ["own", "library", "stdlib", "nobody"].map((origin) => numbers(`frame-${origin}`)),
    less: numbers("frame-less"),
    more: numbers("frame-more"),
    same: colour("frame-same"),
  };
}

/**
 * The fill of each function: the colour of whose code it is, a little lighter or darker by its name.
 *
 * @param {Called[]} functions
 * @param {Colours} colours
 * @returns {string[]}
 */
export function fillsOf(functions, colours) {
  const known = new Map();
  return functions.map(({ name, origin }) => {
    const [hue, saturation, lightness] = colours.frames[origin];
    const shade = (shadeOf(name) - 3) * (colours.isDark ? 1.3 : 1.4);
    const fill = `hsl(${hue} ${saturation}% ${lightness + shade}%)`;
    if (!known.has(fill)) known.set(fill, fill);
    return known.get(fill);
  });
}

/**
 * Blue for less, orange for more, the stronger the larger the part that changed.
 *
 * @param {number} delta
 * @param {number} value
 * @param {Colours} colours
 * @returns {string}
 */
export function changeFill(delta, value, colours) {
  if (!delta || !value) return colours.same;
  const part = Math.min(Math.abs(delta) / value, 1);
  const [hue, saturation, lightness, away] = delta < 0 ? colours.less : colours.more;
  return `hsl(${hue} ${saturation * (0.35 + 0.65 * part)}% ${away + (lightness - away) * part}%)`;
}
