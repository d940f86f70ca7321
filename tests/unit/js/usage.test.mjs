// Reports of use made by a third hand (tests/vectors/usage), read by docs/format/usage.md.

import { usage } from "../../../mobile-qr/verifier/types_chain.js";
import { testCases } from "./payload_cases.mjs";

testCases("usage", usage);
