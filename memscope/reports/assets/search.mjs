// Search by regular expression, over functions once and not over frames.

/** @import { Called, Numbers, View } from "./types.mjs" */

/**
 * The expression, without regard to case; text that is none is looked for as it is.
 *
 * @param {string} text
 * @returns {RegExp | null}
 */
export function expressionOf(text) {
  if (!text) return null;
  try {
    return new RegExp(text, "i");
  } catch {
    return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
  }
}

/**
 * 1 for each function whose name or file matches.
 *
 * @param {Pick<Called, "name" | "file">[]} functions
 * @param {RegExp} expression
 * @returns {Uint8Array}
 */
export function matchingFunctions(functions, expression) {
  return Uint8Array.from(functions, ({ name, file }) =>
    expression.test(name) || expression.test(file) ? 1 : 0,
  );
}

/**
 * How many frames match, and what they weigh together; a match within a match counts once.
 *
 * @param {View} view
 * @param {Numbers} called
 * @param {Numbers} matching
 * @returns {{ frames: number, value: number }}
 */
export function totalOfMatches(view, called, matching) {
  let frames = 0;
  let value = 0;
  let outer = 0;
  for (let place = 1; place < view.count; place++) {
    const number = called[view.node[place]];
    if (view.type[place] >= 0 || number < 0 || !matching[number]) continue;
    frames += 1;
    if (place >= outer) {
      value += view.value[place];
      outer = view.end[place];
    }
  }
  return { frames, value };
}
