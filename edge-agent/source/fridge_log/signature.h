// A logger's own signature over its file: ECDSA on P-256 over SHA-256, by the key that stands in the file. All numbers are
// written with their lowest byte first, the digest is taken so too, and lines count with CR and LF whatever has become of
// them on the way (docs/operate/fridge_logs.md).
#pragma once

#include "edge-agent/source/fridge_log/grammar.h"

namespace lotmark::agent::fridge {

// `text` is what `log` was read of. cose-signature if it is not the key's; key-bad if that is no point of the curve.
Status verify(const Log& log, std::string_view text);
// What is signed, as it goes into ECDSA.
Digest signed_digest(std::string_view text);

}  // namespace lotmark::agent::fridge
