// The frame below the pointer, and what is said of it there.

import { frameAt, ROW_PIXELS } from "./canvas.mjs";
import { page, state } from "./state.mjs";
import { byId, element } from "./tables.mjs";
import { shareText } from "./units.mjs";
import { describe } from "./words.mjs";

export function pointed(event) {
  const flame = byId("flame");
  const box = byId("frames").getBoundingClientRect();
  const line = Math.floor((event.clientY - box.top + flame.scrollTop) / ROW_PIXELS);
  const depth = state.flipped ? page.rows - 1 - line : line;
  return frameAt(page.view, state.focus, flame.clientWidth, event.clientX - box.left, depth);
}

export function showTip(event) {
  const place = pointed(event);
  const tip = byId("tip");
  tip.hidden = place < 0;
  if (place < 0) return;
  const { name, place: where, amount, share, ownAmount } = describe(place);
  const own = page.model.isDifference ? "" : `, ${ownAmount} by itself`;
  tip.replaceChildren(
    element("b", {}, name), element("span", {}, where),
    `${amount}, ${shareText(share)}${own}`,
  );
  const { offsetWidth: wide, offsetHeight: high } = tip;
  tip.style.left = `${Math.max(Math.min(event.clientX + 14, innerWidth - wide - 8), 4)}px`;
  tip.style.top = `${event.clientY + 18 + high > innerHeight ? event.clientY - high - 10 : event.clientY + 18}px`;
}
