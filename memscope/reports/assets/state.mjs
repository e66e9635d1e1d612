// What is chosen, and what is shown because of it. Everything else on the page follows from these two.

/** @import { Page, State } from "./types.mjs" */

/** @type {State} */
export const state = {
  by: "peak_bytes", group: "none", domain: -1, size: null, thread: -1, type: -1, types: false, imports: "folded",
  internals: true, inverted: false, flipped: false, window: null, focus: 0, current: 0, search: "", tab: "hotspots",
  marked: null, retainer: 0,
};

// What main.mjs makes before anything is drawn is not here yet: model, colours, fills, weights, view.
export const page = /** @type {Page} */ ({ groups: null, matching: null, chart: null, rows: 1, pointedNs: null });
