// The tables beside the flame. `shown` is what the page shows now, `act` what choosing a row does.

/**
 * @import {
 *   Act, By, Cell, HotspotLine, Hotspots, Model, Numbers, Panel, Shown, Span, TableRow,
 * } from "./types.mjs"
 */

import { placeText } from "./details.mjs";
import { byLine, bySize, byType } from "./figures.mjs";
import { basisOf, MEASURES, sizeText } from "./model.mjs";
import { element, moreOf, shareBar, siteCell, sparkBars, tableOf } from "./tables.mjs";
import { bytesText, countText, shareText, signedText } from "./units.mjs";

const TABLE_ROWS = 100;

/**
 * @param {Shown} shown
 * @param {Act} act
 * @returns {HTMLElement}
 */
export function hotspotsTable(shown, act) {
  const { model, state, view } = shown;
  const { lines, count, small } = shown.wholeLines() ? linesOfAll(shown) : linesOfCalls(shown);
  if (!lines.length && !small) return element("p", { className: "empty" }, "Nothing here.");
  const total = view.value[0];
  const currentKey = state.current && view.node[state.current] ? model.keys[view.node[state.current]] : null;
  /** @param {HotspotLine} line @param {Cell} site */
  const cellsOf = (line, site) => {
    if (model.isDifference) {
      return [site, shown.amountOf(line.value, line.delta), signedText(line.count, countText)];
    }
    const share = total > 0 ? line.value / total : 0;
    const part = element("span", {}, shareText(share), shareBar(share));
    return [site, shown.unitText(line.value), part, countText(line.count)];
  };
  const told = model.isDifference ? lines.filter((line) => line.delta || line.count) : lines;
  /** @type {TableRow[]} */
  const found = told.map((line) => {
    const { called, key } = line;
    const site = called
      ? siteCell(called.name, placeText(called, line.line), called.origin)
      : siteCell("<no Python frame>", "", 1);
    return {
      cells: cellsOf(line, site),
      chosen: key >= 0 && (state.marked ? state.marked.has(key) : key === currentKey),
      onChoose: called && key >= 0 ? () => act.mark([key]) : null,
    };
  });
  if (small) found.push({ cells: cellsOf(small, siteCell(small.name, small.place, 1)), chosen: false, onChoose: null });
  const what = model.isDifference ? "Functions" : "Lines";
  const first = count > told.length ? ` The first ${told.length} of ${countText(count)}.` : "";
  const more = told.length < lines.length ? " The others are as they were." : first;
  const columns = model.isDifference
    ? ["function", MEASURES[state.by].noun, "allocations"]
    : ["line", MEASURES[state.by].noun, "share", "allocations"];
  const by = MEASURES[state.by].label.toLowerCase();
  return tableOf(`${shown.withinText()}${what} that ${doing(model, state.by)}, by ${by}.${more}`, columns, found);
}

/**
 * What the rows of the tree come to. Calls that stand for small ones are of no line: they are one row at the end.
 *
 * @param {Shown} shown
 * @returns {Hotspots}
 */
function linesOfCalls({ model, state, weighed, chosenRows, weightsOf }) {
  const { weights, deltas } = weighed;
  const counts = weightsOf("allocations");
  const chosen = chosenRows();
  const { functions, tree, rows } = model;
  const isSmall = Uint8Array.from(rows.node, (node, row) => {
    return Number(chosen[row] && functions[tree.called[node]]?.standsForSmall);
  });
  const inLines = Uint8Array.from(isSmall, (is, row) => Number(chosen[row] && !is));
  const changes = counts.deltas || counts.weights;
  const { lines, count } = byLine(model.keys, rows.node, inLines, weights, deltas, changes, TABLE_ROWS);
  const whole = isSmall.some(Boolean)
    ? byLine(new Int32Array(tree.count), rows.node, isSmall, weights, deltas, changes, 1).lines[0]
    : null;
  const within = state.window ? "of this time" : "within this frame";
  return {
    lines: lines.map((line) => ({
      ...line, called: line.node > 0 ? functions[tree.called[line.node]] : null, line: tree.line[line.node],
    })),
    count,
    small: whole ? { ...whole, name: "(small frames)", place: `${within}: their lines are not told apart` } : null,
  };
}

