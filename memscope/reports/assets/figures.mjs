// What the tables show: rows summed up by line and by size class.

/** @import { Header, Line, Numbers, Rows, SizeGroup, Tree, TypeSums } from "./types.mjs" */

/**
 * 1 for each row that is within a frame: of its stack, or all.
 *
 * @param {Pick<Tree, "end">} tree
 * @param {Numbers} rowNode
 * @param {number} node
 * @param {boolean} inverted
 * @param {Numbers} keys
 * @returns {Uint8Array}
 */
export function rowsWithin(tree, rowNode, node, inverted, keys) {
  const chosen = new Uint8Array(rowNode.length);
  if (node <= 0) return chosen.fill(1);
  const last = tree.end[node];
  for (let row = 0; row < rowNode.length; row++) {
    const at = rowNode[row];
    chosen[row] = inverted ? Number(keys[at] === keys[node]) : Number(at >= node && at < last);
  }
  return chosen;
}

/**
 * Lines by weight, heaviest first: { node, value, delta, count }; `node` is some call of the line. All that a line
 * allocated counts, also requests for no bytes and what was released again.
 *
 * @param {Numbers} keys
 * @param {Numbers} rowNode
 * @param {Numbers} chosen
 * @param {Numbers} weights
 * @param {Numbers | null} deltas
 * @param {Numbers} counts
 * @param {number} most
 * @returns {{ lines: Line[], count: number }}
 */
export function byLine(keys, rowNode, chosen, weights, deltas, counts, most) {
  // By key in plain arrays: a Map takes five times as long for a million rows.
  let count = 0;
  for (const key of keys) if (key >= count) count = key + 1;
  const place = new Int32Array(count);
  /** @type {Line[]} */
  const found = [];
  for (let row = 0; row < rowNode.length; row++) {
    if (!chosen[row] || !(weights[row] > 0 || counts[row])) continue;
    const node = rowNode[row];
    const key = keys[node];
    let line = found[place[key] - 1];
    if (!line) place[key] = found.push((line = { key, node, value: 0, delta: 0, count: 0 }));
    line.value += weights[row];
    line.count += counts[row];
    if (deltas) line.delta += deltas[row];
  }
  const heavy = found.filter(({ value }) => value > 0).sort(
    (a, b) => (deltas && Math.abs(b.delta) - Math.abs(a.delta)) || b.value - a.value || a.node - b.node,
  );
  return { lines: heavy.slice(0, most), count: heavy.length };
}

/**
 * What each type comes to, column by column; a column that is not known is null, and so are its sums.
 *
 * @param {Numbers} rowType
 * @param {Numbers} chosen
 * @param {(Numbers | null)[]} columns
 * @returns {TypeSums[]}
 */
export function byType(rowType, chosen, columns) {
  /** @type {TypeSums[]} */
  const found = [];
  for (let row = 0; row < rowType.length; row++) {
    if (!chosen[row]) continue;
    const type = rowType[row];
    const { sums } = (found[type] ??= { type, sums: columns.map((column) => column && 0) });
    for (let i = 0; i < columns.length; i++) sums[i] = columns[i] && Number(sums[i]) + Number(columns[i]?.[row]);
  }
  return found.filter(({ sums }) => sums.some((sum) => sum));
}

/**
 * Requests by size: pymalloc's classes with what rounding costs, then doublings of larger ones.
 *
 * @param {Pick<Rows, "node" | "size" | "domain">} rows
 * @param {Numbers} chosen
 * @param {Numbers} allocations
 * @param {Numbers} bytes
 * @param {Pick<Header, "sizes" | "small_classes" | "domains">} header
 * @param {boolean} pymalloc
 * @returns {SizeGroup[]}
 */
export function bySize(rows, chosen, allocations, bytes, header, pymalloc) {
  const { sizes, small_classes: most, domains } = header;
  /** @type {Map<number, SizeGroup>} */
  const found = new Map();
  for (let row = 0; row < rows.node.length; row++) {
    if (!chosen[row] || !(allocations[row] > 0)) continue;
    const size = rows.size[row];
    const small = size > 0 && size <= most;
    const rounded = pymalloc && small && domains[rows.domain[row]].pooled;
    // Larger requests have four classes for a doubling: too many rows for what they say.
    const key = small || size === 0 ? size : most + 1 + Math.floor((size - most - 1) / 4);
    let item = found.get(key);
    if (!item) {
      found.set(key, (item = { key, first: size, last: size, allocations: 0, bytes: 0, rounding: 0 }));
    }
    item.first = Math.min(item.first, size);
    item.last = Math.max(item.last, size);
    item.allocations += allocations[row];
    item.bytes += bytes[row];
    if (rounded) item.rounding += sizes[size][1] * allocations[row] - bytes[row];
  }
  return [...found.values()].sort((a, b) => a.key - b.key);
}
