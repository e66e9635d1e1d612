// When and with what the two canvases are drawn.

import { drawView, ROW_PIXELS, rowsNeeded } from "./canvas.mjs";
import { changeFill, coloursOf, fillsOf } from "./look.mjs";
import { page, state } from "./state.mjs";
import { byId } from "./tables.mjs";
import { chartOf, drawChart } from "./timeline.mjs";
import { bytesText } from "./units.mjs";
import { labelOf, nameOf, placeOf } from "./words.mjs";

// What a sheet of paper is wide: drawn as wide as a screen, its letters would be half as large.
const PAPER_PIXELS = 760;
// What is left of its first page below the chart. A picture is not parted: a higher one leaves that half empty.
const PAPER_FLAME_PIXELS = 20 * ROW_PIXELS;

let scheduled = 0;
let onPaper = false;

/**
 * @param {HTMLElement} node
 * @returns {number}
 */
function widthOf(node) {
  return onPaper ? PAPER_PIXELS : node.clientWidth;
}

export function redraw() {
  if (!scheduled) scheduled = requestAnimationFrame(drawAll);
}

function drawAll() {
  scheduled = 0;
  drawFlame();
  drawTime();
  if (!document.documentElement.dataset.painted) performance.mark("memscope-painted");
  document.documentElement.dataset.painted = String(Number(document.documentElement.dataset.painted || 0) + 1);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D}
 */
export function contextOf(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no canvas to draw on");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

export function measureFlame() {
  const flame = byId("flame");
  page.rows = rowsNeeded(page.view, state.focus, Math.max(widthOf(flame), 1));
  byId("extent").style.height = `${page.rows * ROW_PIXELS}px`;
}

function drawFlame() {
  const flame = byId("flame");
  const width = widthOf(flame);
  const room = onPaper ? PAPER_FLAME_PIXELS : Math.max(flame.clientHeight, ROW_PIXELS);
  const height = Math.min(room, page.rows * ROW_PIXELS);
  const context = contextOf(byId("frames"), width, height);
  const mono = getComputedStyle(byId("command")).fontFamily;
  const fonts = ["600", "400", "italic 400", "400"].map((weight) => `${weight} 12px ${mono}`);
  context.font = fonts[0];
  const paint = { fill: "", ink: page.colours["frame-ink"], font: fonts[1], faded: false, marked: false };
  drawView(context, page.view, {
    width, height, top: flame.scrollTop, rows: page.rows, flipped: state.flipped,
    focus: state.focus, current: state.current, colours: page.colours,
    nameOf: page.model.isDifference ? labelOf : nameOf, placeOf: page.model.isDifference ? () => "" : placeOf,
    placeFont: fonts[1], characterPixels: context.measureText("m").width,
    paintOf(place) {
      const node = page.view.node[place];
      const number = node ? page.model.tree.called[node] : -1;
      const origin = number < 0 ? 1 : page.model.functions[number].origin;
      const isType = page.view.type[place] >= 0;
      paint.font = isType ? fonts[1] : fonts[origin];
      paint.fill = page.model.isDifference
        ? changeFill(page.view.delta[place], page.view.value[place], page.colours)
        : isType ? page.colours["frame-type"] : number < 0 ? page.colours["frame-group"] : page.fills[number];
      paint.marked = Boolean(
        (number >= 0 && page.matching?.[number]) || state.marked?.has(node && page.model.keys[node]),
      );
      paint.faded = Boolean(page.matching || state.marked) && !paint.marked;
      return paint;
    },
  });
}

export function drawTime() {
  const { points, header, windows } = page.model;
  if (!points || header.kind === "difference") return;
  const canvas = byId("chart");
  const width = widthOf(byId("time"));
  const { duration_ns: durationNs, peak_ns: peakNs, facts } = header;
  page.chart = chartOf(points, durationNs, width, 132);
  drawChart(contextOf(canvas, width, 132), page.chart, points, {
    colours: page.colours, durationNs, peakNs, pointedNs: page.pointedNs,
    font: `11px ${getComputedStyle(document.documentElement).fontFamily}`,
    peakText: `peak ${bytesText(facts.peak_bytes)}`,
    selected: state.window && windows && [windows.list[state.window[0]].start, windows.list[state.window[1]].end],
  });
}

// Paper is light, whatever the screen is.
/** @type {string | undefined} */
let screenTheme;

export function toPaper() {
  screenTheme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
  onPaper = true;
  measureFlame();
  paintAnew();
  drawAll();
}

export function toScreen() {
  if (screenTheme) document.documentElement.dataset.theme = screenTheme;
  else delete document.documentElement.dataset.theme;
  onPaper = false;
  measureFlame();
  paintAnew();
}

export function paintAnew() {
  page.colours = coloursOf(document.documentElement);
  page.fills = fillsOf(page.model.functions, page.colours);
  redraw();
}
