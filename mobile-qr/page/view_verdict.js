// The page of a verdict. `outcome` is what app.js found out:
//   verdict; asked: {gtin, lot}; result and parties of the verifier, or null (an archived proof has no parties); chain; milliseconds;
//   reason: a key of words.reason, or null; title: the server's words, or null; keptAt; host of a scanned code
//   that is not ours, or null; unit: see view_unit.js, null when no unit was asked for.

import { element as e, foreignText, icon } from "./dom.js";
import { claimCard } from "./view_claim.js";
import { unitCard } from "./view_unit.js";
import { day, moment } from "./format.js";
import { foreign } from "./verifier/foreign.js";

export function verdictView(words, outcome, actions) {
  const { result } = outcome;
  const proved = result !== null && result.gtin !== null;
  return [
    verdictCard(words, outcome, actions),
    notices(words, outcome),
    outcome.unit ? unitCard(words, outcome.unit) : null,
    proved && outcome.parties ? recorded(words, outcome) : null,
    proved && outcome.parties ? who(words, outcome) : null,
    proved && result.cut ? archivedCard(words, result) : null,
    result ? checks(words, result) : null,
    notProved(words, result ? result.not_proved : ["server-word"]),
    e("p", { class: "actions" }, e("a", { class: "button quiet", href: "/", onclick: actions.start }, words.another)),
  ].flat().filter(Boolean);
}

function verdictCard(words, outcome, { retry }) {
  const { verdict, asked, result, reason, title, milliseconds } = outcome;
  const proved = result !== null && result.gtin !== null;
  const about = proved ? result : asked;
  return e("section", { class: "card verdict", "data-verdict": verdict, "aria-labelledby": "verdict" },
    e("div", { class: "verdict-head" },
      icon(verdict),
      e("div", {},
        outcome.word ? e("p", { class: "label" }, words.serverSays) : null,
        e("h1", { id: "verdict", tabindex: "-1" }, words.verdict[verdict]))),
    e("div", { class: "verdict-body" },
      e("p", { class: "sentence" }, words.sentence[verdict]),
      reason ? e("p", { class: "reason" }, words.reason[reason]) : null,
      title ? e("p", { class: "reason" }, `${words.serverWords}: “${foreign(title)}”`) : null,
      about ? e("dl", { class: "facts" },
        proved && result.product !== null ? fact(words.product, foreignText(result.product), "wide") : null,
        fact(proved ? words.lot : `${words.asked}: ${words.lot}`, foreignText(about.lot)),
        proved ? fact(words.expires, day(result.expires)) : null,
        fact(words.gtin, foreignText(about.gtin))) : null,
      milliseconds !== null ? e("p", { class: "fine" }, words.checkedIn(milliseconds)) : null,
      proved ? null : e("p", { class: "actions" },
        e("button", { type: "button", class: "button quiet", onclick: retry }, words.retry))));
}

const fact = (name, value, className = null) =>
  e("div", { class: className }, e("dt", {}, name), e("dd", {}, value));

function notices(words, { keptAt, host }) {
  return [
    keptAt ? e("p", { class: "notice", id: "kept" }, words.keptAt(moment(keptAt))) : null,
    host ? e("p", { class: "notice", id: "host" }, words.otherHost(foreign(host))) : null,
  ];
}

function recorded(words, { result, parties }) {
  const notes = parties.notes.map((note) => noteCard(words, note));
  const nothing = result.claims.length + notes.length === 0;
  return e("section", { class: "card", "aria-labelledby": "recorded" },
    e("h2", { id: "recorded" }, words.recorded),
    nothing ? e("p", {}, words.nothingDisclosed) : null,
    result.claims.map((claim) => claimCard(words, claim)),
    notes);
}

/** The note of calibrations is named as every other, but it is its sensors' gateways that were asked. */
function noteCard(words, { name, text, media, bytes }) {
  const calibration = name === "calibration" && text !== null;
  const title = calibration ? words.calibration : name ? foreignText(name) : words.note;
  return e("div", { class: "note" }, e("h3", {}, title),
    e("p", {}, text === null ? words.noteSize(foreign(media), bytes) : noteLines(text)),
    calibration ? e("p", { class: "fine" }, words.calibrationBy) : null);
}

/** A note's lines are its author's; each is a text of its own. */
const noteLines = (text) =>
  text.replaceAll("\t", " ").split(/\r?\n/).map((line, at) => [at > 0 ? e("br") : null, foreignText(line)]);

function who(words, { result, parties }) {
  const { enterprise, reviewer, primary, voters, release } = parties;
  const { final, block, time } = result;
  const person = (role, names, ...more) => e("div", {},
    e("dt", {}, role),
    e("dd", {},
      names.map(({ organisation, area }) => e("span", { class: "party" },
        e("strong", {}, foreignText(organisation)),
        area ? e("span", { class: "area" }, words.area(foreign(area))) : null)),
      more.filter(Boolean).map((line) => e("span", { class: "fine" }, line))));
  return e("section", { class: "card", "aria-labelledby": "who" },
    e("h2", { id: "who" }, words.who),
    e("dl", { class: "who" },
      person(words.enterprise, [enterprise]),
      person(words.reviewer, [reviewer], words.releaseNumber(release.number),
        release.reason ? words.releaseReason(foreign(release.reason)) : null),
      person(words.primary, [primary], words.entry(block, moment(time))),
      person(words.voters, voters, voters.length === 0 ? words.noVotes : null, words.final(final))));
}

/** What is left of a lot that was cut. */
function archivedCard(words, { block, cut, final }) {
  return e("section", { class: "card", "aria-labelledby": "archived" },
    e("h2", { id: "archived" }, words.verdict.archived),
    e("dl", { class: "facts" },
      fact(words.block, `${block}`),
      fact(words.cutBy, words.entry(cut.block, moment(cut.time)), "wide"),
      fact(words.voters, words.final(final), "wide")));
}

function checks(words, { checks: list }) {
  const passed = list.filter(({ ok }) => ok).length;
  const failed = list.some(({ ok }) => ok === false);
  const row = ({ name, ok, error, why }) => {
    const kind = ok === null ? "skipped" : ok ? "yes" : "no";
    const told = ok === null || why.endsWith(error) ? null : why;
    const detail = [error, told].filter(Boolean).join(" · ");
    return e("li", { class: kind, "data-check": name },
      icon(kind, words.outcome[kind]),
      e("span", {}, kind === "no" ? `${words.outcome.no}: ` : null, words.check[name], detail ? e("span", { class: "fine", lang: "en" }, detail) : null));
  };
  return e("details", { class: "card", id: "checks", open: failed },
    e("summary", {},
      e("h2", {}, words.checks),
      e("span", { class: "count" }, words.checksCount(passed, list.length))),
    e("ol", { class: "checks" }, list.map(row)));
}

/** Said to everybody; the rest is for those who want to know it all. */
const FIRST = ["copy", "recall", "nothing-disclosed", "tampered-by-whom", "unknown-why", "server-word"];

function notProved(words, codes) {
  const list = (some) => e("ul", { class: "plain" },
    some.map((code) => e("li", { "data-code": code }, words.notProved[code])));
  const more = codes.filter((code) => !FIRST.includes(code));
  return e("section", { class: "card", id: "not-proved", "aria-labelledby": "not-proved-title" },
    e("h2", { id: "not-proved-title" }, words.notProvedTitle),
    list(codes.filter((code) => FIRST.includes(code))),
    more.length === 0 ? null : e("details", {},
      e("summary", {}, e("span", {}, words.more(more.length))),
      list(more)));
}
