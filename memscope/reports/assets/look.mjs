// Colours: from the style sheet, so that light, dark and print agree.

import { shadeOf } from "./canvas.mjs";

export function coloursOf(node) {
  const style = getComputedStyle(node);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = [
    "ink", "faint", "grid", "raw", "mem", "obj", "resident", "collector", "shade", "current", "match",
    "frame-ink", "frame-group",
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, colour(name)])),
    isDark: colour("is-dark") === "1",
    frames: ["own", "library", "stdlib"].map((origin) => colour(`frame-${origin}`).split(/\s+/).map(parseFloat)),
    less: colour("frame-less").split(/\s+/).map(parseFloat),
    more: colour("frame-more").split(/\s+/).map(parseFloat),
    same: colour("frame-same"),
  };
}

// The fill of each function: the colour of whose code it is, a little lighter or darker by its name.
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

// Blue for less, orange for more, the stronger the larger the part that changed.
export function changeFill(delta, value, colours) {
  if (!delta || !value) return colours.same;
  const part = Math.min(Math.abs(delta) / value, 1);
  const [hue, saturation, lightness, away] = delta < 0 ? colours.less : colours.more;
  return `hsl(${hue} ${saturation * (0.35 + 0.65 * part)}% ${away + (lightness - away) * part}%)`;
}
