// What colours and keys mean.

/** @import { Model } from "./types.mjs" */

import { KEYS } from "./keys.mjs";
import { byId, element } from "./tables.mjs";
import { bytesText } from "./units.mjs";

/**
 * @param {string} className
 * @param {string} text
 * @returns {HTMLElement}
 */
function swatch(className, text) {
  return element("span", {}, element("i", { className: `swatch ${className}` }), text);
}

/**
 * @param {Model} model
 * @param {number} invertedLeast
 */
export function showLegends(model, invertedLeast) {
  if (model.points) {
    byId("legend").replaceChildren(
      ...model.points.domains.map(({ name }) => swatch(name, `${name} domain`)),
      swatch("line", "highest in between"), swatch("dashed", "resident memory"),
      swatch("collector", "collector at work (estimate)"),
      element("span", { id: "window-text", "aria-live": "polite" }),
    );
  }
  byId("colours").textContent = model.isDifference
    ? "Width: old and new together. Blue with − is less than before, orange with + is more; lines of a function are"
      + " one. Time, source, advice and lifetimes are not shown: they are about one run, and each run's own report has"
      + " them."
    : "Orange and bold: your code. Blue: dependencies. Grey and italic: standard library."
      + (model.rows.type ? " Green: types. Violet: kept by the interpreter for reuse, nobody's." : "");
  const soon = bytesText(model.header.short_lived_bytes);
  byId("keys").replaceChildren(
    element("h2", {}, "Keys"),
    element("dl", {}, ...KEYS.filter((key) => key.length === 4).flatMap(([, , shown, text]) => [
      element("dt", {}, element("kbd", {}, shown)), element("dd", {}, text),
    ])),
    element("p", {}, "On the chart: ← → choose a stretch of time, with Shift make it longer or shorter."
      + " A stretch consists of whole windows, the resolution of the capture."),
    element("p", {}, `Short-lived blocks were released before ${soon} more had been allocated.`),
    element("p", {}, `Inverted, frames below ${invertedLeast * 100}% of all are shown without their callers.`),
    element("p", {}, "Imports folded: frames of Python's import machinery that allocate nothing themselves are not"
      + " drawn. Left out: nor is what was allocated while modules were imported counted."),
    element("form", { method: "dialog" }, element("button", {}, "Close")),
  );
}
