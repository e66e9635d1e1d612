// What is chosen, and what is shown because of it. Everything else on the page follows from these two.

export const state = {
  by: "allocated_bytes", group: "none", domain: -1, size: null, thread: -1, imports: "folded", internals: true,
  inverted: false, flipped: false, window: null, focus: 0, current: 0, search: "", tab: "hotspots", marked: null,
};

// `rows` are those of the flame's drawing, `matching` says which functions are looked for.
export const page = {
  model: null, view: null, weighed: null, groups: null, colours: null, fills: null, matching: null, chart: null, rows: 1, pointedNs: null,
};
