// Base64 of RFC 4648 section 4, with padding: how bytes stand in JSON here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace lotmark::api {

std::string base64(ByteView bytes);
// Nothing for another character, wrong padding, or bits that are left over.
std::optional<Bytes> from_base64(std::string_view text);

}  // namespace lotmark::api
