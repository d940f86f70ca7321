// What stands around a result: language, first visit, the consortium, the foot of the page.

import { element as e } from "./dom.js";
import { groups } from "./format.js";

const byId = (id) => document.getElementById(id);

export function dressPage(words) {
  document.documentElement.lang = words.lang;
  byId("brand").textContent = words.brand;
  byId("skip").textContent = words.skip;
  const language = byId("language");
  language.textContent = words.other.name;
  language.lang = words.other.lang;
}

/** Said once on a device: that the page itself was trusted by its address. */
export function firstVisit(words, understood) {
  const card = e("aside", { class: "card first", id: "first-visit", "aria-labelledby": "first" },
    e("h2", { id: "first" }, words.firstVisit),
    e("p", {}, words.firstVisitText(location.host)),
    e("p", { class: "actions" }, e("button", {
      type: "button", class: "button quiet",
      onclick: () => {
        understood();
        card.remove();
        byId("main").focus();
      },
    }, words.understood)));
  return card;
}

/** page: { chain, changed, origin }: fingerprint or null, whether it is new here, the address it was made for. */
export function consortiumCard(words, { chain, changed, origin }) {
  if (!chain) return null;
  return e("section", { class: "card consortium", "aria-labelledby": "consortium" },
    e("h2", { id: "consortium" }, words.consortium),
    changed ? e("p", { class: "notice strong", id: "consortium-changed" }, words.consortiumChanged) : null,
    e("p", { class: "fingerprint" }, groups(chain).split(" ").map((group) => [e("code", {}, group), " "])),
    e("p", { class: "fine" }, words.consortiumHelp),
    origin && origin !== location.origin ? e("p", { class: "fine" }, words.builtFor(origin)) : null);
}

export function footView(words) {
  byId("footer").replaceChildren(e("p", {}, words.footer));
}

export const say = (text) => byId("status").replaceChildren(text);

export function show(...nodes) {
  byId("main").replaceChildren(...nodes.flat().filter(Boolean));
}
