// The head of the page: what was recorded, how sure the numbers are, and what is missing.

import { bytesText, countText, shareText, signedText, timeText } from "./units.mjs";
import { element } from "./tables.mjs";

export function sureText({ sampled, sample_bytes: sampleBytes, complete }) {
  const mode = sampled ? `sampled every ${bytesText(sampleBytes)}, numbers are estimates` : "exact";
  return complete ? mode : `${mode}, partial`;
}

function factList(facts, old) {
  const about = facts.sampled ? "≈ " : "";
  const bytes = (name) => (old ? signedText(facts[name] - old[name], bytesText) : about + bytesText(facts[name]));
  const was = (name) => (old ? `${bytesText(old[name])} → ${bytesText(facts[name])}` : "");
  const list = [
    ["Peak", bytes("peak_bytes"), was("peak_bytes")],
    ["Allocated", bytes("allocated_bytes"), was("allocated_bytes")],
    ["Allocations", old ? signedText(facts.allocations - old.allocations, countText) : about + countText(facts.allocations),
      old ? `${countText(old.allocations)} → ${countText(facts.allocations)}`
        : facts.allocations && facts.short_lived ? `${shareText(facts.short_lived / facts.allocations)} short-lived` : ""],
    ["Live at the end", bytes("live_bytes"), old ? was("live_bytes") : `${countText(facts.live_blocks)} blocks`],
  ];
  if (old) return list;
  if (facts.resident_bytes) list.push(["Resident peak", bytesText(facts.resident_bytes), ""]);
  if (facts.collections !== null) {
    // None of the looks may have found it at work: that is no pause of 0 ms.
    const pause = facts.pause_s ? `≈ ${timeText(facts.pause_s)}` : "too short to be seen";
    list.push(["Collections", countText(facts.collections), facts.collections ? pause : ""]);
  }
  list.push(["Recorded", timeText(facts.duration_s), `Python ${facts.python}`]);
  return list;
}

export function showHeader(header) {
  const { facts, old_facts: old } = header;
  const sure = document.getElementById("sure");
  const worse = old && !(old.complete && !old.sampled) ? old : facts;
  sure.textContent = (old ? "difference, " : "") + sureText(worse);
  sure.classList.toggle("warning", worse.sampled || !worse.complete);
  document.getElementById("facts").replaceChildren(
    ...factList(facts, old).map(([name, value, more]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value, more ? element("small", {}, more) : null)),
    ),
  );
  const notes = document.getElementById("notes");
  notes.replaceChildren(...header.notes.map((note) => element("p", {}, note)));
  notes.hidden = !header.notes.length;
}
