// What colours and keys mean.

import { KEYS } from "./keys.mjs";
import { DOMAIN_NAMES } from "./model.mjs";
import { byId, element } from "./tables.mjs";
import { bytesText } from "./units.mjs";

function swatch(className, text) {
  return element("span", {}, element("i", { className: `swatch ${className}` }), text);
}

export function showLegends(model, invertedLeast) {
  if (model.points) {
    byId("legend").replaceChildren(
      ...DOMAIN_NAMES.map((name) => swatch(name, `${name} domain`)),
      swatch("line", "highest in between"), swatch("dashed", "resident memory"), swatch("collector", "collector at work (estimate)"),
      element("span", { id: "window-text", "aria-live": "polite" }),
    );
  }
  byId("colours").textContent = model.isDifference
    ? "Width: old and new together. Blue with − is less than before, orange with + is more; lines of a function are one. Time, source, advice and lifetimes are not shown: they are about one run, and each run's own report has them."
    : "Orange and bold: own code. Blue: dependencies. Grey and italic: standard library.";
  byId("keys").replaceChildren(
    element("h2", {}, "Keys"),
    element("dl", {}, ...KEYS.filter((key) => key.length > 2).flatMap(([, , shown, text]) => [
      element("dt", {}, element("kbd", {}, shown)), element("dd", {}, text),
    ])),
    element("p", {}, "On the chart: ← → choose a stretch of time, with Shift make it longer or shorter. A stretch consists of whole windows, the resolution of the capture."),
    element("p", {}, `Short-lived blocks were released before ${bytesText(model.header.short_lived_bytes)} more had been allocated.`),
    element("p", {}, `Inverted, frames below ${invertedLeast * 100}% of all are shown without their callers.`),
    element("p", {}, "Imports folded: frames of Python's import machinery that allocate nothing themselves are not drawn. Left out: nor is what was allocated while modules were imported counted."),
    element("form", { method: "dialog" }, element("button", {}, "Close")),
  );
}
