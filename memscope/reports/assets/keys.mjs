// Which key does what; the help is made of the same list.

/** @import { Action, Key } from "./types.mjs" */

/** @type {Key[]} */
export const KEYS = [
  ["ArrowUp", "up", "↑ ↓", "caller and callee, as they are drawn"],
  ["ArrowDown", "down"],
  ["ArrowLeft", "previous", "← →", "frames beside"],
  ["ArrowRight", "next"],
  ["Home", "root", "Home", "the whole program"],
  ["Enter", "zoom", "Enter", "zoom into the frame"],
  ["Escape", "reset", "Esc", "back: search, zoom, time"],
  ["/", "search", "/", "search"],
  ["i", "invert", "i", "allocating lines first (inverted)"],
  ["f", "flip", "f", "root at the top or at the bottom"],
  ["p", "peak", "p", "what made the peak"],
  ["t", "theme", "t", "light or dark"],
  ["?", "help", "?", "this help"],
];

/**
 * @param {KeyboardEvent} event
 * @returns {Action | null}
 */
export function actionOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const found = KEYS.find(([key]) => key === event.key);
  return found ? found[1] : null;
}
