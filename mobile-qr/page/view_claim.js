// One measured channel of one step: the sentence, the range drawn, and what stands behind it.

import { drawing, element as e } from "./dom.js";
import { duration, moment, unitName } from "./format.js";
import { decimal } from "./verifier/decimal.js";
import { foreign } from "./verifier/foreign.js";

export function claimCard(words, claim) {
  const show = (value) => decimal(value, claim.exp).replace("-", "−");
  const unit = unitName(claim.unit) ? ` ${unitName(claim.unit)}` : "";
  const { limits } = claim;
  const pause = Math.max(claim.gap_max, claim.gap_edge);
  const facts = [
    [words.limitsName, words.limits({
      min: show(limits.min), max: show(limits.max), unit, pause: duration(limits.gap_max, words),
    })],
    [words.period, `${moment(claim.start)} ${words.until} ${moment(claim.end)}`],
    [words.sensor, e("code", {}, claim.device)],
    [words.samplesName, words.samples(claim.samples)],
    claim.gaps > 0 ? [words.gapsName, words.gaps(claim.gaps)] : null,
  ].filter(Boolean);
  return e("article", { class: "claim", "data-ok": String(claim.ok) },
    e("h3", {}, words.step(foreign(claim.step)), " ",
      e("span", { class: claim.ok ? "tag good" : "tag bad" }, claim.ok ? words.withinLimits : words.outsideLimits)),
    e("p", { class: "claim-sentence" }, words.claim({
      min: show(claim.min), max: show(claim.max), unit,
      length: duration(claim.end - claim.start, words),
      count: claim.count, expected: claim.expected, pause: duration(pause, words),
    })),
    range(words, claim, show, unit),
    e("dl", { class: "facts small" }, facts.map(([name, value]) =>
      e("div", { class: "wide" }, e("dt", {}, name), e("dd", {}, value)))));
}

const WIDTH = 320, TRACK = 14, TOP = 22;

/** The measured range over the allowed one. */
function range(words, { min, max, limits, ok }, show, unit) {
  const low = Math.min(min, limits.min), high = Math.max(max, limits.max);
  const x = (value) => 2 + (WIDTH - 4) * (value - low) / (high - low || 1);
  const bar = (from, to, height, className) => drawing("rect", {
    class: className, x: x(from), y: TOP + (TRACK - height) / 2, height, rx: height / 2,
    width: Math.max(x(to) - x(from), height),
  });
  const text = (at, anchor, y, className, words) =>
    drawing("text", { class: className, x: at, y, "text-anchor": anchor }, words);
  /** Both ends of a range, or one text where two would meet. */
  const ends = (from, to, y, className) => x(to) - x(from) > WIDTH * 0.45
    ? [
      text(x(from), "start", y, className, `${show(from)}${unit}`),
      text(x(to), "end", y, className, `${show(to)}${unit}`),
    ]
    : x(from) < WIDTH / 2
      ? [text(x(from), "start", y, className, `${show(from)} – ${show(to)}${unit}`)]
      : [text(x(to), "end", y, className, `${show(from)} – ${show(to)}${unit}`)];
  const label = words.rangeLabel({
    min: show(min), max: show(max), low: show(limits.min), high: show(limits.max), unit,
  });
  return drawing("svg", { class: "range", viewBox: `0 0 ${WIDTH} 56`, role: "img", "aria-label": label },
    bar(limits.min, limits.max, TRACK, "allowed"),
    bar(min, max, TRACK - 6, ok ? "measured" : "measured bad"),
    ends(min, max, TOP - 7, "value"),
    ends(limits.min, limits.max, TOP + TRACK + 15, "limit"));
}
