// Data is opened and shown; at the first time everything begins to listen.

/** @import { Action, Opened, Parts } from "./types.mjs" */

import { brushOn } from "./brush.mjs";
import { change, chooseRetainer, INVERTED_LEAST, rebuild, resetAll, toggleMark, zoom } from "./changes.mjs";
import { unpack } from "./columns.mjs";
import { fillControls } from "./controls.mjs";
import { measureFlame, paintAnew, redraw, toPaper, toScreen } from "./drawing.mjs";
import { showHeader } from "./header.mjs";
import { chosenIn, chosenNow } from "./kept.mjs";
import { ACTIONS, onKey } from "./keyboard.mjs";
import { showLegends } from "./legend.mjs";
import { modelOf, nameTheEnd } from "./model.mjs";
import { hideReading, hideTip, pointed, showReading, showTip } from "./pointer.mjs";
import { page, state } from "./state.mjs";
import { byId } from "./tables.mjs";
import { setUpTabs, showTable } from "./tabs.mjs";
import { showFound } from "./words.mjs";

let listens = false;

function listen() {
  listens = true;
  byId("by").onchange = () => change({ by: byId("by").value });
  byId("group").onchange = () => change({ group: byId("group").value });
  byId("domain").onchange = () => change({ domain: Number(byId("domain").value) });
  byId("thread").onchange = () => change({ thread: Number(byId("thread").value) });
  byId("type").onchange = () => change({ type: Number(byId("type").value) });
  byId("types").onclick = () => change({ types: !state.types });
  byId("size").onchange = () => {
    const { value } = byId("size");
    const [first, last] = value.split("-").map(Number);
    change({ size: value ? [first, last] : null });
  };
  byId("imports").onchange = () => change({ imports: byId("imports").value });
  byId("internals").onclick = () => change({ internals: !state.internals });
  /** @type {(Action & keyof Parts)[]} */
  const buttons = ["invert", "flip", "peak", "theme", "help"];
  for (const id of buttons) byId(id).onclick = () => ACTIONS[id]();
  byId("reset").onclick = resetAll;
  byId("search").oninput = () => {
    state.search = byId("search").value;
    showFound();
    redraw();
  };
  document.addEventListener("keydown", onKey);
  const flame = byId("flame");
  flame.addEventListener("scroll", redraw);
  byId("frames").addEventListener("click", (event) => {
    const place = pointed(event);
    if (place >= 0) zoom(place);
  });
  byId("frames").addEventListener("pointermove", showTip);
  byId("frames").addEventListener("pointerleave", hideTip);
  byId("chart").addEventListener("pointermove", showReading);
  byId("chart").addEventListener("pointerleave", hideReading);
  brushOn(byId("chart"), {
    chart: () => page.chart, list: () => page.model.windows?.list ?? [], choose: (window) => change({ window }),
  });
  const resized = new ResizeObserver(() => { measureFlame(); redraw(); });
  for (const part of [flame, byId("time")]) resized.observe(part);
  addEventListener("beforeprint", () => {
    showTable(); // which may be still to come
    toPaper();
  });
  addEventListener("afterprint", toScreen);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintAnew);
}

/**
 * Shows a word of data. What was chosen before stays chosen, as far as it is there.
 *
 * @param {string} data
 */
export async function show(data) {
  const model = modelOf(/** @type {Opened} */ (await unpack(data)));
  const before = listens ? chosenNow(page, state) : null;
  page.model = model;
  nameTheEnd(model.header.facts.interim);
  showHeader(model.header);
  fillControls(model);
  showLegends(model, INVERTED_LEAST);
  // Not beside the flame, which leaves it little room: its own tables follow.
  if (!before) byId("table").replaceChildren();
  for (const part of [byId("toolbar"), byId("flame-part"), byId("tabs")]) part.hidden = false;
  byId("time").hidden = !(model.points && model.points.time_ns.length > 1);
  if (before) Object.assign(state, chosenIn(model, before));
  else begin();
  paintAnew();
  rebuild(before ? before.frames : null);
}

function begin() {
  if (page.model.isDifference) Object.assign(state, { tab: "hotspots", by: "allocated_bytes" });
  setUpTabs({ change, mark: toggleMark, retain: chooseRetainer });
  listen();
}

/** @param {Error} error */
export function sayBroken(error) {
  const notes = byId("notes");
  notes.hidden = false;
  notes.textContent = `The page cannot be shown: ${error.message}. It needs a browser of 2023 or later.`;
}
