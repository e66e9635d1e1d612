// The toolbar, and what the chosen time is called.

import { DOMAIN_NAMES, MEASURES, sizeText } from "./model.mjs";
import { byId, element } from "./tables.mjs";
import { bytesText, countText, timeText } from "./units.mjs";

function offer(id, entries) {
  byId(id).replaceChildren(...entries.map(([value, text]) => element("option", { value: String(value) }, text)));
}

// Offers what there is to choose.
export function fillControls(model) {
  const { rows: all, header } = model;
  const used = (column) => [...new Set(column)].sort((a, b) => a - b);
  offer("by", Object.entries(MEASURES).map(([by, { label }]) => [by, label]));
  offer("domain", [[-1, "all"], ...used(all.domain).map((domain) => [domain, DOMAIN_NAMES[domain]])]);
  offer("size", [["", "all"], ["0-32", "≤ 512 B"], ["33-252", "> 512 B"],
    ...used(all.size).map((size) => [`${size}-${size}`, sizeText(header.sizes[size])])]);
  offer("imports", [["folded", "folded"], ["all", "all frames"], ["out", "left out"]]);
  const threads = used(all.thread);
  offer("thread", [[-1, "all"], ...threads.map((thread) => [thread, thread ? header.threads[thread - 1] : "unknown"])]);
  byId("thread-label").hidden = threads.length < 2;
  offer("group", [["none", "none"], ...(threads.length > 1 ? [["thread", "thread"]] : []), ["domain", "domain"], ["size", "size class"]]);
}

// Shows what is chosen.
export function showControls(state, model) {
  const values = {
    by: state.by, group: state.group, domain: state.domain, thread: state.thread, imports: state.imports,
    size: state.size ? state.size.join("-") : "",
  };
  for (const [id, value] of Object.entries(values)) byId(id).value = String(value);
  byId("group").disabled = state.inverted;
  for (const option of byId("by").options) option.disabled = Boolean(state.window && option.value === "short_lived");
  const pressed = { invert: state.inverted, flip: state.flipped, internals: !state.internals };
  for (const [id, on] of Object.entries(pressed)) byId(id).setAttribute("aria-pressed", String(on));
  const text = byId("window-text");
  if (!text) return;
  const { windows, header } = model;
  if (!state.window) {
    const count = windows ? windows.list.length : 0;
    text.textContent = count > 1 ? `Drag to choose a time; ${countText(count)} windows can be told apart.` : "";
    return;
  }
  const [first, last] = state.window;
  const count = last - first + 1;
  const [from, to] = [windows.list[first].start, windows.list[last].end];
  const about = header.facts.sampled ? "≈ " : "";
  const meaning = {
    live_bytes: ", live at its end", peak_bytes: ", live at its fullest window end",
  }[state.by] || `; ${about}${bytesText(windows.list[last].live)} live at its end`;
  text.textContent = `${timeText(from / 1e9)} to ${timeText(to / 1e9)}, ${count === 1 ? "one window" : `${count} windows`}${meaning}.`;
}
