// The page begins: the data is opened, and everything listens.

import { brushOn } from "./brush.mjs";
import { change, INVERTED_LEAST, rebuild, resetAll, toggleMark, zoom } from "./changes.mjs";
import { unpack } from "./columns.mjs";
import { fillControls } from "./controls.mjs";
import { measureFlame, paintAnew, redraw, toPaper, toScreen } from "./drawing.mjs";
import { showHeader } from "./header.mjs";
import { ACTIONS, onKey } from "./keyboard.mjs";
import { showLegends } from "./legend.mjs";
import { modelOf } from "./model.mjs";
import { hideReading, hideTip, pointed, showReading, showTip } from "./pointer.mjs";
import { page, state } from "./state.mjs";
import { byId } from "./tables.mjs";
import { setUpTabs } from "./tabs.mjs";
import { showFound } from "./words.mjs";

function listen() {
  const number = (id) => () => change({ [id]: Number(byId(id).value) });
  byId("by").onchange = () => change({ by: byId("by").value });
  byId("group").onchange = () => change({ group: byId("group").value });
  byId("domain").onchange = number("domain");
  byId("thread").onchange = number("thread");
  byId("size").onchange = () => {
    const { value } = byId("size");
    change({ size: value ? value.split("-").map(Number) : null });
  };
  byId("imports").onchange = () => change({ imports: byId("imports").value });
  byId("internals").onclick = () => change({ internals: !state.internals });
  for (const id of ["invert", "flip", "peak", "theme", "help"]) byId(id).onclick = () => ACTIONS[id]();
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
  if (page.model.windows && page.model.windows.list.length > 1 && page.model.points) {
    brushOn(byId("chart"), {
      chart: () => page.chart, list: page.model.windows.list, choose: (window) => change({ window }),
    });
  }
  const resized = new ResizeObserver(() => { measureFlame(); redraw(); });
  for (const part of [flame, byId("time")]) resized.observe(part);
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintAnew);
}

async function start() {
  const data = byId("data");
  page.model = modelOf(await unpack(data.textContent.trim()));
  data.remove();
  showHeader(page.model.header);
  fillControls(page.model);
  showLegends(page.model, INVERTED_LEAST);
  for (const id of ["toolbar", "flame-part", "tabs"]) byId(id).hidden = false;
  byId("time").hidden = !(page.model.points && page.model.points.time_ns.length > 1);
  if (page.model.isDifference) state.tab = "hotspots";
  setUpTabs({ change, mark: toggleMark });
  paintAnew();
  listen();
  rebuild();
}

start().catch((error) => {
  const notes = byId("notes");
  notes.hidden = false;
  notes.textContent = `The page cannot be shown: ${error.message}. It needs a browser of 2023 or later.`;
  throw error;
});
