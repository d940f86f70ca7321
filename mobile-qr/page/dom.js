// Elements and icons, without markup in strings: what a server sends is only ever text here.

import { visible } from "./verifier/foreign.js";

const SVG = "http://www.w3.org/2000/svg";

/** element("p", {class: "x"}, "text", child); false and null children are left out. */
export function element(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function drawing(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

/** A text that others wrote, as an element of its own. */
export const foreignText = (text) => element("bdi", {}, visible(text));

function fill(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "onclick" || key === "onsubmit") node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
  return node;
}

/** Each on a 24 by 24 board. */
const ICONS = {
  released: ["M12 2.5l8 3.2v5.8c0 5-3.3 8.6-8 10-4.7-1.4-8-5-8-10V5.7z", "M8 12.2l2.8 2.8 5.2-5.6"],
  "not-final": ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M12 7.5V12l3 2"],
  refused: ["M8.2 3h7.6L21 8.2v7.6L15.8 21H8.2L3 15.8V8.2z", "M9 9l6 6M15 9l-6 6"],
  recalled: ["M12 3.5L22 20H2z", "M12 9.5v5M12 17.2v.3"],
  expired: ["M4 5.5h16V20H4z", "M4 9.5h16M8 3.5v3.5M16 3.5v3.5", "M9.5 12.5l5 5M14.5 12.5l-5 5"],
  archived: ["M3 5h18v4H3z", "M4.5 9v10.5h15V9", "M10 13h4"],
  superseded: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M8 12h8M12.8 8.5L16.3 12l-3.5 3.5"],
  unknown: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M9.3 9.5c.2-1.6 1.3-2.5 2.8-2.5 1.6 0 2.8 1 2.8 2.5 0 2-2.9 2.2-2.9 4.5", "M12 16.8v.3"],
  tampered: ["M12 2.5l8 3.2v5.8c0 5-3.3 8.6-8 10-4.7-1.4-8-5-8-10V5.7z", "M9 9l6 6M15 9l-6 6"],
  yes: ["M4.5 12.5l5 5L19.5 7"],
  no: ["M6 6l12 12M18 6L6 18"],
  skipped: ["M6 12h12"],
  camera: ["M4 8V5.5A1.5 1.5 0 0 1 5.5 4H8M16 4h2.5A1.5 1.5 0 0 1 20 5.5V8M20 16v2.5a1.5 1.5 0 0 1-1.5 1.5H16M8 20H5.5A1.5 1.5 0 0 1 4 18.5V16", "M8 8h3v3H8zM13.5 8H16v2.5M8 13.5V16h2.5M13.5 13.5h2.5V16h-2.5z"],
};

export function icon(name, label = null) {
  const accessible = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  const paths = ICONS[name].map((d) => drawing("path", { d }));
  return drawing("svg", { class: "icon", viewBox: "0 0 24 24", focusable: "false", ...accessible }, ...paths);
}
