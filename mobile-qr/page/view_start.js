// The first page: scan a code, or type what is printed beside it.

import { element as e, icon } from "./dom.js";
import { readTyped } from "./link.js";

/** actions: scan(box, say), check({gtin, lot}). problem: a key of words.reason to begin with, or null. */
export function startView(words, { scan, check }, problem = null) {
  const message = e("p", { class: "notice", id: "message", role: "alert" }, problem ? words.reason[problem] : null);
  const say = (text) => message.replaceChildren(text ?? "");
  const camera = e("div", { class: "camera", id: "camera" });
  const button = e("button", {
    type: "button", class: "button primary", id: "scan",
    onclick: () => {
      say(null);
      scan(camera, say);
    },
  }, icon("camera"), words.scan);
  return [
    e("section", { class: "card start", "aria-labelledby": "start" },
      e("h1", { id: "start", tabindex: "-1" }, words.start),
      e("p", {}, words.startText),
      e("p", { class: "actions" }, button),
      camera,
      message),
    e("section", { class: "card", "aria-labelledby": "type" },
      e("h2", { id: "type" }, words.typeTitle),
      typedForm(words, check)),
  ];
}

function typedForm(words, check) {
  const field = (id, label, attributes) => e("div", { class: "field" },
    e("label", { for: id }, label),
    e("input", { id, name: id, autocomplete: "off", spellcheck: "false", required: true, ...attributes }));
  const error = e("p", { class: "error", id: "typed-error", role: "alert" });
  const gtin = field("gtin", words.typeGtin, { inputmode: "numeric", maxlength: "20" });
  const lot = field("lot", words.typeLot, { autocapitalize: "characters", maxlength: "20" });
  return e("form", {
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      const [gtinInput, lotInput] = [gtin, lot].map((each) => each.querySelector("input"));
      const typed = readTyped(gtinInput.value, lotInput.value);
      for (const input of [gtinInput, lotInput]) {
        const wrong = typed.problem?.split("-")[0] === input.id;
        input.setAttribute("aria-invalid", String(wrong));
        if (wrong) input.setAttribute("aria-describedby", error.id);
        if (wrong) input.focus();
      }
      error.replaceChildren(typed.problem ? words.typeProblem[typed.problem] : "");
      if (!typed.problem) check(typed);
    },
  }, gtin, lot, error, e("button", { type: "submit", class: "button" }, words.check_));
}
