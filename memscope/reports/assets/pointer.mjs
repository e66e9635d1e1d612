// What is below the pointer, a frame or a time, and what is said of it there.

import { frameAt, ROW_PIXELS } from "./canvas.mjs";
import { drawTime } from "./drawing.mjs";
import { page, state } from "./state.mjs";
import { byId, element } from "./tables.mjs";
import { readingAt } from "./timeline.mjs";
import { bytesText, shareText, timeText } from "./units.mjs";
import { describe } from "./words.mjs";

/**
 * @param {MouseEvent} event
 * @returns {number}
 */
export function pointed(event) {
  const flame = byId("flame");
  const box = byId("frames").getBoundingClientRect();
  const line = Math.floor((event.clientY - box.top + flame.scrollTop) / ROW_PIXELS);
  const depth = state.flipped ? page.rows - 1 - line : line;
  return frameAt(page.view, state.focus, flame.clientWidth, event.clientX - box.left, depth);
}

/** @param {PointerEvent} event */
export function showTip(event) {
  const place = pointed(event);
  if (place < 0) {
    hideTip();
    return;
  }
  const { name, place: where, amount, share, ownAmount } = describe(place);
  const own = page.model.isDifference ? "" : `, ${ownAmount} by itself`;
  tellAt(event, element("b", {}, name), element("span", {}, where), `${amount}, ${shareText(share)}${own}`);
}

/** @param {PointerEvent} event */
export function showReading(event) {
  const { points, header } = page.model;
  if (!points || !points.time_ns.length || !page.chart) return;
  const about = header.facts.sampled ? "≈ " : "";
  const ns = page.chart.ns(event.clientX - byId("chart").getBoundingClientRect().left);
  const reading = readingAt(points, ns);
  const domains = reading.domains.map(([name, bytes]) => `${name} ${bytesText(bytes)}`).join(", ");
  const highest = reading.highest > reading.live ? `; up to ${about}${bytesText(reading.highest)} shortly before` : "";
  const resident = reading.resident ? `resident ${bytesText(reading.resident)}` : "";
  page.pointedNs = reading.ns;
  drawTime();
  tellAt(
    event, element("b", {}, timeText(reading.ns / 1e9)),
    element("span", {}, `${about}${bytesText(reading.live)} live: ${domains}${highest}`),
    resident + (reading.collecting ? `${resident && ", "}collector at work` : ""),
  );
}

export function hideReading() {
  page.pointedNs = null;
  hideTip();
  drawTime();
}

export function hideTip() {
  byId("tip").hidden = true;
}

/**
 * @param {PointerEvent} event
 * @param {...(string | HTMLElement)} said
 */
export function tellAt(event, ...said) {
  const tip = byId("tip");
  tip.hidden = false;
  tip.replaceChildren(...said);
  const { offsetWidth: wide, offsetHeight: high } = tip;
  tip.style.left = `${Math.max(Math.min(event.clientX + 14, innerWidth - wide - 8), 4)}px`;
  tip.style.top = `${event.clientY + 18 + high > innerHeight ? event.clientY - high - 10 : event.clientY + 18}px`;
}
