// The server of a test: the page as it is built, an anchor, and answers that the test decides.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { ROOT } from "../../unit/js/vectors.mjs";

/** The policy that the page must work under. */
export const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
  "img-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml", ".wasm": "application/wasm", ".webmanifest": "application/manifest+json",
};

/** Where a file under /page/ lies: in the built folder, or (without one) in the sources it is built from. */
function fileOf(name) {
  const built = process.env.LOTMARK_PAGE_DIR;
  if (built) return join(built, name);
  const sources = join(ROOT, "mobile-qr");
  if (name.startsWith("verifier/")) return join(sources, name);
  if (name.endsWith(".wasm")) return join(sources, "node_modules/zxing-wasm/dist/reader", name.slice("zxing/".length));
  if (name.startsWith("zxing/")) return join(sources, "node_modules/zxing-wasm/dist/es", name.slice("zxing/".length));
  return join(sources, "page", name);
}

export const RECEIPT_TYPE = "application/vnd.lotmark.receipt.v1+cbor";
export const receiptAnswer = (bytes) => ({ status: 200, type: RECEIPT_TYPE, body: bytes });
export const problemAnswer = (members) =>
  ({ status: 404, type: "application/problem+json", body: JSON.stringify({ status: 404, ...members }) });

/**
 * Starts it on a port of 127.0.0.1 picked now. state.sent(path) is where a label's link is redirected, if it is. state.answer is what /v1/receipts/... gives, or a function that answers it, state.unit what /v1/verify gives, state.anchor the
 * hexadecimal anchor, state.rollover the bytes of links to a newer root key, state.origin what the page was made for, state.refusal what addresses of the page give instead; all may change while it runs.
 * Answers { origin, state, requests, stop }; requests lists the paths asked for.
 */
export async function startServer(state) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://host").pathname;
    requests.push(request.url);
    const { status, type, body, location, cut = false } = await answer(path, state).catch(() => missing);
    response.writeHead(status, {
      ...(type ? { "content-type": type } : {}), ...(location ? { location } : {}), "content-security-policy": POLICY, "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer", "cache-control": "no-cache",
      ...(path === "/page/sw.js" ? { "service-worker-allowed": "/" } : {}),
    });
    if (!cut) return response.end(body);
    // The connection ends in the middle of the answer.
    return response.write(body.subarray(0, body.length / 2), () => response.destroy());
  });
  await new Promise((resolve) => { server.listen(0, "127.0.0.1", resolve); });
  const stop = () => new Promise((resolve) => {
    server.closeAllConnections?.();
    server.close(resolve);
  });
  return { origin: `http://127.0.0.1:${server.address().port}`, state, requests, stop };
}

const missing = { status: 404, type: "text/plain", body: "no such file" };

async function answer(path, state) {
  if (path === "/page/anchor.js") {
    const origin = JSON.stringify(state.origin ?? "");
    return { status: 200, type: TYPES[".js"], body: `export const anchor = "${state.anchor}"; export const origin = ${origin};` };
  }
  if (path === "/page/rollover.cbor") {
    return state.rollover ? { status: 200, type: "application/cbor", body: state.rollover } : missing;
  }
  if (path.startsWith("/v1/receipts/")) return (typeof state.answer === "function" ? state.answer() : state.answer) ?? missing;
  if (path === "/v1/verify") return state.unit ?? missing;
  const isPage = path === "/" || /^(\/lot)?\/01\//.test(path);
  if (isPage && state.refusal) return state.refusal;
  if (isPage && state.sent && path.startsWith("/01/")) return { status: 307, location: state.sent(path), body: "" };
  const name = isPage ? "index.html" : normalize(path).replace(/^\/page\//, "");
  if (name.startsWith("/") || name.startsWith("..")) return missing;
  return { status: 200, type: TYPES[extname(name)] ?? "application/octet-stream", body: await readFile(fileOf(name)) };
}
