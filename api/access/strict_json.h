// JSON of tokens and key sets, where two readers must not understand different things: RFC 8725 section 2.4 asks that,
// RFC 7515 section 4 that a repeated name be refused.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::api::access {

// One object, of at most `bytes_max` bytes and a nesting of 8. usage, saying why: no JSON (RFC 8259), no UTF-8, a name
// twice in one object, nested deeper, no object; too-large.
Result<nlohmann::json> read_object(ByteView bytes, std::size_t bytes_max);

}  // namespace lotmark::api::access
