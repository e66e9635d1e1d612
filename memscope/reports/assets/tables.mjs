// Tables beside the flame. All text is set as text, never as HTML.

/** @import { Cell, Origin, Parts, Piece, Properties, Spoken, TableRow } from "./types.mjs" */

/**
 * An element of page.html, or a tab.
 *
 * @template {keyof Parts} Id
 * @param {Id} id
 */
export const byId = (id) => /** @type {Parts[Id]} */ (document.getElementById(id));

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Properties} [properties]
 * @param {...(Cell | null)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") made.setAttribute(key, String(value));
    else Reflect.set(made, key, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/**
 * @param {number} share
 * @returns {HTMLElement}
 */
export function shareBar(share) {
  const bar = element("span", { className: "bar", "aria-hidden": "true" });
  const full = element("span", { className: "bar-full" });
  full.style.width = `${Math.min(Math.max(share, 0), 1) * 100}%`;
  bar.append(full);
  return bar;
}

/**
 * @param {number[]} values
 * @returns {HTMLElement}
 */
export function sparkBars(values) {
  const highest = Math.max(...values, 1e-9);
  const bars = element("span", { className: "spark", "aria-hidden": "true" });
  for (const value of values) {
    const bar = element("span");
    // What is there is never drawn as nothing.
    bar.style.height = `${value > 0 ? Math.max((value / highest) * 100, 8) : 0}%`;
    bars.append(bar);
  }
  return bars;
}

/**
 * `rows` are { cells, chosen, onChoose, below }; a cell is a text or an element. The first cell names the row, and
 * what is below it is as wide as the table.
 *
 * @param {string} caption
 * @param {string[]} columns
 * @param {TableRow[]} rows
 * @returns {HTMLElement}
 */
export function tableOf(caption, columns, rows) {
  const head = columns.map((name, i) => element("th", { scope: "col", className: i ? "number" : "" }, name));
  const body = rows.flatMap(({ cells, chosen, onChoose, below }) => {
    const made = cells.map((cell, i) =>
      i ? element("td", { className: "number" }, cell) : element("th", { scope: "row", ...spokenAs(cell) }, cell),
    );
    const row = element("tr", {}, ...made);
    if (chosen) row.setAttribute("aria-current", "true");
    if (onChoose) {
      row.tabIndex = -1;
      row.className = "link";
      row.addEventListener("click", onChoose);
      row.addEventListener("keydown", (event) => {
        if (event.target !== row) return;
        if (event.key === "ArrowUp") moveFocus(row, -1);
        else if (event.key === "ArrowDown") moveFocus(row, 1);
        else if (event.key === "Enter" || event.key === " ") onChoose();
        else return;
        event.preventDefault();
        event.stopPropagation();
      });
    }
    if (!below) return [row];
    return [row, element("tr", { className: "below" }, element("td", { colSpan: columns.length }, below))];
  });
  // One stop for the Tab key, not a hundred: the row that is chosen, or the first.
  const links = linksIn(body);
  const stop = links.find((row) => row.hasAttribute("aria-current")) ?? links[0];
  if (stop) stop.tabIndex = 0;
  return element(
    "table", {},
    element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
}

/**
 * @param {Iterable<HTMLTableRowElement>} rows
 * @returns {HTMLTableRowElement[]}
 */
function linksIn(rows) {
  return [...rows].filter((row) => row.className === "link");
}

/**
 * @param {HTMLTableRowElement} row
 * @param {number} steps
 */
function moveFocus(row, steps) {
  const links = linksIn(row.closest("tbody")?.rows ?? []);
  const next = links[links.indexOf(row) + steps];
  if (!next) return;
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/**
 * The place of the row that has the focus (-1: none), and back to it once the rows were made anew.
 *
 * @param {HTMLElement} table
 * @returns {number}
 */
export function focusedRow(table) {
  return linksIn(table.querySelectorAll("tr")).findIndex((row) => row === document.activeElement);
}

/**
 * @param {HTMLElement} table
 * @param {number} place
 */
export function focusRow(table, place) {
  const links = linksIn(table.querySelectorAll("tr"));
  const row = links[Math.min(place, links.length - 1)];
  if (!row) return;
  for (const link of links) link.tabIndex = link === row ? 0 : -1;
  row.focus();
}

/**
 * What opens below a cell: pieces of text and of code.
 *
 * @param {Piece[]} pieces
 * @param {string} [called]
 * @returns {HTMLElement}
 */
export function moreOf(pieces, called = "why, and how") {
  const made = pieces.map(([kind, text]) => element(kind === "code" ? "pre" : "p", {}, text));
  return element("details", { className: "more" }, element("summary", {}, called), ...made);
}

/**
 * Text that may be broken behind each `after`; behind an underscore only where a piece is too long by itself.
 *
 * @param {string} text
 * @param {string} after
 * @returns {HTMLElement[]}
 */
export function breakable(text, after) {
  const pieces = text.split(after).map((part, i, { length }) => (i < length - 1 ? part + after : part));
  return pieces.filter(Boolean).map((piece) => {
    const words = piece.split(/(?<=[^_]_)(?=[^_])/);
    const parts = words.flatMap((word, i) => (i ? [element("wbr"), word] : [word]));
    return element("span", { className: "piece" }, ...parts);
  });
}

/** @param {Cell} cell */
function spokenAs(cell) {
  return typeof cell !== "string" && cell.spoken ? { "aria-label": cell.spoken } : {};
}

/**
 * A function with its place below, in a cell. Breaks would be read out as spaces, so it says how it is `spoken`.
 *
 * @param {string} name
 * @param {string} place
 * @param {Origin} origin
 * @returns {Spoken}
 */
export function siteCell(name, place, origin) {
  return element(
    "span", { className: `site origin-${origin}`, spoken: place ? `${name}, ${place}` : name },
    element("span", { className: "site-name" }, ...breakable(name, ".")),
    element("span", { className: "site-place" }, ...breakable(place, "/")),
  );
}
