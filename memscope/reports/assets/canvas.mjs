// Draws a view: each call a box as wide as it weighs, below (or above) its caller.

/** @import { FlameLook, Labels, Layout } from "./types.mjs" */

export const ROW_PIXELS = 22;
const LEAST_PIXELS = 0.5;
const LABEL_PIXELS = 26;
const PADDING = 5;

/**
 * The scale of a zoom into `focus`: pixels for a unit of the measure, and where the left edge is.
 *
 * @param {Layout} view
 * @param {number} focus
 * @param {number} width
 * @returns {{ left: number, perUnit: number }}
 */
export function scaleOf(view, focus, width) {
  const value = view.value[focus];
  return { left: view.start[focus], perUnit: value > 0 ? width / value : 0 };
}

/**
 * A number from 0 to 6 that is the same for the same name.
 *
 * @param {string} name
 * @returns {number}
 */
export function shadeOf(name) {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) | 0;
  return Math.abs(hash) % 7;
}

/**
 * How many characters' room a text takes: those of Chinese, Japanese and Korean are twice as wide.
 *
 * @param {string} text
 * @returns {number}
 */
export function cellsOf(text) {
  if (!/[^\0-\u10ff]/.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += character >= "\u1100" && !/[\u2000-\u2bff]/.test(character) ? 2 : 1;
  return cells;
}

/**
 * @param {string} text
 * @param {number} most
 * @returns {string}
 */
function cutTo(text, most) {
  if (cellsOf(text) <= most) return text;
  if (most < 2) return "";
  const kept = [...text];
  while (cellsOf(kept.join("")) >= most) kept.pop();
  return `${kept.join("")}…`;
}

/**
 * A name cut to what fits; a qualified one loses its outer names first, which say least.
 *
 * @param {string} text
 * @param {number} room
 * @param {number} characterPixels
 * @returns {string}
 */
export function fitsIn(text, room, characterPixels) {
  const most = Math.floor(room / characterPixels);
  while (cellsOf(text) > most && /^[\w<>]+\.(?=[\w<])/.test(text)) text = text.slice(text.indexOf(".") + 1);
  return cutTo(text.slice(0, most + 1), most);
}

/**
 * A name and the place behind it, as much of both as fits. Siblings of one name are told apart by their places alone,
 * and what is run to import a module has the same name in every module.
 *
 * @param {string} name
 * @param {string} place
 * @param {number} room
 * @param {number} characterPixels
 * @returns {[name: string, place: string]}
 */
export function labelThatFits(name, place, room, characterPixels) {
  const most = Math.floor(room / characterPixels);
  const parts = place.split("/");
  const short = parts.slice(/^__init__\.py\b/.test(parts.at(-1) ?? "") ? -2 : -1).join("/");
  for (const text of [place, short]) {
    if (text && cellsOf(name) + 2 + cellsOf(text) <= most) return [name, text];
  }
  return [name === "<module>" && short ? cutTo(short, most) : fitsIn(name, room, characterPixels), ""];
}

/**
 * @param {number} depth
 * @param {number} rows
 * @param {boolean} flipped
 * @returns {number}
 */
export function rowTop(depth, rows, flipped) {
  return (flipped ? rows - 1 - depth : depth) * ROW_PIXELS;
}

/**
 * Calls `draw(place, x, width, depth)` for every frame of at least half a pixel; answers how many.
 *
 * @param {Layout} view
 * @param {number} focus
 * @param {number} width
 * @param {number} firstDepth
 * @param {number} lastDepth
 * @param {(place: number, x: number, width: number, depth: number) => void} draw
 * @returns {number}
 */
export function eachVisible(view, focus, width, firstDepth, lastDepth, draw) {
  const { left, perUnit } = scaleOf(view, focus, width);
  let visited = 0;
  for (let at = view.parent[focus]; at >= 0; at = view.parent[at]) draw(at, 0, width, view.depth[at]);
  const { start, value, depth, end } = view;
  for (let place = focus; place < end[focus]; ) {
    visited += 1;
    const wide = value[place] * perUnit;
    if (wide < LEAST_PIXELS || depth[place] > lastDepth) {
      place = end[place];
      continue;
    }
    if (depth[place] >= firstDepth) draw(place, (start[place] - left) * perUnit, wide, depth[place]);
    place += 1;
  }
  return visited;
}

/**
 * The frame at a point of the drawing, or -1.
 *
 * @param {Layout} view
 * @param {number} focus
 * @param {number} width
 * @param {number} x
 * @param {number} depth
 * @returns {number}
 */
export function frameAt(view, focus, width, x, depth) {
  if (depth < 0) return -1;
  if (depth < view.depth[focus]) {
    let at = focus;
    while (view.depth[at] > depth) at = view.parent[at];
    return at;
  }
  const { left, perUnit } = scaleOf(view, focus, width);
  if (!perUnit) return depth === 0 ? 0 : -1;
  const wanted = left + x / perUnit;
  let at = focus;
  while (view.depth[at] < depth) {
    let found = -1;
    for (let child = at + 1; child < view.end[at]; child = view.end[child]) {
      if (wanted >= view.start[child] && wanted < view.start[child] + view.value[child]) {
        found = child;
        break;
      }
    }
    if (found < 0) return -1;
    at = found;
  }
  return at;
}

/**
 * The rows that a zoom needs: a walk that stops where frames are too narrow to be seen.
 *
 * @param {Layout} view
 * @param {number} focus
 * @param {number} width
 * @returns {number}
 */
export function rowsNeeded(view, focus, width) {
  let deepest = view.depth[focus];
  eachVisible(view, focus, width, 0, Infinity, (place, x, wide, depth) => {
    if (depth > deepest) deepest = depth;
  });
  return deepest + 1;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Labels} labels
 * @param {number} place
 * @param {string} font
 * @param {[x: number, y: number, room: number]} box
 */
function drawLabel(context, { nameOf, placeOf, placeFont, characterPixels }, place, font, [x, y, room]) {
  const [name, where] = labelThatFits(nameOf(place), placeOf(place), room, characterPixels);
  if (!name) return;
  if (context.font !== font) context.font = font;
  context.fillText(name, x, y);
  if (!where) return;
  context.globalAlpha *= 0.8;
  context.font = placeFont;
  context.fillText(where, x + context.measureText(`${name}  `).width, y);
}

/**
 * Everything is given: what to draw, how it is coloured (`fillOf`), what it is called (`nameOf`).
 *
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} view
 * @param {FlameLook} look
 */
export function drawView(context, view, look) {
  const { width, height, top, rows, flipped, focus, current, colours } = look;
  context.clearRect(0, 0, width, height);
  const fromRow = Math.floor(top / ROW_PIXELS);
  const toRow = Math.ceil((top + height) / ROW_PIXELS);
  const [firstDepth, lastDepth] = flipped ? [rows - 1 - toRow, rows - 1 - fromRow] : [fromRow, toRow];
  context.textBaseline = "middle";
  /** @type {[place: number, x: number, y: number, width: number][]} */
  const outlined = [];
  eachVisible(view, focus, width, firstDepth, lastDepth, (place, x, wide, depth) => {
    const y = rowTop(depth, rows, flipped) - top;
    const outer = depth < view.depth[focus];
    const { fill, ink, font, faded, marked } = look.paintOf(place);
    context.globalAlpha = faded ? 0.28 : outer ? 0.6 : 1;
    context.fillStyle = fill;
    // A gap of a pixel between frames, unless they would vanish.
    context.fillRect(x, y, wide > 3 ? wide - 1 : Math.max(wide, 0.6), ROW_PIXELS - 1);
    if (wide > LABEL_PIXELS) {
      context.globalAlpha = faded ? 0.6 : 1;
      context.fillStyle = ink;
      drawLabel(context, look, place, font, [x + PADDING, y + ROW_PIXELS / 2 + 0.5, wide - 2 * PADDING]);
    }
    if (marked || place === current) outlined.push([place, x, y, wide]);
  });
  context.globalAlpha = 1;
  for (const [place, x, y, wide] of outlined) {
    const isCurrent = place === current;
    context.lineWidth = isCurrent ? 2 : 1.5;
    context.strokeStyle = isCurrent ? colours.current : colours.match;
    const inset = context.lineWidth / 2;
    context.strokeRect(
      x + inset, y + inset, Math.max(wide - 1 - 2 * inset, 0.5), ROW_PIXELS - 1 - 2 * inset,
    );
  }
}