/**
 * What lines come to, summed up before calls were left out of the tree.
 *
 * @param {Shown} shown
 * @returns {Hotspots}
 */
function linesOfAll({ model, state, wholeLines }) {
  const known = wholeLines();
  if (!known) return { lines: [], count: 0, small: null };
  const { lines, weightsOf } = known;
  const { weights, deltas } = weightsOf(state.by);
  const counts = weightsOf("allocations");
  const changes = counts.deltas || counts.weights;
  const told = lines.called.length;
  // A line that also runs while modules are imported stands twice.
  const keys = lineKeys(lines.called, lines.line);
  const { node } = lines.rows;
  const isSmall = Int32Array.from(node, (place) => Number(place >= told));
  const inLines = isSmall.map((is) => 1 - is);
  const placeOf = Int32Array.from(lines.tree.importing, (_, place) => (place < told ? keys[place] : 0));
  const found = byLine(placeOf, node, inLines, weights, deltas, changes, TABLE_ROWS);
  const rest = byLine(new Int32Array(placeOf.length), node, isSmall, weights, deltas, changes, 1).lines[0];
  const { small_lines: small } = model.header;
  const share = small ? `each below ${small.share * 100}% of the whole` : "";
  const calls = callOfLine(model);
  return {
    lines: found.lines.map((line) => {
      const [called, number] = [lines.called[line.node], lines.line[line.node]];
      const call = calls.get(`${called} ${number}`);
      return {
        ...line, key: call === undefined ? -1 : model.keys[call],
        called: called < 0 ? null : model.functions[called], line: number,
      };
    }),
    count: found.count,
    small: rest && small
      ? { ...rest, name: `(${countText(small.count)} small lines)`, place: share }
      : null,
  };
}

/**
 * The first call of each function and line.
 *
 * @param {Model} model
 * @returns {Map<string, number>}
 */
function callOfLine({ tree }) {
  const calls = new Map();
  for (let node = tree.count - 1; node > 0; node--) calls.set(`${tree.called[node]} ${tree.line[node]}`, node);
  return calls;
}

/**
 * For each line a number that is the same for the same function and line.
 *
 * @param {Numbers} called
 * @param {Numbers} line
 * @returns {Int32Array}
 */
function lineKeys(called, line) {
  const known = new Map();
  return Int32Array.from(called, (function_, place) => {
    const name = `${function_} ${line[place]}`;
    if (!known.has(name)) known.set(name, known.size);
    return known.get(name);
  });
}

/**
 * @param {Model} model
 * @param {By} by
 * @returns {string}
 */
function doing({ header }, by) {
  if (!header.facts.objects) return "allocate";
  return basisOf(by) === "asked" ? "asked for memory" : "made objects";
}

/**
 * What blocks are. Where it is about one capture, with all figures; of two, with what changed by the measure.
 *
 * @param {Shown} shown
 * @param {Act} act
 * @returns {HTMLElement}
 */
export function typesTable(shown, act) {
  const { model, state, weighed } = shown;
  const { types } = model.header;
  const [made, reused] = [shown.madeOf("created"), shown.madeOf("reused")];
  /** @type {By[]} */
  const others = ["live_bytes", "peak_bytes", "allocated_bytes"];
  const columns = model.isDifference
    ? [weighed.weights, weighed.deltas, made?.deltas ?? null]
    : [
        weighed.weights, ...others.map((by) => shown.weightsOf(by).weights),
        made?.weights ?? null, reused?.weights ?? null,
      ];
  const found = byType(model.rows.type ?? [], shown.chosenRows(), columns);
  if (!found.length) return element("p", { className: "empty" }, "Nothing here.");
  const weight = model.isDifference ? 1 : 0;
  found.sort((a, b) => Math.abs(Number(b.sums[weight])) - Math.abs(Number(a.sums[weight])) || a.type - b.type);
  const total = found.reduce((sum, { sums }) => sum + Number(sums[0]), 0);
  const about = model.header.facts.sampled ? "≈ " : "";
  const rows = found.slice(0, TABLE_ROWS).map(({ type, sums }) => {
    const share = total > 0 ? Number(sums[0]) / total : 0;
    const isChosen = state.type === type;
    const below = shareText(share) + (type === model.header.kept_type ? ", nobody's" : "");
    /** @type {TableRow["cells"]} */
    const cells = model.isDifference
      ? [shown.amountOf(Number(sums[0]), Number(sums[1])), signedText(Number(sums[2]), countText)]
      : [
          ...sums.slice(1, 4).map((value) => about + bytesText(Number(value))),
          madeCell(sums[4], sums[5], about),
        ];
    return {
      cells: [siteCell(types[type], below, 1), ...cells],
      chosen: isChosen,
      onChoose: () => act.change({ type: isChosen ? -1 : type }),
    };
  });
  const more = found.length > rows.length ? ` The first ${rows.length} of ${countText(found.length)}.` : "";
  const by = MEASURES[state.by].label.toLowerCase();
  const told = model.isDifference
    ? ""
    : " Requested is at the line that asked, all else at the line that made the objects. Reused: made in a block of a"
      + " free list.";
  return tableOf(`${shown.withinText()}Types by ${by}; choose one to see where.${told}${more}`,
    model.isDifference
      ? ["type", MEASURES[state.by].noun, "made"]
      : ["type", "live", "peak", "requested", "made"],
    rows);
}

