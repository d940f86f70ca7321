// The page: from an address or a code to a verdict that this device found out.

import { examineArchived } from "./verifier/archived.js";
import { equalBytes, fromHex } from "./verifier/bytes.js";
import { foreign } from "./verifier/foreign.js";
import { joinRollovers } from "./verifier/rollover.js";
import { examineReceipt, fingerprintOf } from "./verifier/verdict.js";
import { switchLanguage, wordsOfDevice } from "./i18n.js";
import { pathOf, readAddress } from "./link.js";
import { consortium, introduced } from "./memory.js";
import { fetchAnswer, fetchRollover, fetchUnit } from "./source.js";
import { consortiumCard, dressPage, firstVisit, footView, say, show } from "./view_page.js";
import { startView } from "./view_start.js";
import { verdictView } from "./view_verdict.js";

let words = wordsOfDevice();
let page = { anchor: null, rollover: null, origin: null, chain: null, changed: false, cryptography: true };
let showing = { kind: "loading" };
let scanner = null;
let turn = 0; // of the address looked at: what was asked for an earlier one is not shown any more

// --- from an address to an outcome ---

/** The anchor comes with the page, never with an answer. */
async function openAnchor() {
  const module = await import("./anchor.js").catch(() => null);
  if (!globalThis.crypto?.subtle) return { ...page, cryptography: false };
  const anchor = module ? fromHex(module.anchor) : null;
  const rollover = anchor ? await fetchRollover() : null;
  const chain = anchor ? await fingerprintOf(anchor, rollover) : null;
  const before = consortium.get();
  const changed = chain !== null && before !== null && before !== chain;
  return { ...page, anchor, rollover, origin: module?.origin ?? null, chain, changed };
}

const nothing = { result: null, parties: null, unit: null, milliseconds: null, reason: null, title: null, keptAt: null };

const unknownFor = (reason, asked = null, host = null) =>
  ({ ...nothing, verdict: "unknown", asked, host, word: false, reason });

async function findOut(asked, host, again = false) {
  const about = { ...nothing, asked, host, word: false };
  const unknown = (reason) => unknownFor(reason, asked, host);
  if (!page.cryptography) return unknown("crypto");
  if (!page.chain) return unknown("anchor");
  const [answer, told] = await Promise.all([fetchAnswer(asked), asked.serial === undefined ? null : fetchUnit(asked)]);
  const kept = { keptAt: answer.keptAt };
  if (answer.kind === "word") {
    return { ...about, ...kept, verdict: answer.verdict, word: true, title: answer.title, unit: unitOf(asked, told) };
  }
  if (answer.kind !== "receipt" && answer.kind !== "archived") return { ...unknown(answer.kind), ...kept };
  let examined = await examine(answer, asked, told);
  // A root key may have been replaced since this page was opened.
  if (failsAt(examined.result, "statements") && await newerLinks()) examined = await examine(answer, asked, told);
  // Receipt and unit are two answers, and either may be of an older block than the other: asked once more, they should agree.
  if (differ(told, examined) && !again) return findOut(asked, host, true);
  return { ...about, ...kept, verdict: examined.result.verdict, ...examined, unit: unitOf(asked, told, examined) };
}

async function examine({ kind, bytes }, { gtin, lot, serial = null }, told) {
  const begun = performance.now();
  const about = { [kind]: bytes, anchor: page.anchor, rollover: page.rollover, gtin, lot, now: Date.now() };
  const { result, parties = null, item = null, items = null } = kind === "archived"
    ? await examineArchived(about)
    : await examineReceipt({ ...about, item: told?.proof ?? null, serial });
  return { result, parties, item, items, milliseconds: Math.max(1, Math.round(performance.now() - begun)) };
}

/** Whether what is told of the unit is of another application than the receipt's, as after a lot was applied for anew. */
function differ(told, { item, items }) {
  if (told?.state === "known") return item?.error === "block-prev";
  return (told?.state === "no-serials" && items > 0) || (told?.state === "not-listed" && items === 0);
}

/**
 * What is shown of the unit asked for: null without a serial. That it is listed is believed with its proof alone, which was
 * held against this receipt; where there is none to hold it against, nothing is known of it.
 */
