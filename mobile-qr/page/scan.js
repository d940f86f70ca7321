// The camera, and the reader of codes, which is loaded only here.

import { element as e } from "./dom.js";
import { readCode } from "./link.js";
import { prepareZXingModule, readBarcodes } from "./zxing/reader/index.js";

const PAUSE_MS = 60;
const OPTIONS = { formats: ["QRCode", "DataMatrix"], tryHarder: true, maxNumberOfSymbols: 4 };

prepareZXingModule({ overrides: { locateFile: (name) => `/page/zxing/${name}` } });

/**
 * Shows the camera in `box` until a code of a product and lot is seen, then calls found({gtin, lot, host}).
 * tell(text) says what is wrong. Answers { stop }.
 */
export async function startScanner(box, words, tell, found) {
  const stream = await openCamera(words, tell);
  if (!stream) return { stop() {} };
  const video = e("video", { "aria-label": words.cameraLabel, playsinline: true, autoplay: true });
  video.muted = true;
  video.srcObject = stream;
  let running = true;
  const stop = () => {
    running = false;
    for (const track of stream.getTracks()) track.stop();
    box.replaceChildren();
  };
  box.replaceChildren(
    e("p", { class: "hint" }, words.scanning),
    e("div", { class: "finder" }, video),
    e("p", { class: "actions" }, e("button", { type: "button", class: "button quiet", onclick: stop }, words.stop)),
  );
  await video.play().catch(() => {});
  watch(video, () => running, (code) => {
    if (code.problem) return tell(code.problem === "lot-dots" ? words.typeProblem["lot-dots"] : words.notOurCode);
    stop();
    return found(code);
  }).catch((error) => {
    stop();
    tell(String(error.message ?? error));
  });
  return { stop };
}

async function openCamera(words, tell) {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false, video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    tell(error.name === "NotFoundError" ? words.cameraNone : words.cameraDenied);
    return null;
  }
}

/** Reads frame after frame; a code that is ours ends it. */
async function watch(video, isRunning, seen) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  while (isRunning()) {
    const { videoWidth: width, videoHeight: height } = video;
    if (width > 0) {
      canvas.width = width;
      canvas.height = height;
      context.drawImage(video, 0, 0);
      const codes = (await readBarcodes(context.getImageData(0, 0, width, height), OPTIONS))
        .filter(({ isValid }) => isValid).map(({ text }) => readCode(text));
      if (!isRunning()) return;
      const ours = codes.find(({ problem }) => !problem) ?? codes[0];
      if (ours) seen(ours);
    }
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
  }
}
