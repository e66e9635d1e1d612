// The tables beside the flame. `shown` is what the page shows now, `act` what choosing a row does.

import { placeText } from "./details.mjs";
import { byLine, bySize } from "./figures.mjs";
import { MEASURES, sizeText } from "./model.mjs";
import { element, moreOf, shareBar, siteCell, sparkBars, tableOf } from "./tables.mjs";
import { bytesText, countText, shareText, signedText } from "./units.mjs";

const TABLE_ROWS = 100;

export function hotspotsTable(shown, act) {
  const { model, state, view, weighed } = shown;
  const { weights, deltas } = weighed;
  const counts = shown.weightsOf("allocations");
  const { lines, count } = byLine(
    model.tree, model.keys, model.rows.node, shown.chosenRows(), weights, deltas, counts.deltas || counts.weights, TABLE_ROWS,
  );
  if (!lines.length) return element("p", { className: "empty" }, "Nothing here.");
  const total = view.value[0];
  const currentKey = state.current && view.node[state.current] ? model.keys[view.node[state.current]] : null;
  const found = lines.map((line) => {
    const called = line.node > 0 ? model.functions[model.tree.called[line.node]] : null;
    const site = called
      ? siteCell(called.name, placeText(called, model.tree.line[line.node]), called.origin)
      : siteCell("<no Python frame>", "", 1);
    const share = total > 0 ? line.value / total : 0;
    const part = element("span", {}, shareText(share), shareBar(share));
    return {
      cells: model.isDifference
        ? [site, shown.amountOf(line.value, line.delta), signedText(line.count, countText)]
        : [site, shown.unitText(line.value), part, countText(line.count)],
      chosen: state.marked ? state.marked.has(line.key) : line.key === currentKey,
      onChoose: called ? () => act.mark([line.key]) : null,
    };
  });
  const what = model.isDifference ? "Functions" : "Lines";
  const more = count > lines.length ? ` The first ${lines.length} of ${countText(count)}.` : "";
  const columns = model.isDifference
    ? ["function", MEASURES[state.by].noun, "allocations"]
    : ["line", MEASURES[state.by].noun, "share", "allocations"];
  return tableOf(`${shown.withinText()}${what} that allocate, by ${MEASURES[state.by].label.toLowerCase()}.${more}`, columns, found);
}

export function sizesTable(shown, act) {
  const { model, state } = shown;
  const { sizes, facts } = model.header;
  const counts = shown.weightsOf("allocations");
  const bytes = shown.weightsOf("allocated_bytes");
  const chosen = shown.chosenRows();
  const found = bySize(model.rows, chosen, counts.weights, bytes.weights, sizes, facts.pymalloc);
  if (!found.length) return element("p", { className: "empty" }, "Nothing here.");
  const highest = Math.max(...found.map((item) => item.allocations));
  const about = facts.sampled ? "≈ " : "";
  const rounding = found.reduce((sum, item) => sum + item.rounding, 0);
  const drawn = found.map((item) => {
    const range = [sizes[item.first][0], sizes[item.last][1]];
    const isChosen = state.size && state.size[0] <= item.first && item.last <= state.size[1];
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
  const lost = facts.pymalloc ? ` Rounding up to pymalloc's classes costs ${about}${bytesText(rounding)} of them all.` : "";
  const both = model.isDifference ? " Old and new together." : "";
  return tableOf(`${shown.withinText()}Requests by size; choose one to see who makes them.${lost}${both}`,
    ["size", "allocations", "requested", "rounding"], drawn);
}

export function panelTable(panel, shown, act) {
  const { state, sites } = shown;
  const drawn = panel.rows.map(({ cells, site, bars, more }) => {
    const keys = site ? sites().keysOf(site) : [];
    const [name, place] = cells[0].split("  ");
    const called = place ? siteCell(name, place, sites().originOf(site)) : name;
    const head = element("span", { spoken: called.spoken }, called, bars.length ? sparkBars(bars) : null);
    return {
      cells: [head, ...cells.slice(1)],
      below: more.length ? moreOf(more) : null,
      chosen: state.marked && keys.length > 0 && keys.every((key) => state.marked.has(key)),
      onChoose: keys.length ? () => act.mark(keys) : null,
    };
  });
  return tableOf(panel.note, panel.columns, drawn);
}