function unitOf({ serial }, told, examined = null) {
  if (serial === undefined) return null;
  if (told === null) return { serial, state: "unreachable", item: null, marks: [], often: false };
  if (examined && differ(told, examined)) return { ...told, serial, item: null, state: "not-checkable" };
  if (told.state !== "known") return { ...told, serial, item: null };
  const { item, parties } = examined ?? { item: null, parties: null };
  if (item?.ok) return { ...told, serial, item };
  return { ...told, serial, item: null, state: parties === null ? "not-checkable" : "unproven" };
}

const failsAt = ({ checks }, name) => checks.some((check) => check.name === name && check.ok === false);

/** Whether the server has other links now than when the page was opened; they are taken beside those followed before. */
async function newerLinks() {
  const fresh = await fetchRollover();
  const rollover = fresh ? await joinRollovers(page.rollover, fresh).catch(() => null) : null;
  if (!rollover || (page.rollover && equalBytes(rollover, page.rollover))) return false;
  page = { ...page, rollover };
  return true;
}

async function check(asked, host = null) {
  stopScanner();
  const mine = ++turn;
  showing = { kind: "loading" };
  draw();
  const outcome = await findOut(asked, host).catch((error) => {
    console.warn(error);
    return unknownFor("unreadable", asked, host);
  });
  if (mine !== turn) return;
  showing = { kind: "verdict", outcome };
  draw();
  document.getElementById("verdict").focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** Follows the address in the bar. */
async function follow() {
  stopScanner();
  turn += 1;
  if (location.pathname === "/") {
    showing = { kind: "start", problem: null };
    return draw();
  }
  const asked = readAddress(location.pathname, location.search.slice(1));
  if (!asked.problem) return check(asked);
  showing = { kind: "verdict", outcome: unknownFor(asked.problem) };
  return draw();
}

function go(path) {
  if (path !== location.pathname) history.pushState(null, "", path);
}

// --- what people do ---

const actions = {
  retry: () => follow(),
  start(event) {
    event.preventDefault();
    go("/");
    follow();
  },
  check(asked) {
    go(pathOf(asked));
    check(asked);
  },
  async scan(box, tell) {
    const { startScanner } = await import("./scan.js");
    scanner = await startScanner(box, words, tell, ({ host, ...asked }) => {
      go(pathOf(asked));
      check(asked, host === location.host ? null : host);
    });
  },
};

function stopScanner() {
  scanner?.stop();
  scanner = null;
}

// --- drawing ---

function draw() {
  dressPage(words);
  footView(words);
  const visit = introduced.get() ? null : firstVisit(words, () => {
    introduced.set();
    if (page.chain) consortium.set(page.chain);
  });
  const { title, said, view } = scene();
  show(...view, ...(showing.kind === "loading" ? [] : [visit, consortiumCard(words, page)]));
  document.title = title;
  say(said);
}

/** What is to be shown, and only then its title and what is said of it: { title, said, view }. */
function scene() {
  if (showing.kind === "loading") return { title: words.brand, said: words.loading, view: [loadingCard()] };
  if (showing.kind === "start") {
    return { title: words.brand, said: "", view: startView(words, actions, showing.problem) };
  }
  try {
    return verdictScene(showing.outcome);
  } catch (error) {
    console.warn(error);
    const { asked, host } = showing.outcome;
    return verdictScene(unknownFor("unreadable", asked, host));
  }
}

function verdictScene(outcome) {
  const said = words.verdict[outcome.verdict];
  const title = outcome.asked ? words.title(said, foreign(outcome.asked.lot)) : said;
  return { title, said, view: verdictView(words, outcome, actions) };
}

function loadingCard() {
  const card = document.createElement("p");
  card.className = "card loading";
  card.textContent = words.loading;
  return card;
}

document.getElementById("language").addEventListener("click", () => {
  words = switchLanguage(words);
  stopScanner();
  draw();
});
document.getElementById("home").addEventListener("click", actions.start);
addEventListener("popstate", follow);

draw();
page = await openAnchor();
await follow();
if (page.chain && consortium.get() === null) consortium.set(page.chain);
navigator.serviceWorker?.register("/page/sw.js", { scope: "/" }).catch(() => {});
