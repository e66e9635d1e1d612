// What the page says of frames: names, amounts, the line for readers of the screen, the card.

/** @import { About } from "./types.mjs" */

import { cardOf, placeText, sentenceOf } from "./details.mjs";
import { MEASURES } from "./model.mjs";
import { expressionOf, matchingFunctions, totalOfMatches } from "./search.mjs";
import { page, state } from "./state.mjs";
import { byId } from "./tables.mjs";
import { countText, shareText, signedText } from "./units.mjs";

/**
 * @param {number} value
 * @returns {string}
 */
export function unitText(value) {
  return (page.model.header.facts.sampled ? "≈ " : "") + MEASURES[state.by].text(value);
}

/**
 * @param {number} value
 * @param {number} delta
 * @returns {string}
 */
export function amountOf(value, delta) {
  return page.model.isDifference ? signedText(delta, MEASURES[state.by].text) : unitText(value);
}

/**
 * @param {number} place
 * @returns {string}
 */
export function nameOf(place) {
  if (page.view.type[place] >= 0) return page.model.header.types[page.view.type[place]];
  const node = page.view.node[place];
  if (!node && place) return page.groups?.names[page.view.group[place]] ?? "";
  if (!node) return state.window ? "chosen time" : "all";
  return page.model.functions[page.model.tree.called[node]].name;
}

/**
 * @param {number} place
 * @returns {string}
 */
export function placeOf(place) {
  return page.view.type[place] >= 0 ? "" : lineOf(place);
}

/**
 * The line of a frame; of a type that of the call above it.
 *
 * @param {number} place
 * @returns {string}
 */
function lineOf(place) {
  const node = page.view.node[place];
  return node ? placeText(page.model.functions[page.model.tree.called[node]], page.model.tree.line[node]) : "";
}

/**
 * @param {number} place
 * @returns {string}
 */
export function labelOf(place) {
  const amount = amountOf(page.view.value[place], page.view.delta[place]);
  return `${nameOf(place)}  ${amount}`;
}

/**
 * @param {number} place
 * @returns {About}
 */
export function describe(place) {
  const node = page.view.node[place];
  const called = node ? page.model.functions[page.model.tree.called[node]] : null;
  return {
    name: nameOf(place),
    place: lineOf(place),
    origin: called ? called.origin : 0,
    path: called ? called.path : "",
    line: node ? page.model.tree.line[node] : 0,
    amount: amountOf(page.view.value[place], page.view.delta[place]),
    share: page.view.value[0] > 0 ? page.view.value[place] / page.view.value[0] : 0,
    ownAmount: unitText(page.view.self[place]),
    ownShare: page.view.value[0] > 0 ? page.view.self[place] / page.view.value[0] : 0,
    within: state.window ? "the chosen time" : "all",
    change: page.model.isDifference ? amountOf(page.view.value[place], page.view.delta[place]) : "",
  };
}

export function showCurrent() {
  const place = state.current;
  const about = describe(place);
  const { allocations } = page.model.header.facts;
  const nothing = allocations || page.model.isDifference
    ? "Nothing to show: no allocation fits what is chosen."
    : "Nothing to show: nothing was allocated while memscope was recording.";
  byId("status").textContent = page.view.value[0] > 0 ? sentenceOf(about) : nothing;
  /** @type {[term: string, value: string][]} */
  const facts = [[MEASURES[state.by].label, about.amount]];
  if (!page.model.isDifference) {
    facts.push([state.inverted ? "Without callers" : "By itself", about.ownAmount], ["Share", shareText(about.share)]);
  } else facts.push(["Old and new together", MEASURES[state.by].text(page.view.value[place])]);
  const card = cardOf({ ...about, facts, source: page.model.header.source, calls: page.model.header.calls });
  byId("card").replaceChildren(...card.filter((part) => part !== null));
  byId("card").hidden = place === 0;
}

export function showFound() {
  const expression = expressionOf(state.search);
  page.matching = expression ? matchingFunctions(page.model.functions, expression) : null;
  const found = byId("found");
  if (!page.matching) {
    found.textContent = "";
    return;
  }
  const { frames, value } = totalOfMatches(page.view, page.model.tree.called, page.matching);
  const share = page.view.value[0] > 0 ? value / page.view.value[0] : 0;
  const text = page.model.isDifference ? MEASURES[state.by].text : unitText;
  found.textContent = `${countText(frames)} frames, ${text(value)} (${shareText(share)})`;
}

export function withinText() {
  return state.current ? `Within ${nameOf(state.current)}. ` : "";
}
