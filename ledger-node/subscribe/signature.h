// GS1-Signature of what is sent to a subscriber: EPCIS 2.0 leaves the kind to the server.
#pragma once

#include "core/base/bytes.h"

namespace lotmark::node {

// "sha256=" and the HMAC-SHA-256 (RFC 2104) of the body under the bytes of the signatureToken, in lower-case hex.
std::string webhook_signature(std::string_view token, ByteView body);

}  // namespace lotmark::node
