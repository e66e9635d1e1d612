// The shapes that the page's modules hand to one another. The data comes from memscope/reports/html/: where a
// field is made there, its unit and meaning are those of memscope/analysis/. For the type checker alone: no module runs
// this, and the page does not hold it.

// ---- data as Python packed it ---------------------------------------------------------------------------------------

/** A column: what typed arrays and plain ones have in common. */
export interface Numbers extends Iterable<number> {
  readonly length: number;
  readonly [place: number]: number;
  some(holds: (value: number) => unknown): boolean;
}

/** How a column lies in the data; `exceptions` are pairs of a place and a value that `width` bytes cannot hold. */
export interface PackedColumn {
  name: string;
  width: 1 | 2 | 4;
  count: number;
  exceptions: number[];
}

/** What columns.mjs opens, whatever it is about. */
export interface Unpacked {
  header: { columns: PackedColumn[] };
  columns: Record<string, Numbers>;
}

export type By = "allocated_bytes" | "allocations" | "peak_bytes" | "live_bytes" | "short_lived";
/** What rows made: objects, and of these those in blocks of free lists. */
export type Made = "created" | "reused";
/** Facts of which a difference shows what they were. */
export type Amount = "peak_bytes" | "allocated_bytes" | "live_bytes";
/** Its name is that of its column, its colour and its class of style. pooled: pymalloc serves its small requests. */
export interface Domain {
  name: string;
  pooled: boolean;
}
/** What a window counts. */
export type Change = "allocations" | "allocated_bytes" | "released_bytes";
/** 0: your code, 1: a dependency, 2: the standard library, 3: nobody's. */
export type Origin = 0 | 1 | 2 | 3;
/** The first and the last of what is chosen, both included; or where a stretch begins and ends. */
export type Span = [number, number];
/** A file as the program knew it, and a line of it. */
export type Site = [path: string, line: number];

/** The calls in preorder; `function` is 0 for the root and otherwise one more than its place in `functions`. */
export interface CallColumns {
  depth: Numbers;
  function: Numbers;
  line: Numbers;
}

/** Rows: what a call allocates of one domain, size and thread. Side 0 is the one capture or the old, 1 the new. */
export type FlameColumns = CallColumns &
  Record<"row_node" | "row_domain" | "row_size" | "row_thread", Numbers> &
  Record<`${By}_${0 | 1}`, Numbers> &
  Partial<Record<"row_type" | `${Made}_${0 | 1}`, Numbers>>;

/** Lines with their rows, where calls were left out; `line_function` is 0 for none, otherwise as in the calls. */
export type LineColumns = Record<"line_function" | "line_line" | "line_importing", Numbers> &
  Record<"line_row_node" | "line_row_domain" | "line_row_size" | "line_row_thread", Numbers> &
  Record<`line_${By}_${0 | 1}`, Numbers> &
  Partial<Record<"line_row_type" | `line_${Made}_${0 | 1}`, Numbers>>;


export type WindowColumns = Record<"window_rows" | "window_row" | `window_${Change}`, Numbers>;
/** The chart's points; amounts in bytes. */
export interface Points extends Record<"time_ns" | "max_live_bytes" | "resident_bytes" | "collecting", Numbers> {
  /** Live bytes of each, in the order of their numbers. */
  domains: { name: string; bytes: Numbers }[];
}
export type PointColumns = Record<Exclude<keyof Points, "domains"> | `${string}_bytes`, Numbers>;

export interface Facts {
  /** Whether the recording went on after this. */
  interim: boolean;
  command: string[];
  python: string;
  allocator: string;
  /** Whether the allocator rounds small requests up to classes. */
  pymalloc: boolean;
  sampled: boolean;
  sample_bytes: number;
  /** In words; empty where all is exact. */
  how_sampled: string;
  imports: string;
  /** Whether the capture tells of objects. */
  objects: boolean;
  complete: boolean;
  duration_s: number;
  allocations: number;
  allocated_bytes: number;
  peak_bytes: number;
  live_bytes: number;
  live_blocks: number;
  resident_bytes: number;
  resident_own_bytes: number;
  tracked_share: number | null;
  unseen: string[];
  collections: number | null;
  pause_s: number | null;
  short_lived: number | null;
  short_lived_share: number | null;
  lifetimes_known: boolean;
}

