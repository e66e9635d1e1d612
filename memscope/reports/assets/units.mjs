// Numbers as people read them, as in memscope/analysis/units.py: no more digits than mean something.

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const COUNT_UNITS = ["", "k", "M", "G", "T", "P"];

/**
 * @param {number} value
 * @param {number} step
 * @param {number} units
 * @returns {[text: string, unit: number]}
 */
function shortened(value, step, units) {
  let unit = 0;
  let magnitude = Math.abs(value);
  while (unit < units - 1 && magnitude >= (unit ? 999.5 : step - 0.5)) {
    magnitude /= step;
    unit += 1;
  }
  const digits = unit && magnitude < 9.95 ? 1 : 0;
  const text = magnitude.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return [(value < 0 ? "-" : "") + text, unit];
}

/**
 * @param {number} value
 * @returns {string}
 */
export function bytesText(value) {
  const [number, unit] = shortened(value, 1024, BYTE_UNITS.length);
  return `${number} ${BYTE_UNITS[unit]}`;
}

/**
 * @param {number} value
 * @returns {string}
 */
export function countText(value) {
  if (Math.abs(value) < 9999.5) return Math.round(value).toLocaleString("en-US");
  const [number, unit] = shortened(value, 1000, COUNT_UNITS.length);
  return number + COUNT_UNITS[unit];
}

/**
 * @param {number} share
 * @returns {string}
 */
export function shareText(share) {
  const percent = share * 100;
  if (percent > 0 && percent < 1) return "<1%";
  if (percent > 99 && percent < 100) return ">99%";
  return `${percent.toFixed(0)}%`;
}

/**
 * @param {number} seconds
 * @returns {string}
 */
export function timeText(seconds) {
  if (seconds < 0.9995) {
    return seconds >= 0.00095 || !seconds ? `${(seconds * 1000).toFixed(0)} ms` : "<1 ms";
  }
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 9.95 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${hours.toLocaleString("en-US")} h ${minutes % 60} min` : `${hours} h`;
}

/**
 * @param {number} delta
 * @param {(value: number) => string} text
 * @returns {string}
 */
export function signedText(delta, text) {
  if (!delta) return `±${text(0)}`;
  return (delta < 0 ? "−" : "+") + text(Math.abs(delta));
}
