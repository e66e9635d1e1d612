// The tabs, and the table below the one that is chosen.

/** @import { Act, By, Lines, Made, Model, Panel, Shown, Sites, Tab, Weighed } from "./types.mjs" */

import { rowsWithin } from "./figures.mjs";
import { filtered, hiddenOf, madeBy, weigh } from "./model.mjs";
import { hotspotsTable, panelTable, sizesTable, typesTable } from "./panels.mjs";
import { retainersTable } from "./retainers.mjs";
import { sitesOf } from "./sites.mjs";
import { stackChart } from "./stack.mjs";
import { page, state } from "./state.mjs";
import { byId, element, focusedRow, focusRow } from "./tables.mjs";
import { shownCall } from "./tree.mjs";
import { amountOf, unitText, withinText } from "./words.mjs";

// Whoever walks quickly is not held up by tables that nobody has looked at.
const TABLE_DELAY_MS = 60;
// What choosing a row does.
/** @type {Act} */
let act;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let tableTimer;

/** @param {Act} actions */
export function setUpTabs(actions) {
  act = actions;
}

// Tables take longer than the drawing, so they come after it.
export function showTableSoon() {
  document.documentElement.dataset.tables = "waiting";
  clearTimeout(tableTimer);
  tableTimer = setTimeout(() => requestAnimationFrame(() => setTimeout(() => {
    if (document.documentElement.dataset.tables !== "waiting") return;
    showTable();
    document.documentElement.dataset.tables = "shown";
  })), TABLE_DELAY_MS);
}

/** @returns {Tab[]} */
function tabs() {
  /** @type {Tab[]} */
  const fixed = [
    { name: "hotspots", title: "Hotspots", show: hotspotsTable },
    { name: "sizes", title: "Sizes", show: sizesTable },
  ];
  if (page.model.rows.type) fixed.splice(1, 0, { name: "types", title: "Types", show: typesTable });
  /** @type {Tab[]} */
  const made = page.model.header.panels.map((panel) => ({
    name: panel.name, title: panel.title, show: (shown, chosen) => panelWithStack(panel, shown, chosen),
  }));
  const { retainers } = page.model.header;
  if (retainers) {
    /** @type {Tab["show"]} */
    const show = (shown, chosen) => retainersTable(retainers, shown, chosen);
    fixed.push({ name: "holders", title: "Holders", show });
  }
  return [...fixed, ...made];
}

/**
 * @param {Panel} panel
 * @param {Shown} shown
 * @param {Act} chosen
 * @returns {HTMLElement}
 */
function panelWithStack(panel, shown, chosen) {
  const table = panelTable(panel, shown, chosen);
  return panel.stack ? element("div", {}, stackChart(shown.model, panel.stack), table) : table;
}

export function showTable() {
  const all = tabs();
  byId("tabs").replaceChildren(
    ...all.map(({ name, title }) =>
      element("button", {
        type: "button", role: "tab", id: `tab-${name}`,
        "aria-controls": "table", "aria-selected": String(name === state.tab),
        tabIndex: name === state.tab ? 0 : -1, onclick: () => chooseTab(name),
      }, title),
    ),
  );
  byId("table").setAttribute("aria-labelledby", `tab-${state.tab}`);
  const wanted = all.find(({ name }) => name === state.tab) ?? all[0];
  /** @type {Shown} */
  const shown = {
    model: page.model, state, view: page.view, weighed: page.weighed,
    sites, chosenRows, weightsOf, wholeLines, madeOf, withinText, amountOf, unitText,
  };
  const focused = focusedRow(byId("table"));
  byId("table").replaceChildren(wanted.show(shown, act));
  if (focused >= 0) focusRow(byId("table"), focused);
}

/**
 * The tab before or after the chosen one.
 *
 * @param {number} step
 */
export function chooseNextTab(step) {
  const names = tabs().map(({ name }) => name);
  chooseTab(names[(names.indexOf(state.tab) + step + names.length) % names.length]);
}

/** @param {string} name */
function chooseTab(name) {
  state.tab = name;
  showTable();
  byId(`tab-${name}`).focus();
}

/** @type {{ of: Model, sites: Sites } | undefined} */
let knownSites;

/**
 * Worked out when a table first asks.
 *
 * @returns {Sites}
 */
function sites() {
  if (knownSites?.of !== page.model) knownSites = { of: page.model, sites: sitesOf(page.model) };
  return knownSites.sites;
}

/** @returns {Uint8Array} */
function chosenRows() {
  const node = page.view.node[state.current];
  const chosen = rowsWithin(page.model.tree, page.model.rows.node, node, state.inverted, page.model.keys);
  const type = page.view.type[state.current];
  if (type >= 0) {
    const hidden = hiddenOf(page.model, state);
    for (let row = 0; row < chosen.length; row++) {
      const at = chosen[row] && shownCall(page.model.tree.parent, hidden, page.model.rows.node[row]);
      if (at !== node || page.model.rows.type?.[row] !== type) chosen[row] = 0;
    }
  }
  const group = page.view.group[state.current];
  if (page.groups && group >= 0) {
    for (let row = 0; row < chosen.length; row++) if (page.groups.of[row] !== group) chosen[row] = 0;
  }
  return chosen;
}

/**
 * @param {Made} name
 * @returns {Weighed | null}
 */
function madeOf(name) {
  const made = madeBy(page.model, name, state.window);
  return made && filtered(page.model, made, state);
}

/**
 * @param {By} by
 * @returns {Weighed}
 */
function weightsOf(by) {
  return filtered(page.model, weigh(page.model, by, state.window), state);
}

/**
 * Lines as they were before calls were left out, and what they weigh; null where calls tell it all, or where only these
 * know it: within a frame or a time.
 *
 * @returns {{ lines: Lines, weightsOf(by: By): Weighed } | null}
 */
function wholeLines() {
  const { lines } = page.model;
  if (!lines || state.current || state.window) return null;
  return { lines, weightsOf: (by) => filtered(lines, weigh(lines, by, null), state) };
}
