// Marks of use made by a third hand (tests/vectors/mark), read by docs/format/mark.md.

import { mark } from "../../../mobile-qr/verifier/types_chain.js";
import { testCases } from "./payload_cases.mjs";

testCases("mark", mark);