/** A table made in Python: memscope/reports/html/panels.py says what each part is. */
export interface Panel {
  name: string;
  title: string;
  note: string;
  columns: string[];
  rows: PanelRow[];
  /** A chart over the table; null: there is none. */
  stack: Stack | null;
}

/** What was resident at each look, in parts that lie on top of one another: the first is at the bottom. */
export interface Stack {
  time_ns: number[];
  parts: { name: string; title: string; bytes: number[] }[];
  note: string;
}

export interface PanelRow {
  cells: string[];
  site: Site | null;
  bars: number[];
  more: Piece[];
}

/** Who keeps what alive: memscope/reports/html/retainers.py says what each part is. */
export interface Retainers {
  time_s: number;
  cause: string;
  pause_s: number;
  snapshots: number;
  /** When the snapshot was taken that gains are counted from; null: there is none before. */
  since_s: number | null;
  /** How many there are, shown or not. */
  holders: number;
  /** Each before those below it; the first is all. */
  groups: RetainerGroup[];
  lines: [path: string, line: number, name: string, file: string, origin: Origin][];
  pairs: [group: number, line: number, bytes: number][];
  untold_bytes: number;
}

export type RetainerGroup = [
  parent: number, name: string, way: string, root: string, objects: number, retained: number, retainedObjects: number,
  gained: number | null,
];

export interface RetainersLayout extends Layout {
  count: number;
  parent: Int32Array;
  depth: Int32Array;
  start: Float64Array;
  value: Float64Array;
  end: Int32Array;
}

export type Piece = [kind: "text" | "code", text: string];
/** Lines of source by path and number. */
export type Source = Record<string, Record<string, string>>;

interface CommonHeader {
  columns: PackedColumn[];
  texts: string[];
  /**
   * Name, file and path as places in `texts`, then origin, first line, 1 for the machinery of imports, and 1 for what
   * stands for calls that are too small to be seen.
   */
  functions: [name: number, file: number, path: number, origin: Origin, firstLine: number, isImport: 0 | 1, isSmall?: 0 | 1][];
  /** Bytes from and to, for each size class. */
  sizes: Span[];
  /** How many of them, from 1, are pymalloc's. */
  small_classes: number;
  /** By number. */
  domains: Domain[];
  short_lived_bytes: number;
  /** By number, the first for what has none; empty where none are known. */
  types: string[];
  /** How many lines stand together in `line_row_node`, and below which share of the whole; null where calls tell all. */
  small_lines: { count: number; share: number } | null;
  /** That of what the interpreter keeps for reuse. */
  kept_type: number | null;
  /** What stored counts are multiples of. */
  unit: number;
  threads: string[];
  facts: Facts;
  /** When each begins and ends, and bytes live at its end. */
  windows: [startNs: number, endNs: number, live: number][];
  panels: Panel[];
  retainers: Retainers | null;
  source: Source;
  /** What is to be said of lines that call compiled code; as `source`, but for some lines only. */
  calls: Source;
  notes: string[];
}

export interface CaptureHeader extends CommonHeader {
  kind: "capture";
  old_facts?: undefined;
  duration_ns: number;
  peak_ns: number;
  points_of: string;
}

export interface DifferenceHeader extends CommonHeader {
  kind: "difference";
  old_facts: Facts;
}

export type Header = CaptureHeader | DifferenceHeader;
export type Columns = FlameColumns | (FlameColumns & LineColumns) | (FlameColumns & WindowColumns & PointColumns)
  | (FlameColumns & LineColumns & WindowColumns & PointColumns);

/** The data of a page. */
export interface Opened {
  header: Header;
  columns: Columns;
}

// ---- what is worked out of it ---------------------------------------------------------------------------------------

export interface Called {
  name: string;
  /** As it is shown; empty if there is none. */
  file: string;
  /** As the program knew it. */
  path: string;
  origin: Origin;
  firstLine: number;
  isImport: boolean;
  /** Calls of any function that are too small to be seen. */
  standsForSmall: boolean;
}

/** The call tree in preorder: a call's callees follow it, up to `end`. */
export interface Tree {
  count: number;
  /** -1: the root's. */
  parent: Int32Array;
  end: Int32Array;
  depth: Numbers;
  /** A place in `functions`; -1: the root. */
  called: Int32Array;
  line: Numbers;
  importing: Uint8Array;
  internal: Uint8Array;
}

