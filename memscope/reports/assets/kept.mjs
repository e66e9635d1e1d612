// What is chosen, in words that other data understands: numbers of calls, types and threads are those of one capture.

/** @import { Chosen, Model, Page, State, View } from "./types.mjs" */

import { windowsTouched } from "./tree.mjs";

/**
 * @param {Pick<Page, "model" | "view">} page
 * @param {Pick<State, "focus" | "current" | "type" | "thread" | "window">} state
 * @returns {Chosen}
 */
export function chosenNow({ model, view }, { focus, current, type, thread, window }) {
  const list = model.windows?.list;
  return {
    frames: [focus, current].map((place) => framesTo(view, model, place)),
    type: type < 0 ? "" : model.header.types[type],
    thread: thread < 1 ? "" : model.header.threads[thread - 1],
    span: window && list ? [list[window[0]].start, list[window[1]].end] : null,
  };
}

/**
 * What of it there is in other data; marks are not kept.
 *
 * @param {Pick<Model, "header" | "windows">} model
 * @param {Chosen} chosen
 * @returns {Pick<State, "type" | "thread" | "window" | "marked" | "retainer">}
 */
export function chosenIn({ header, windows }, { type, thread, span }) {
  return {
    type: type ? header.types.indexOf(type) : -1,
    thread: thread ? header.threads.indexOf(thread) + 1 || -1 : -1,
    // Ends of windows touch the next ones.
    window: span && windows ? windowsTouched(windows.list, span[0] + 1, span[1] - 1) : null,
    marked: null,
    retainer: 0,
  };
}

/**
 * @param {Model} model
 * @param {number} node
 * @returns {string}
 */
function nameOfCall({ functions, tree }, node) {
  const { path, name } = functions[tree.called[node]];
  return `${path}\n${name}\n${tree.line[node]}`;
}

/**
 * The frames from the root to a place by their names, up to one that is no call.
 *
 * @param {View} view
 * @param {Model} model
 * @param {number} place
 * @returns {string[]}
 */
export function framesTo(view, model, place) {
  const names = [];
  for (let at = place; at > 0; at = view.parent[at]) {
    if (view.type[at] < 0 && view.node[at]) names.push(nameOfCall(model, view.node[at]));
    else names.length = 0;
  }
  return names.reverse();
}

/**
 * The place that names lead to, as far as it is there.
 *
 * @param {View} view
 * @param {Model} model
 * @param {string[]} names
 * @returns {number}
 */
export function placeOfFrames(view, model, names) {
  let at = 0;
  for (const name of names) {
    let found = -1;
    for (let child = at + 1; child < view.end[at] && found < 0; child = view.end[child]) {
      const { [child]: node } = view.node;
      if (view.type[child] < 0 && node && nameOfCall(model, node) === name) found = child;
    }
    if (found < 0) return at;
    at = found;
  }
  return at;
}
