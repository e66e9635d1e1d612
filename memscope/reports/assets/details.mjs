// What is said of one frame: a sentence, and a card with its source.

/** @import { About, Called, Source } from "./types.mjs" */

import { shareText } from "./units.mjs";
import { element } from "./tables.mjs";

const ORIGINS = ["your code", "a dependency", "standard library", "nobody's: free lists of the interpreter"];

/**
 * @param {Pick<Called, "file">} called
 * @param {number} line
 * @returns {string}
 */
export function placeText({ file }, line) {
  if (!file) return "";
  return line ? `${file}:${line}` : file;
}

/**
 * One sentence for eyes and for screen readers.
 *
 * @param {About} about
 * @returns {string}
 */
export function sentenceOf({ name, place, amount, share, ownAmount, ownShare, change, within }) {
  const where = place ? `, ${place}` : "";
  if (change) return `${name}${where}: ${change} from old to new; ${shareText(share)} of both together.`;
  const own = ownShare > 0 ? `; ${ownAmount} by itself` : "";
  return `${name}${where}: ${amount}, ${shareText(share)} of ${within}${own}.`;
}

/**
 * @param {About & { facts: [term: string, value: string][], source: Source, calls: Source }} about
 * @returns {(HTMLElement | null)[]}
 */
export function cardOf({ name, place, origin, facts, source, calls, line, path }) {
  const lines = source && source[path];
  const numbers = lines ? Object.keys(lines).map(Number).filter((n) => Math.abs(n - line) <= 2) : [];
  const list = element("dl", { className: "facts-list" });
  for (const [term, value] of facts) {
    list.append(element("div", {}, element("dt", {}, term), element("dd", {}, value)));
  }
  const code = numbers.length
    ? element(
        "pre", { className: "source", "aria-label": `Source of ${place}` },
        ...numbers.sort((a, b) => a - b).map((number) =>
          element(
            "span", { className: number === line ? "source-line here" : "source-line" },
            element("span", { className: "source-number" }, String(number)),
            `${lines[number]}\n`,
          ),
        ),
      )
    : null;
  const said = (calls && calls[path] && calls[path][line]) || "";
  const whose = place ? `${place} · ${ORIGINS[origin]}` : origin === 3 ? ORIGINS[3] : "every call";
  return [
    element("h2", {}, name),
    element("p", { className: "place" }, whose),
    list,
    code,
    said ? element("p", { className: "place" }, said) : null,
  ];
}
