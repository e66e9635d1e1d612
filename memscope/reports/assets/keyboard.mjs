// What the keys and the toolbar do.

/** @import { Action, Direction } from "./types.mjs" */

import { movedWindows } from "./brush.mjs";
import { ROW_PIXELS, scaleOf } from "./canvas.mjs";
import { change, reset, select, zoom } from "./changes.mjs";
import { showControls } from "./controls.mjs";
import { paintAnew, redraw } from "./drawing.mjs";
import { actionOf } from "./keys.mjs";
import { page, state } from "./state.mjs";
import { byId } from "./tables.mjs";
import { chooseNextTab } from "./tabs.mjs";
import { neighbour } from "./tree.mjs";

function theme() {
  const dark = page.colours.isDark ? "light" : "dark";
  document.documentElement.dataset.theme = dark;
  paintAnew();
}

/** @type {Record<Action, () => void>} */
export const ACTIONS = {
  up: () => move(state.flipped ? "child" : "parent"),
  down: () => move(state.flipped ? "parent" : "child"),
  previous: () => move("previous"),
  next: () => move("next"),
  root: () => zoom(0),
  zoom: () => zoom(state.current),
  reset,
  search: () => byId("search").focus(),
  invert: () => change({ inverted: !state.inverted, focus: 0, current: 0 }),
  flip() {
    state.flipped = !state.flipped;
    showControls(state, page.model);
    byId("flame").scrollTop = state.flipped ? page.rows * ROW_PIXELS : 0;
    redraw();
  },
  peak: () => change({ by: "peak_bytes", window: null }),
  theme,
  help: () => byId("keys").showModal(),
};
const FLAME_ACTIONS = new Set(["up", "down", "previous", "next", "root", "zoom"]);

/** @param {Direction} direction */
function move(direction) {
  const { perUnit } = scaleOf(page.view, state.focus, byId("flame").clientWidth);
  select(neighbour(page.view, state.current, direction, perUnit ? 0.5 / perUnit : 0));
}

/** @param {KeyboardEvent} event */
export function onKey(event) {
  const action = actionOf(event);
  if (!action || byId("keys").open) return;
  const { target } = event;
  if (!(target instanceof Element)) return;
  if (target === byId("search")) {
    if (action === "reset" || action === "zoom") {
      byId("flame").focus();
      if (action === "reset") reset();
      event.preventDefault();
    }
    return;
  }
  if (target.matches("select, input")) return;
  const isSideways = action === "previous" || action === "next";
  const windowCount = page.model.windows?.list.length ?? 0;
  if (target === byId("chart") && isSideways && windowCount > 1) {
    change({ window: movedWindows(state.window, windowCount, action === "next", event.shiftKey) });
  } else if (target.getAttribute("role") === "tab" && isSideways) {
    chooseNextTab(action === "next" ? 1 : -1);
  } else if (FLAME_ACTIONS.has(action) && target !== byId("flame") && target !== document.body) {
    return;
  } else ACTIONS[action]();
  event.preventDefault();
}
