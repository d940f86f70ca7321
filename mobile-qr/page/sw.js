// Keeps the page's own files, so that a second visit works without a connection. Receipts are kept by
// source.js, not here. The newest file wins when the server answers in time; nothing kept is ever believed
// more than what was fetched, because every receipt is checked again.

const KEPT = "lotmark-page-1";
const WAIT_MS = 3000;

const FILES = [
  "/",
  ...[
    "anchor.js", "app.js", "dom.js", "format.js", "i18n.js", "icon.svg", "link.js", "manifest.webmanifest",
    "memory.js", "scan.js", "source.js", "style.css", "view_claim.js", "view_page.js", "view_start.js",
    "view_unit.js", "view_verdict.js", "words_en.js", "words_zh.js",
  ].map((name) => `/page/${name}`),
  ...[
    "archived.js", "bytes.js", "cbor.js", "check_chain.js", "check_claims.js", "check_lot.js", "check_votes.js",
    "cose.js", "decimal.js", "errors.js", "fields.js", "foreign.js", "item.js", "parties.js", "receipt.js", "rollover.js", "run.js",
    "shape.js", "trees.js", "types.js", "types_archived.js", "types_chain.js", "verdict.js",
  ].map((name) => `/page/verifier/${name}`),
];

/** Links of root keys, where there are any. */
const ROLLOVER = "/page/rollover.cbor";
/** Kept when they are first used: those links, where they came later; the reader of codes. */
const LATER = [ROLLOVER, "/page/zxing/reader/index.js", "/page/zxing/share.js", "/page/zxing/zxing_reader.wasm"];

addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(KEPT);
    await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
    // The page asked for the links before this ran. Where there are none, there is nothing to keep.
    await cache.add(new Request(ROLLOVER, { cache: "no-cache" })).catch(() => {});
    await skipWaiting();
  })());
});

addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("lotmark-page-") && name !== KEPT);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  })());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  // Every address of a product and lot is the same page, a label's link and where the server sends it.
  const file = request.mode === "navigate" ? pageOf(url) : url.pathname;
  if (file && [...FILES, ...LATER].includes(file)) event.respondWith(answer(request, file));
});

/** A resolver's question (?linkType=) is the server's to answer. */
const pageOf = ({ pathname, searchParams }) =>
  ((pathname === "/" || /^(\/lot)?\/01\//.test(pathname)) && !searchParams.has("linkType") ? "/" : null);

/** A server says with these that the address itself is none: no kept page may speak for it. */
const REFUSALS = [400, 404, 410, 414];

/** The server's answer when it comes in time, else the kept one. */
async function answer(request, file) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(file);
  const fresh = fetch(request).then(async (response) => {
    if (response.ok) await cache.put(file, response.clone());
    return response;
  });
  if (!kept) return fresh;
  const late = new Promise((resolve) => { setTimeout(resolve, WAIT_MS, null); });
  const first = await Promise.race([fresh.catch(() => null), late]);
  // A page that is opened follows by itself where the server sends it, to this page or elsewhere.
  const told = request.mode === "navigate" && (REFUSALS.includes(first?.status) || first?.type === "opaqueredirect");
  return first?.ok || told ? first : kept;
}
