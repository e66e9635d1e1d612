// The page of a recording that goes on: asks for data again and again, and keeps what it was told to look back.

/** @import { Told } from "./types.mjs" */

import { sayBroken, show } from "./opening.mjs";
import { state } from "./state.mjs";
import { byId, element } from "./tables.mjs";
import { countText } from "./units.mjs";

// What is kept to look back: the newest, so many, and no more characters than these together.
const MOST_TOLD = 360;
const MOST_CHARACTERS = 96 << 20;
const STEPS_S = [2, 5, 10, 30, 60];
const BUSY_S = 2;
const MISSING = "Nobody answers any more. This is what was told last: the program may have ended.";

/** @type {Told[]} */
const told = [];
let place = -1;
let follows = true;
let stepS = 5;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
// One after the other: who looks back while an answer is on its way has the last word.
let shown = Promise.resolve();

const range = element("input", { type: "range", min: "0", "aria-label": "Which moment is shown" });
const step = element("select", {}, ...STEPS_S.map((seconds) => element(
  "option", { value: String(seconds), selected: seconds === stepS }, seconds < 60 ? `${seconds} s` : "1 min",
)));
const pause = element("button", { type: "button" });
const back = element("button", { type: "button", "aria-label": "One step back" }, "◀");
const forth = element("button", { type: "button", "aria-label": "One step on" }, "▶");
const said = element("output");

/** @param {string} problem */
function say(problem = "") {
  document.documentElement.dataset.live = follows ? "follows" : "stopped";
  pause.textContent = follows ? "Stop" : "Follow";
  range.max = String(Math.max(told.length - 1, 0));
  range.value = String(place);
  back.disabled = place < 1;
  forth.disabled = place >= told.length - 1;
  range.disabled = told.length < 2;
  const moment = told[place];
  const which = moment
    ? `As of ${moment.at.toLocaleTimeString()}, ${countText(place + 1)} of ${countText(told.length)}.` : "";
  said.textContent = [which, problem].filter(Boolean).join(" ");
  said.classList.toggle("warning", Boolean(problem));
}

/** @param {number} wanted */
function display(wanted) {
  place = wanted;
  const { data } = told[place];
  shown = shown.then(() => (told[place]?.data === data ? show(data) : undefined)).catch(sayBroken);
  return shown;
}

/** @param {number} wanted */
function lookAt(wanted) {
  if (wanted < 0 || wanted >= told.length) return;
  stop();
  display(wanted);
  say();
}

function stop() {
  follows = false;
  clearTimeout(timer);
  say();
}

function follow() {
  follows = true;
  clearTimeout(timer);
  say();
  ask();
}

/** @param {string} data */
function keep(data) {
  told.push({ at: new Date(), data });
  let characters = 0;
  for (const each of told) characters += each.data.length;
  while (told.length > 1 && (told.length > MOST_TOLD || characters > MOST_CHARACTERS)) {
    characters -= told[0].data.length;
    told.shift();
    place -= 1;
  }
}

// One request at a time, and none while nobody looks.
let asks = false;

async function ask() {
  if (asks || !follows || document.hidden) return;
  asks = true;
  let waitS = stepS;
  try {
    const answer = await fetch(`report/data${location.search}`, { cache: "no-store" });
    const text = await answer.text();
    if (answer.ok) {
      keep(text);
      if (follows) await display(told.length - 1);
      say();
    } else if (answer.status === 503) {
      waitS = Math.max(stepS, BUSY_S);
      say(text.trim());
    } else {
      stop();
      say(text.trim());
    }
  } catch {
    stop();
    say(MISSING);
  }
  asks = false;
  if (follows) timer = setTimeout(ask, waitS * 1000);
}

state.by = "live_bytes";
byId("data").remove();
byId("notes").before(
  element("div", { id: "live", role: "toolbar", "aria-label": "The recording that goes on" },
    element("i", { className: "pulse", "aria-hidden": "true" }), pause, back, range, forth,
    element("label", {}, "every ", step), said),
);
pause.onclick = () => (follows ? stop() : follow());
back.onclick = () => lookAt(place - 1);
forth.onclick = () => lookAt(place + 1);
range.oninput = () => lookAt(Number(range.value));
step.onchange = () => {
  stepS = Number(step.value);
  if (follows) follow();
};
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else ask();
});
say();
ask();
