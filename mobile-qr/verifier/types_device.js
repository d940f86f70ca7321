// Shape tables of what devices and their nodes say to each other (docs/format/device.md).
// Context: kid, header key 4 of the object.

import { equalBytes } from "./bytes.js";
import { demand } from "./errors.js";
import * as f from "./fields.js";
import {
  anything, bool, checkDistinct, depends, i, list, map, nullable, object, ruled, text, textIn, tuple, u, uIn,
} from "./shape.js";

const { CHANNEL } = f;

/** Place 0 of everything a device signs. */
const ownDevice = ({ device }, { kid }) => demand(equalBytes(device, kid), "cose-kid", "device is not the signer");

export const start = map(
  [
    ["device", f.kid],
    ["machine", textIn(1, 64)],
    ["boot", u],
    ["nonce", f.b16],
    ["anchor", nullable(f.cpNotEmpty)],
  ],
  ownDevice,
);

export const birth = map(
  [
    ["device", f.kid],
    ["life", f.b8],
    ["boot", u],
    ["session", u],
    ["gone", bool],
    ["program", text],
    ["config", f.h],
    ["sources", list(tuple([["name", text], ["channel", text], ["calibration", nullable(f.calibration)]]), {
      max: 64,
    })],
    ["clock", f.clockE],
    ["unacked", u],
  ],
  ownDevice,
);

function channelAnnotation({ kind }) {
  if (kind === CHANNEL.quantity) return nullable(f.annotation);
  if (kind === CHANNEL.epc || kind === CHANNEL.image) return nullable(f.countAnnotation);
  return anything;
}

/** Exponent: 0 for channels that hold no quantity. */
const channelExp = ruled(f.exp, (exp, context, { kind }) =>
  demand(kind === CHANNEL.quantity || exp === 0, "exp-range"));

export const channel = tuple(
  [
    ["name", textIn(1, 32)],
    ["kind", f.channelE],
    ["unit", text],
    ["exp", channelExp],
    ["annotation", depends(channelAnnotation)],
    ["root", nullable(f.h)],
  ],
  ({ annotation, root }) => demand((annotation === null) === (root === null), "annotation"),
);

const alarm = tuple([["channel", nullable(u)], ["rule", text], ["time", u], ["value", nullable(i)]]);

export const bundle = map(
  [
    ["device", f.kid],
    ["life", f.b8],
    ["seq", uIn(1)],
    ["prev", nullable(f.h)],
    ["boot", u],
    ["anchor", nullable(f.cpNotEmpty)],
    ["from", u],
    ["to", u],
    ["made", u],
    ["clock", f.clockE],
    ["gaps", f.declaredGaps],
    ["alarms", list(alarm, { max: 64 })],
    ["channels", list(channel, { max: 32, error: "bundle-channels" })],
  ],
  ownDevice,
  ({ channels }) => checkDistinct(channels, ({ name }) => name),
  ({ gaps, alarms, channels }) => {
    for (const { channel: place } of [...gaps, ...alarms]) {
      demand(place === null || place < channels.length, "field-range");
    }
  },
  ({ from, to }) => demand(from <= to, "time-order"),
  ({ channels }) => {
    const count = channels.reduce((sum, { annotation }) => sum + (annotation?.count ?? 0), 0);
    demand(count <= 4096, "bundle-readings");
  },
  checkSpan,
);

/** from and to are the edges of readings and gaps; of a bundle without either, both are when it was made. */
function checkSpan({ from, to, made, gaps, channels }) {
  const spans = channels
    .filter(({ annotation }) => annotation !== null)
    .map(({ annotation }) => ({ from: annotation.t_first, to: annotation.t_last }))
    .concat(gaps);
  const least = Math.min(...spans.map((span) => span.from));
  const greatest = Math.max(...spans.map((span) => span.to));
  demand(from === (spans.length ? least : made), "time-order");
  demand(to === (spans.length ? greatest : made), "time-order");
}

export const gap = map(
  [
    ["device", f.kid],
    ["life", f.b8],
    ["seq", uIn(1)],
    ["last", u],
    ["prev", nullable(f.h)],
    ["lost", nullable(f.h)],
    ["readings", u],
    ["reason", f.reasonE],
    ["ack", nullable(object)],
  ],
  ownDevice,
  ({ seq, last }) => demand(last >= seq, "field-range"),
  ({ ack, reason }) => demand((ack !== null) === (reason === 4), "field-range"),
);

export const ack = map([
  ["device", f.kid],
  ["life", f.b8],
  ["through", u],
  ["id", nullable(f.h)],
  ["time", u],
  ["size", u],
  ["root", f.h],
  ["checkpoint", nullable(f.cpNotEmpty)],
  ["refused", list(tuple([["seq", u], ["error", uIn(1, 65535)]]), { max: 64, error: "ack-refusals" })],
]);

export const arrival = map([["object", f.h], ["time", u], ["index", u]]);

export const command = map(
  [
    ["device", f.kid],
    ["counter", u],
    ["expiry", u],
    ["command", f.commandE],
    ["from", nullable(u)],
  ],
  ({ command: number, from }) => demand((from !== null) === (number === 1), "field-range"),
);

// --- bundle wire: not signed ---

export const bundleWire = tuple([
  ["bundle", object],
  ["salt", f.h],
  ["readings", list(list(tuple([["t", u], ["value", anything]])))],
]);

const imageReading = tuple([["text", text], ["confidence", uIn(0, 1000000)], ["model", f.h]]);

/** Type of a reading's value, by its channel's kind. */
export const readingValue = {
  [CHANNEL.quantity]: i,
  [CHANNEL.epc]: textIn(1, 256),
  [CHANNEL.image]: tuple([["hash", f.h], ["media", text], ["readings", list(imageReading)]]),
};

