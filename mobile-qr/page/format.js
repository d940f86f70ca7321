// Numbers as people read them.

import { foreign } from "./verifier/foreign.js";

const UNITS = { Cel: "°C", "%RH": "% RH", "%": "%", "/": "", K: "K", Pa: "Pa", lx: "lx", V: "V", A: "A", W: "W" };

/** A SenML unit as it is written; unknown ones are the enterprise's text. */
export const unitName = (unit) => (Object.hasOwn(UNITS, unit) ? UNITS[unit] : foreign(unit));

/** A whole number of the largest units that say it in at most two of them. */
export function duration(ms, words) {
  const seconds = Math.round(ms / 1000);
  if (ms < 1000) return words.milliseconds(ms);
  if (seconds <= 120) return words.seconds(seconds);
  const units = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]];
  const first = units.findIndex(([name, size]) => seconds >= size * (name === "days" ? 2 : 1));
  const [name, size] = units[first];
  const whole = Math.floor(seconds / size);
  const rest = seconds - whole * size;
  const next = units[first + 1];
  const more = next ? Math.floor(rest / next[1]) : 0;
  return more > 0 ? words.join(words[name](whole), words[next[0]](more)) : words[name](whole);
}

/** 20281231 as 2028-12-31. */
export const day = (expires) => String(expires).replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");

const YEAR_10000 = Date.UTC(10000, 0, 1);

/** A moment, in UTC, to the minute; a legal time beyond the year 9999 as the number it is. */
export const moment = (ms) =>
  (ms < YEAR_10000 ? `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC` : `${ms} ms since 1970`);

/** 64 hexadecimal digits in groups of 8. */
export const groups = (hex) => hex.match(/.{1,8}/g).join(" ");
