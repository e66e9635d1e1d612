// The head of the page: what was recorded, how sure the numbers are, and what is missing.

/** @import { Amount, Facts, Header } from "./types.mjs" */

import { bytesText, countText, shareText, signedText, timeText } from "./units.mjs";
import { byId, element } from "./tables.mjs";

/**
 * @param {Facts} facts
 * @returns {string}
 */
export function sureText({ how_sampled: howSampled, complete, interim }) {
  // No partial capture is exact.
  const mode = howSampled || (complete ? "exact" : "");
  const said = [mode, interim ? "so far" : "", complete ? "" : "partial"];
  return said.filter((word) => word !== "").join(", ");
}

/**
 * @param {Facts} facts
 * @returns {string}
 */
function seenText({ tracked_share: share }) {
  if (share === null) return "";
  return share > 1 ? "not all that was requested was touched" : `${shareText(share)} of it tracked`;
}

/** @typedef {[name: string, value: string, more: string]} Fact */

/**
 * @param {Facts} facts
 * @param {Facts | undefined} old
 * @returns {Fact[]}
 */
function factList(facts, old) {
  const about = facts.sampled ? "≈ " : "";
  /** @param {Amount} name */
  const bytes = (name) => (old ? signedText(facts[name] - old[name], bytesText) : about + bytesText(facts[name]));
  /** @param {Amount} name */
  const was = (name) => (old ? `${bytesText(old[name])} → ${bytesText(facts[name])}` : "");
  const { allocations, short_lived_share: shortLived } = facts;
  /** @type {Fact[]} */
  const list = [
    ["Peak", bytes("peak_bytes"), was("peak_bytes")],
    [facts.objects ? "Requested" : "Allocated", bytes("allocated_bytes"), was("allocated_bytes")],
    ["Allocations", old ? signedText(allocations - old.allocations, countText) : about + countText(allocations),
      old ? `${countText(old.allocations)} → ${countText(allocations)}`
        : allocations && shortLived ? `${shareText(shortLived)} short-lived` : ""],
    [facts.interim ? "Live then" : "Live at the end", bytes("live_bytes"),
      old ? was("live_bytes") : `${countText(facts.live_blocks)} blocks`],
  ];
  if (old) return list;
  if (facts.resident_bytes) list.push(["Resident peak", bytesText(facts.resident_bytes), seenText(facts)]);
  if (facts.collections !== null) {
    // None of the looks may have found it at work: that is no pause of 0 ms.
    const pause = facts.pause_s ? `≈ ${timeText(facts.pause_s)}` : "too short to be seen";
    list.push(["Collections", countText(facts.collections), facts.collections ? pause : ""]);
  }
  list.push(["Recorded", timeText(facts.duration_s), `Python ${facts.python}`]);
  return list;
}

/** @param {Header} header */
export function showHeader(header) {
  const { facts, old_facts: old } = header;
  const sure = byId("sure");
  const worse = old && !(old.complete && !old.sampled) ? old : facts;
  sure.textContent = (old ? "difference, " : "") + sureText(worse);
  sure.classList.toggle("warning", worse.sampled || !worse.complete);
  byId("facts").replaceChildren(
    ...factList(facts, old).map(([name, value, more]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value, more ? element("small", {}, more) : null)),
    ),
  );
  const notes = byId("notes");
  notes.replaceChildren(...header.notes.map((note) => element("p", {}, note)));
  notes.hidden = !header.notes.length;
}