/**
 * @param {number | null} made
 * @param {number | null} reused
 * @param {string} about
 * @returns {Cell}
 */
function madeCell(made, reused, about) {
  if (made === null) return "-";
  const more = reused ? element("div", { className: "site-place" }, `${about}${countText(reused)} reused`) : null;
  return element("span", {}, about + countText(made), more);
}

/**
 * @param {Shown} shown
 * @param {Act} act
 * @returns {HTMLElement}
 */
export function sizesTable(shown, act) {
  const { model, state } = shown;
  const { header } = model;
  const { sizes, facts } = header;
  const counts = shown.weightsOf("allocations");
  const bytes = shown.weightsOf("allocated_bytes");
  const chosen = shown.chosenRows();
  const found = bySize(model.rows, chosen, counts.weights, bytes.weights, header, facts.pymalloc);
  if (!found.length) return element("p", { className: "empty" }, "Nothing here.");
  const highest = Math.max(...found.map((item) => item.allocations));
  const about = facts.sampled ? "≈ " : "";
  const rounding = found.reduce((sum, item) => sum + item.rounding, 0);
  const drawn = found.map((item) => {
    /** @type {Span} */
    const range = [sizes[item.first][0], sizes[item.last][1]];
    const isChosen = state.size !== null && state.size[0] <= item.first && item.last <= state.size[1];
    return {
      cells: [
        sizeText(range),
        element("span", {}, about + countText(item.allocations), shareBar(item.allocations / highest)),
        about + bytesText(item.bytes),
        item.rounding ? about + bytesText(item.rounding) : "-",
      ],
      chosen: isChosen,
      onChoose: () => act.change({ size: isChosen ? null : [item.first, item.last] }),
    };
  });
  const lost = facts.pymalloc
    ? ` Rounding up to pymalloc's classes costs ${about}${bytesText(rounding)} of them all.`
    : "";
  const both = model.isDifference ? " Old and new together." : "";
  return tableOf(`${shown.withinText()}Requests by size; choose one to see who makes them.${lost}${both}`,
    ["size", "allocations", "requested", "rounding"], drawn);
}

/**
 * @param {Panel} panel
 * @param {Shown} shown
 * @param {Act} act
 * @returns {HTMLElement}
 */
export function panelTable(panel, shown, act) {
  const { state, sites } = shown;
  const drawn = panel.rows.map(({ cells, site, bars, more }) => {
    const keys = site ? sites().keysOf(site) : [];
    const [name, place] = cells[0].split("  ");
    const called = place ? siteCell(name, place, site ? sites().originOf(site) : 1) : null;
    const head = element("span", { spoken: called?.spoken }, called ?? name, bars.length ? sparkBars(bars) : null);
    return {
      cells: [head, ...cells.slice(1)],
      below: more.length ? moreOf(more, panel.name === "resident" ? "what" : undefined) : null,
      chosen: keys.length > 0 && keys.every((key) => state.marked?.has(key)),
      onChoose: keys.length ? () => act.mark(keys) : null,
    };
  });
  return tableOf(panel.note, panel.columns, drawn);
}
