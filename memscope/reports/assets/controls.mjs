// The toolbar, and what the chosen time is called.

/** @import { Header, Model, Numbers, State } from "./types.mjs" */

import { basisOf, MEASURES, sizeText } from "./model.mjs";
import { byId, element } from "./tables.mjs";
import { bytesText, countText, timeText } from "./units.mjs";

// Of so many a list can be chosen from; the others by their row in the table.
const MOST_TYPES = 200;

/** @typedef {[value: string | number, text: string]} Choice */

/**
 * @param {"by" | "domain" | "size" | "imports" | "thread" | "group" | "type"} id
 * @param {Choice[]} entries
 */
function offer(id, entries) {
  byId(id).replaceChildren(...entries.map(([value, text]) => element("option", { value: String(value) }, text)));
}

/** @param {Numbers} column */
function usedIn(column) {
  return [...new Set(column)].sort((a, b) => a - b);
}

/**
 * @param {Header} header
 * @returns {Choice[]}
 */
function smallAndLarge({ sizes, small_classes: small }) {
  const most = bytesText(sizes[small][1]);
  return [[`0-${small}`, `≤ ${most}`], [`${small + 1}-${sizes.length - 1}`, `> ${most}`]];
}

/**
 * Offers what there is to choose.
 *
 * @param {Model} model
 */
export function fillControls(model) {
  const { rows: all, header } = model;
  offer("by", Object.entries(MEASURES).map(([by, { label }]) => [by, label]));
  /** @type {Choice[]} */
  const domains = usedIn(all.domain).map((domain) => [domain, header.domains[domain].name]);
  offer("domain", [[-1, "all"], ...domains]);
  /** @type {Choice[]} */
  const sizes = usedIn(all.size).map((size) => [`${size}-${size}`, sizeText(header.sizes[size])]);
  offer("size", [["", "all"], ...smallAndLarge(header), ...sizes]);
  offer("imports", [["folded", "folded"], ["all", "all frames"], ["out", "left out"]]);
  /** @type {Choice[]} */
  const threads = usedIn(all.thread).map((thread) => [thread, thread ? header.threads[thread - 1] : "unknown"]);
  offer("thread", [[-1, "all"], ...threads]);
  byId("thread-label").hidden = threads.length < 2;
  /** @type {Choice[]} */
  const groups = [
    ["none", "none"], ["thread", "thread"], ["domain", "domain"], ["size", "size class"], ["type", "type"],
  ];
  const absent = [threads.length > 1 ? "" : "thread", all.type ? "" : "type"];
  offer("group", groups.filter(([group]) => !absent.includes(String(group))));
  for (const id of /** @type {const} */ (["type-label", "types"])) byId(id).hidden = !all.type;
  if (all.type) offer("type", [[-1, "all"], ...heaviestTypes(model, all.type).map((type) => typeChoice(model, type))]);
}

/**
 * @param {Model} model
 * @param {number} type
 * @returns {Choice}
 */
function typeChoice({ header }, type) {
  return [type, header.types[type]];
}

/**
 * By what was requested and what they had at the peak; no list of a browser shows thousands.
 *
 * @param {Model} model
 * @param {Numbers} rowType
 * @returns {number[]}
 */
function heaviestTypes(model, rowType) {
  const sides = /** @type {(0 | 1)[]} */ (model.isDifference ? [0, 1] : [0]);
  const measures = /** @type {const} */ (["allocated_bytes", "peak_bytes"]);
  const columns = sides.flatMap((side) => measures.map((by) => model.measured(by, side)));
  const sums = new Float64Array(model.header.types.length);
  for (const column of columns) for (let row = 0; row < rowType.length; row++) sums[rowType[row]] += column[row];
  const heaviest = usedIn(rowType).sort((a, b) => sums[b] - sums[a]).slice(0, MOST_TYPES);
  // By plain text: to compare as a language does takes 60 ms at the first time.
  const keys = new Map(heaviest.map((type) => [type, model.header.types[type].toLowerCase()]));
  /** @param {number} type */
  const key = (type) => keys.get(type) ?? "";
  return heaviest.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b));
}

/**
 * The type that is chosen, which a row of the table may have brought in.
 *
 * @param {State} state
 * @param {Model} model
 */
function showType({ type }, model) {
  const select = byId("type");
  select.value = String(type);
  if (type < 0 || select.value) return;
  const [value, text] = typeChoice(model, type);
  select.append(element("option", { value: String(value) }, text));
  select.value = String(type);
}

/**
 * Which of the two is shown.
 *
 * @param {State} state
 * @returns {string}
 */
function basisText({ by, window }) {
  if (basisOf(by) === "made") return "Live memory, at the line that made the objects in it.";
  const taken = window ? " In a chosen time, with blocks of free lists in which objects were made." : "";
  return `What was requested, at the line that asked for it.${taken}`;
}

/**
 * Shows what is chosen.
 *
 * @param {State} state
 * @param {Model} model
 */
export function showControls(state, model) {
  byId("by").value = state.by;
  byId("group").value = state.group;
  byId("domain").value = String(state.domain);
  byId("thread").value = String(state.thread);
  byId("imports").value = state.imports;
  byId("size").value = state.size ? state.size.join("-") : "";
  byId("group").disabled = byId("types").disabled = state.inverted;
  byId("types").setAttribute("aria-pressed", String(state.types && !state.inverted));
  showType(state, model);
  byId("basis").textContent = model.header.facts.objects ? basisText(state) : "";
  byId("basis").hidden = !model.header.facts.objects;
  for (const option of byId("by").options) option.disabled = Boolean(state.window && option.value === "short_lived");
  byId("invert").setAttribute("aria-pressed", String(state.inverted));
  byId("flip").setAttribute("aria-pressed", String(state.flipped));
  byId("internals").setAttribute("aria-pressed", String(!state.internals));
  const text = document.getElementById("window-text");
  if (!text) return;
  const { windows, header } = model;
  if (!state.window || !windows) {
    const count = windows ? windows.list.length : 0;
    text.textContent = count > 1 ? `Drag to choose a time; ${countText(count)} windows can be told apart.` : "";
    return;
  }
  const [first, last] = state.window;
  const count = last - first + 1;
  const [from, to] = [windows.list[first].start, windows.list[last].end];
  const about = header.facts.sampled ? "≈ " : "";
  const meaning = state.by === "live_bytes"
    ? ", live at its end"
    : state.by === "peak_bytes"
      ? ", live at its fullest window end"
      : `; ${about}${bytesText(windows.list[last].live)} live at its end`;
  const length = count === 1 ? "one window" : `${count} windows`;
  text.textContent = `${timeText(from / 1e9)} to ${timeText(to / 1e9)}, ${length}${meaning}.`;
}
