// The tabs, and the table below the one that is chosen.

import { rowsWithin } from "./figures.mjs";
import { filtered, weigh } from "./model.mjs";
import { hotspotsTable, panelTable, sizesTable } from "./panels.mjs";
import { sitesOf } from "./sites.mjs";
import { page, state } from "./state.mjs";
import { byId, element, focusedRow, focusRow } from "./tables.mjs";
import { amountOf, unitText, withinText } from "./words.mjs";

// Whoever walks quickly is not held up by tables that nobody has looked at.
const TABLE_DELAY_MS = 60;
// What choosing a row does.
let act;
let tableTimer = 0;

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

function tabs() {
  const fixed = [
    { name: "hotspots", title: "Hotspots", show: hotspotsTable },
    { name: "sizes", title: "Sizes", show: sizesTable },
  ];
  const made = page.model.header.panels.map((panel) => ({
    name: panel.name, title: panel.title, show: (shown, act) => panelTable(panel, shown, act),
  }));
  return [...fixed, ...made];
}

export function showTable() {
  const all = tabs();
  byId("tabs").replaceChildren(
    ...all.map(({ name, title }) =>
      element("button", {
        type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "table", "aria-selected": String(name === state.tab),
        tabIndex: name === state.tab ? 0 : -1, onclick: () => chooseTab(name),
      }, title),
    ),
  );
  byId("table").setAttribute("aria-labelledby", `tab-${state.tab}`);
  const wanted = all.find(({ name }) => name === state.tab);
  const shown = {
    model: page.model, state, view: page.view, weighed: page.weighed, sites, chosenRows, weightsOf, withinText, amountOf, unitText,
  };
  const focused = focusedRow(byId("table"));
  byId("table").replaceChildren(...[wanted.show(shown, act)].flat());
  if (focused >= 0) focusRow(byId("table"), focused);
}

// The tab before or after the chosen one.
export function chooseNextTab(step) {
  const names = tabs().map(({ name }) => name);
  chooseTab(names[(names.indexOf(state.tab) + step + names.length) % names.length]);
}

function chooseTab(name) {
  state.tab = name;
  showTable();
  byId(`tab-${name}`).focus();
}

let knownSites;

// Worked out when a table first asks.
function sites() {
  return (knownSites ??= sitesOf(page.model));
}

function chosenRows() {
  const node = page.view.node[state.current];
  const chosen = rowsWithin(page.model.tree, page.model.rows.node, node, state.inverted, page.model.keys);
  const group = page.view.group[state.current];
  if (page.groups && group >= 0) {
    for (let row = 0; row < chosen.length; row++) if (page.groups.of[row] !== group) chosen[row] = 0;
  }
  return chosen;
}

function weightsOf(by) {
  return filtered(page.model, weigh(page.model, by, state.window), state);
}
