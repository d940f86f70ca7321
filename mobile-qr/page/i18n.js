// Which language, and its words.

import { language } from "./memory.js";
import { en } from "./words_en.js";
import { zh } from "./words_zh.js";

export const LANGUAGES = Object.freeze({ en, "zh-Hans": zh });

/** The words of the language chosen before, else of the browser's first that is known, else English. */
export function wordsOfDevice() {
  const chosen = LANGUAGES[language.get()];
  if (chosen) return chosen;
  const known = navigator.languages.find((tag) => /^(zh|en)\b/i.test(tag)) ?? "en";
  return /^zh/i.test(known) ? zh : en;
}

export function switchLanguage(words) {
  language.set(words.other.lang);
  return LANGUAGES[words.other.lang];
}
