// Which frames run a line of a file: how tables made in Python are linked with the flame.

/** @import { Model, Origin, Site, Sites } from "./types.mjs" */

/**
 * @param {Model} model
 * @returns {Sites}
 */
export function sitesOf({ tree, functions, keys }) {
  /** @type {Map<string, { keys: Set<number>, origin: Origin }>} */
  const known = new Map();
  for (let node = 1; node < tree.count; node++) {
    const { path, origin } = functions[tree.called[node]];
    const name = `${path}\n${tree.line[node]}`;
    let site = known.get(name);
    if (!site) known.set(name, (site = { keys: new Set(), origin }));
    site.keys.add(keys[node]);
  }
  /** @param {Site} site */
  const find = ([path, line]) => known.get(`${path}\n${line}`);
  return {
    keysOf: (site) => [...(find(site)?.keys ?? [])],
    originOf: (site) => find(site)?.origin ?? 1,
  };
}