export interface Rows {
  /** The call in the tree. */
  node: Numbers;
  domain: Numbers;
  size: Numbers;
  thread: Numbers;
  /** A place in the header's types. */
  type: Numbers | null;
}

/** Rows and what they weigh. */
export interface WeighedRows {
  header: Header;
  rows: Rows;
  tree: Pick<Tree, "importing"> | { importing: Numbers };
  isDifference: boolean;
  windows: Windows | null;
  measured(by: By | Made, side: 0 | 1): Numbers;
}

/** Lines summed up before calls were left out of the tree; rows with a `node` beyond the last are of small lines. */
export interface Lines extends WeighedRows {
  /** A place in `functions`; -1: no Python frame. */
  called: Int32Array;
  line: Numbers;
}

/** A line of the list of hotspots; its key is -1 where no call of the tree is of it. */
export interface HotspotLine {
  key: number;
  value: number;
  delta: number;
  count: number;
}

export interface Hotspots {
  lines: (HotspotLine & { called: Called | null; line: number })[];
  count: number;
  /** What is of no line that can be told. */
  small: (HotspotLine & { name: string; place: string }) | null;
}

/** A stretch of the recording, and the bytes live at its end. */
export interface Window {
  start: number;
  end: number;
  live: number;
}

/** What changed in each window: the rows of window `w` lie from `offsets[w]` to `offsets[w + 1]`. */
export interface Windows extends Record<Change, Numbers> {
  list: Window[];
  offsets: Numbers;
  row: Numbers;
}

/** The opened data. */
export interface Model {
  header: Header;
  functions: Called[];
  tree: Tree;
  rows: Rows;
  /** For each call a number, the same for the same function and line. */
  readonly keys: Int32Array;
  /** 1 for each call of the import machinery that allocates nothing itself. */
  readonly passing: Uint8Array;
  isDifference: boolean;
  lines: Lines | null;
  windows: Windows | null;
  points: Points | null;
  /** What each row weighs by a measure. */
  measured(by: By | Made, side: 0 | 1): Numbers;
}

/** What rows weigh (nothing below 0), and what is shown as their difference, if it is one. */
export interface Weighed {
  weights: Numbers;
  deltas: Numbers | null;
}

/** How a measure is called, and its values written. */
export interface Measure {
  label: string;
  noun: string;
  text(value: number): string;
}

/** The first level of a view: which group each row is in, and what the groups are called. */
export interface Groups {
  of: Numbers;
  names: string[];
}

/** What drawing needs of a view: where its frames are, in the unit of the measure. In preorder. */
export interface Layout {
  parent: Numbers;
  depth: Numbers;
  start: Numbers;
  value: Numbers;
  end: Numbers;
}

/** A tree to draw: calls that weigh nothing are left out. */
export interface View extends Layout {
  count: number;
  /** The call in the tree; 0: the root, or a group. */
  node: Int32Array;
  /** -1: the root's. */
  parent: Int32Array;
  depth: Int32Array;
  /** -1: none. */
  group: Int32Array;
  /** What the blocks of the call above are, of which `node` is the number; -1: this is a call. */
  type: Int32Array;
  start: Float64Array;
  value: Float64Array;
  /** What a call weighs without its callees. */
  self: Float64Array;
  delta: Float64Array;
  end: Int32Array;
}

export interface ViewOptions {
  deltas?: Numbers | null;
  /** Which calls are not shown. */
  hidden?: Numbers | null;
  /** Each row's first level, and how many there are. */
  groupOf?: Numbers;
  groups?: number;
  /** Each row's type, to be shown below its call; -1: none. */
  typeOf?: Numbers | null;
}

/** What the calls of one group weigh, and where they are in the view once they are. */
export interface CallWeights {
  sums: Float64Array;
  own: Float64Array;
  changes: Float64Array | null;
  hidden?: Numbers | null;
  placeOf: Int32Array;
  parts: Map<number, TypePart[]> | null;
  group: number;
}

/** What a call weighs itself of one type. */
export interface TypePart {
  type: number;
  value: number;
  delta: number;
}

/** What a type comes to, column by column; null where that is not known. */
export interface TypeSums {
  type: number;
  sums: (number | null)[];
}

export interface InvertedOptions {
  deltas?: Numbers | null;
  hidden?: Numbers | null;
  /** What weighs less is shown without its callers. */
  least?: number;
}

