// Texts that others wrote, beside words and numbers of ours: they may say anything, but move nothing.

/** C0, DEL, C1, direction marks, embeddings, overrides and isolates, line and paragraph separators. */
const MOVING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const SHOWN = "\ufffd", ISOLATE = "\u2068", END = "\u2069";

/** The text as an element of its own (bdi): what would reorder, break or hide its surroundings is seen as U+FFFD. */
export const visible = (text) => String(text).replace(MOVING, SHOWN);

/** The same as a part of a sentence, a title or a drawing: its direction ends with it (U+2068 ... U+2069). */
export const foreign = (text) => (text === "" ? "" : `${ISOLATE}${visible(text)}${END}`);
