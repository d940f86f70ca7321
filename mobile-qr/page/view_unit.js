// What is known of one unit of a lot. `unit` is what app.js found out: serial; state: a key of words.unit.state; item: what the
// verifier read from a proof that held, or null; marks and often: the server's word.

import { element as e, foreignText } from "./dom.js";
import { moment } from "./format.js";

/** States that this device found out itself; all else is told by the server. */
const FOUND_HERE = ["known", "unproven", "unreachable"];
/** States that speak against the unit, whatever the lot's verdict is. */
const AGAINST = ["unproven", "not-listed"];

export function unitCard(words, unit) {
  const { serial, state, item, marks, often } = unit;
  const told = !FOUND_HERE.includes(state) || marks.length > 0 || often;
  return e("section", { class: "card unit", id: "unit", "data-unit": state, "aria-labelledby": "unit-title" },
    e("h2", { id: "unit-title" }, words.unit.title),
    e("p", { id: "unit-state", class: AGAINST.includes(state) ? "notice strong" : "sentence" }, words.unit.state[state]),
    e("dl", { class: "facts" },
      e("div", { class: "wide" }, e("dt", {}, words.unit.serial), e("dd", {}, foreignText(serial))),
      item ? e("div", { class: "wide" },
        e("dt", {}, words.unit.place), e("dd", {}, words.unit.placed(item.index + 1, item.count))) : null),
    often ? e("p", { class: "notice strong", id: "unit-often" }, words.unit.often) : null,
    marks.length > 0 ? e("ul", { class: "plain", id: "unit-marks" }, marks.map((mark) => markLine(words, mark))) : null,
    told ? e("p", { class: "fine" }, words.unit.told) : null);
}

const markLine = (words, { kind, time, block }) => e("li", { "data-mark": kind },
  words.unit.mark(words.unit.kind[kind], moment(time)),
  e("span", { class: "fine" }, ` ${block === null ? words.unit.waits : words.unit.entry(block)}`));
