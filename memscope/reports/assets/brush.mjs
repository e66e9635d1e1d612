// Choosing a stretch of time on the chart; what is chosen are whole windows.

/** @import { Brush, Span } from "./types.mjs" */

import { windowsTouched } from "./tree.mjs";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Brush} brush
 */
export function brushOn(canvas, { chart, list, choose }) {
  /** @type {{ ns: number, x: number } | null} */
  let from = null;
  /** @param {PointerEvent} event */
  const at = (event) => chart()?.ns(event.clientX - canvas.getBoundingClientRect().left) ?? 0;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || list().length < 2) return;
    from = { ns: at(event), x: event.clientX };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (from === null || Math.abs(event.clientX - from.x) < 3) return;
    const to = at(event);
    choose(windowsTouched(list(), Math.min(from.ns, to), Math.max(from.ns, to)));
  });
  canvas.addEventListener("pointerup", (event) => {
    if (from !== null && Math.abs(event.clientX - from.x) < 3) choose(null);
    from = null;
  });
}

/**
 * The windows that an arrow key leads to.
 *
 * @param {Span | null} chosen
 * @param {number} count
 * @param {boolean} forward
 * @param {boolean} extend
 * @returns {Span}
 */
export function movedWindows(chosen, count, forward, extend) {
  const step = forward ? 1 : -1;
  if (!chosen) return forward ? [0, 0] : [count - 1, count - 1];
  const [first, last] = chosen;
  if (extend) return [first, Math.min(Math.max(last + step, first), count - 1)];
  if (first + step < 0 || last + step >= count) return chosen;
  return [first + step, last + step];
}
