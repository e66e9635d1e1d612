// Opens what memscope/reports/html/columns.py has packed.

/** @import { Numbers, PackedColumn, Unpacked } from "./types.mjs" */

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function bytesOfBase64(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const decoded = atob(text);
  const bytes = new Uint8Array(decoded.length);
  // A plain loop: Uint8Array.from() with a function takes six times as long.
  for (let i = 0; i < decoded.length; i++) bytes[i] = decoded.charCodeAt(i);
  return bytes;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<ArrayBuffer>}
 */
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} offset
 * @param {PackedColumn} column
 * @returns {Numbers}
 */
function columnOf(buffer, offset, { width, count, exceptions }) {
  const part = buffer.slice(offset, offset + width * count);
  const stored = new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[width](part);
  if (!exceptions.length) return stored;
  const wide = new Float64Array(stored);
  for (let i = 0; i < exceptions.length; i += 2) wide[exceptions[i]] = exceptions[i + 1];
  return wide;
}

/**
 * The header, and columns by name.
 *
 * @param {string} text
 * @returns {Promise<Unpacked>}
 */
export async function unpack(text) {
  const buffer = await inflated(bytesOfBase64(text));
  const length = new DataView(buffer).getUint32(0, true);
  /** @type {Unpacked["header"]} */
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  /** @type {Record<string, Numbers>} */
  const columns = {};
  let offset = 4 + length;
  for (const described of header.columns) {
    columns[described.name] = columnOf(buffer, offset, described);
    offset += described.width * described.count;
  }
  return { header, columns };
}

/**
 * Running sums of a column of steps.
 *
 * @param {Numbers} steps
 * @returns {Float64Array}
 */
export function summedUp(steps) {
  const sums = new Float64Array(steps.length);
  let sum = 0;
  for (let i = 0; i < steps.length; i++) sums[i] = sum += steps[i];
  return sums;
}