/** A place of an inverted view to be, and the stretch of pairs that it stands for. */
export interface Stretch {
  node: number;
  parent: number;
  value: number;
  delta: number;
  from: number;
  to: number;
}

export type Direction = "parent" | "child" | "previous" | "next";

/** What a line allocates; `node` is some call of it. */
export interface Line {
  key: number;
  node: number;
  value: number;
  delta: number;
  count: number;
}

/** Requests of the size classes `first` to `last`; `rounding` is what rounding up costs, in bytes. */
export interface SizeGroup {
  key: number;
  first: number;
  last: number;
  allocations: number;
  bytes: number;
  rounding: number;
}

/** How tables made in Python are linked with the flame. */
export interface Sites {
  keysOf(site: Site): number[];
  originOf(site: Site): Origin;
}

// ---- what is chosen, and what is shown because of it ----------------------------------------------------------------

export interface State {
  by: By;
  group: "none" | "thread" | "domain" | "size" | "type";
  /** -1: all. */
  domain: number;
  /** Size classes. */
  size: Span | null;
  /** -1: all. */
  thread: number;
  /** -1: all. */
  type: number;
  /** Whether types are a level below the calls. */
  types: boolean;
  imports: "folded" | "all" | "out";
  internals: boolean;
  inverted: boolean;
  flipped: boolean;
  /** Windows. */
  window: Span | null;
  /** The frame that is zoomed into, and the one that is chosen: places of the view. */
  focus: number;
  current: number;
  search: string;
  tab: string;
  /** The group of holders that is chosen; 0: none. */
  retainer: number;
  /** The keys of the calls that a table's row stands for. */
  marked: Set<number> | null;
}

/** Before main.mjs has started, there is no model, nor anything that is made of it. */
/** What a recording that goes on has told, and when. */
export interface Told {
  at: Date;
  /** A word of data, as a page has it. */
  data: string;
}

/** What is chosen, by names and times. */
export interface Chosen {
  /** The frames to the one that is zoomed into, and to the one that is chosen. */
  frames: string[][];
  /** "": all. */
  type: string;
  thread: string;
  span: Span | null;
}

export interface Page {
  model: Model;
  view: View;
  weighed: Weighed;
  colours: Colours;
  /** The fill of each function. */
  fills: string[];
  groups: Groups | null;
  /** 1 for each function that is looked for. */
  matching: Uint8Array | null;
  chart: Chart | null;
  /** Those of the flame's drawing. */
  rows: number;
  /** The time below the pointer. */
  pointedNs: number | null;
}

/** What a table is made from. */
export interface Shown {
  model: Model;
  state: State;
  view: View;
  weighed: Weighed;
  sites(): Sites;
  /** 1 for each row within the chosen frame. */
  chosenRows(): Numbers;
  weightsOf(by: By): Weighed;
  wholeLines(): { lines: Lines; weightsOf(by: By): Weighed } | null;
  madeOf(name: Made): Weighed | null;
  withinText(): string;
  amountOf(value: number, delta: number): string;
  unitText(value: number): string;
}

/** What choosing a row does. */
export interface Act {
  change(changes: Partial<State>): void;
  mark(keys: number[]): void;
  /** A group of holders, and what stands for the lines that made what it retains. */
  retain(place: number, keys: number[]): void;
}

export interface Tab {
  name: string;
  title: string;
  show(shown: Shown, act: Act): HTMLElement;
}

/** What is said of one frame. */
export interface About {
  name: string;
  place: string;
  origin: Origin;
  path: string;
  line: number;
  amount: string;
  share: number;
  ownAmount: string;
  ownShare: number;
  within: string;
  /** Empty where the page shows no difference. */
  change: string;
}

export type Action =
  | "up" | "down" | "previous" | "next" | "root" | "zoom" | "reset" | "search" | "invert" | "flip" | "peak" | "theme"
  | "help";

/** A key and what it does; the help shows those that say how they look and what they are for. */
export type Key = [key: string, action: Action] | [key: string, action: Action, shown: string, text: string];

// ---- drawing --------------------------------------------------------------------------------------------------------

export type ColourName =
  | "ink" | "faint" | "grid" | "resident" | "collector" | "shade" | "current" | "match" | "frame-ink"
  | "frame-group" | "frame-type";

