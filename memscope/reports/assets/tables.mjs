// Tables beside the flame. All text is set as text, never as HTML.

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function shareBar(share) {
  const bar = element("span", { className: "bar", "aria-hidden": "true" });
  const full = element("span", { className: "bar-full" });
  full.style.width = `${Math.min(Math.max(share, 0), 1) * 100}%`;
  bar.append(full);
  return bar;
}

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

// `rows` are { cells, chosen, onChoose, below }; a cell is a text or an element. The first cell names the row, and
// what is below it is as wide as the table.
export function tableOf(caption, columns, rows) {
  const head = columns.map((name, i) => element("th", { scope: "col", className: i ? "number" : "" }, name));
  const body = rows.flatMap(({ cells, chosen, onChoose, below }) => {
    const made = cells.map((cell, i) =>
      i ? element("td", { className: "number" }, cell) : element("th", { scope: "row", ...(cell.spoken && { "aria-label": cell.spoken }) }, cell),
    );
    const row = element("tr", {}, ...made);
    if (chosen) row.setAttribute("aria-current", "true");
    if (onChoose) {
      row.tabIndex = -1;
      row.className = "link";
      row.addEventListener("click", onChoose);
      row.addEventListener("keydown", (event) => {
        if (event.target !== row) return;
        const steps = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (steps) moveFocus(row, steps);
        else if (event.key === "Enter" || event.key === " ") onChoose();
        else return;
        event.preventDefault();
        event.stopPropagation();
      });
    }
    return below ? [row, element("tr", { className: "below" }, element("td", { colSpan: columns.length }, below))] : [row];
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

function linksIn(rows) {
  return [...rows].filter((row) => row.className === "link");
}

function moveFocus(row, steps) {
  const links = linksIn(row.parentElement.rows);
  const next = links[links.indexOf(row) + steps];
  if (!next) return;
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

// The place of the row that has the focus (-1: none), and back to it once the rows were made anew.
export function focusedRow(table) {
  return linksIn(table.querySelectorAll("tr")).indexOf(document.activeElement);
}

export function focusRow(table, place) {
  const links = linksIn(table.querySelectorAll("tr"));
  const row = links[Math.min(place, links.length - 1)];
  if (!row) return;
  for (const link of links) link.tabIndex = link === row ? 0 : -1;
  row.focus();
}

// What opens below a cell: pieces of text and of code.
export function moreOf(pieces) {
  const made = pieces.map(([kind, text]) => element(kind === "code" ? "pre" : "p", {}, text));
  return element("details", { className: "more" }, element("summary", {}, "why, and how"), ...made);
}

// Text that may be broken behind each `after`, and only elsewhere if even that is too long.
export function breakable(text, after) {
  return text.split(after).flatMap((part, i, parts) => (i < parts.length - 1 ? [part + after, element("wbr")] : [part]));
}

// A function with its place below, in a cell. Breaks would be read out as spaces, so it says how it is `spoken`.
export function siteCell(name, place, origin) {
  return element(
    "span", { className: `site origin-${origin}`, spoken: place ? `${name}, ${place}` : name },
    element("span", { className: "site-name" }, ...breakable(name, ".")),
    element("span", { className: "site-place" }, ...breakable(place, "/")),
  );
}
