// The signature of a compact JWS (RFC 7515 section 7.1), by libcpp-jwt, which is met in token_signature.cpp alone.
#pragma once

#include <string_view>

#include "api/access/jwks.h"

namespace lotmark::api::access {

// Whether `signature` (base64url, checked before) is the key's over `signed_text`, by the key's own algorithm. Nothing of
// a token but these bytes reaches the library, neither its header nor the time.
bool token_signature_holds(const TokenKey& key, std::string_view signed_text,
                           std::string_view signature);

}  // namespace lotmark::api::access