/** Colours of the style sheet; `frames` are hue, saturation and lightness by origin. */
export interface Colours extends Record<ColourName, string> {
  /** Of a domain, by its name. */
  domain: (name: string) => string;
  isDark: boolean;
  frames: number[][];
  less: number[];
  more: number[];
  same: string;
}

/** How a frame is painted. */
export interface Paint {
  fill: string;
  ink: string;
  font: string;
  faded: boolean;
  marked: boolean;
}

/** What labels are made of. */
export interface Labels {
  nameOf(place: number): string;
  placeOf(place: number): string;
  placeFont: string;
  characterPixels: number;
}

export interface FlameLook extends Labels {
  width: number;
  height: number;
  /** How far it is scrolled, in pixels. */
  top: number;
  rows: number;
  flipped: boolean;
  focus: number;
  current: number;
  colours: Colours;
  paintOf(place: number): Paint;
}

/** Scales of the chart, in pixels, nanoseconds and bytes. */
export interface Chart {
  highest: number;
  width: number;
  height: number;
  x(ns: number): number;
  y(value: number): number;
  ns(x: number): number;
  bottom: number;
  top: number;
  left: number;
  right: number;
}

export interface ChartLook {
  colours: Colours;
  durationNs: number;
  peakNs: number;
  pointedNs: number | null;
  font: string;
  peakText: string;
  /** From and to, in nanoseconds. */
  selected: Span | null;
}

/** What the chart shows at a time; bytes. */
export interface Reading {
  ns: number;
  live: number;
  domains: [name: string, bytes: number][];
  highest: number;
  resident: number;
  collecting: boolean;
}

export interface Brush {
  chart(): Chart | null;
  list(): Window[];
  choose(windows: Span | null): void;
}

// ---- elements -------------------------------------------------------------------------------------------------------

/** What tables.mjs sets: names with a dash, and `role`, are attributes, others properties of the element. */
export type Properties = Record<string, string | number | boolean | undefined | (() => void)>;
/** An element with what it is read out as, if that is not its text. */
export type Spoken = HTMLElement & { spoken?: string };
export type Cell = string | Spoken;

export interface TableRow {
  /** The first names the row. */
  cells: Cell[];
  chosen: boolean;
  onChoose: (() => void) | null;
  /** As wide as the table. */
  below?: HTMLElement | null;
}

/** It offers nothing else. */
export interface Select<Value extends string> extends HTMLSelectElement {
  value: Value;
}

/** The elements that page.html holds, and the tabs, by their ids. */
export interface Parts {
  basis: HTMLParagraphElement;
  by: Select<By>;
  card: HTMLDivElement;
  chart: HTMLCanvasElement;
  colours: HTMLParagraphElement;
  command: HTMLSpanElement;
  data: HTMLScriptElement;
  domain: HTMLSelectElement;
  extent: HTMLDivElement;
  facts: HTMLDListElement;
  flame: HTMLDivElement;
  "flame-part": HTMLElement;
  flip: HTMLButtonElement;
  found: HTMLOutputElement;
  frames: HTMLCanvasElement;
  group: Select<State["group"]>;
  help: HTMLButtonElement;
  imports: Select<State["imports"]>;
  internals: HTMLButtonElement;
  invert: HTMLButtonElement;
  keys: HTMLDialogElement;
  legend: HTMLParagraphElement;
  notes: HTMLDivElement;
  peak: HTMLButtonElement;
  reset: HTMLButtonElement;
  search: HTMLInputElement;
  side: HTMLElement;
  size: HTMLSelectElement;
  status: HTMLParagraphElement;
  sure: HTMLParagraphElement;
  table: HTMLDivElement;
  tabs: HTMLDivElement;
  theme: HTMLButtonElement;
  thread: HTMLSelectElement;
  "thread-label": HTMLLabelElement;
  time: HTMLElement;
  tip: HTMLDivElement;
  toolbar: HTMLDivElement;
  type: HTMLSelectElement;
  "type-label": HTMLLabelElement;
  types: HTMLButtonElement;
  work: HTMLDivElement;
  [tab: `tab-${string}`]: HTMLButtonElement;
}

declare global {
  interface Uint8ArrayConstructor {
    /** Of browsers of 2025. */
    fromBase64?(text: string): Uint8Array<ArrayBuffer>;
  }
}
