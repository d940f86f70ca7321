// Base64 with the URL's alphabet and no padding (RFC 4648 section 5), as JOSE has it (RFC 7515 section 2).
#pragma once

#include "core/base/bytes.h"

namespace lotmark::api::access {

std::string base64url(ByteView bytes);
// Strict: nothing for padding, blanks, other characters, a length that no bytes have, and for bits set in what is left
// over of the last character, so that no two texts mean the same bytes.
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace lotmark::api::access
