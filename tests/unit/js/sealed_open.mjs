// Opens what core/sealed sealed, by the page's own reader: node sealed_open.mjs FILE, as tests/vectors/sealed/open.py.

import { createECDH } from "node:crypto";
import { readFileSync } from "node:fs";
import { fromHex, toHex } from "../../../mobile-qr/verifier/bytes.js";
import { openSealed, readerKey } from "../../../mobile-qr/verifier/sealed.js";

const asked = JSON.parse(readFileSync(process.argv[2], "utf8"));
const opened = [];
for (const { cose, scalar } of asked.files) {
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(Buffer.from(scalar, "hex"));
  const reader = await readerKey(fromHex(scalar), new Uint8Array(pair.getPublicKey()));
  const { segment: [, name, , media, content], entry } = await openSealed(fromHex(cose), { chain: fromHex(asked.chain), reader });
  opened.push({ name, media, content: toHex(content), entry: toHex(entry) });
}
process.stdout.write(JSON.stringify({ opened }));
