// The canonical event hash of CBV 2.0 (GS1 Core Business Vocabulary 2.0, event hash ID): the same for an event however
// it is written down, so that who has the event can name it and prove it unchanged. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/epcis/context.h"

namespace lotmark::epcis {

// Objects and lists within one another, the event itself being the first.
inline constexpr int kEventDepthMax = 32;
// Bytes of the string that is hashed: a short prefix in an event may stand for a long namespace.
inline constexpr std::size_t kPreHashMax = std::size_t{16} << 20;

// The string that is hashed (UTF-8). `event`: one EPCIS 2.0 event as JSON, valid by the schema; `context`: that of its
// document and its own. usage, naming the property, for a value of a wrong type, a time that is none, an @context
// inside an event's parts, and what is deeper than the limit; too-large; it does not replace the schema.
Result<std::string> pre_hash(const Json& event, const Context& context);

// SHA-256 of it.
Result<Digest> event_hash(const Json& event, const Context& context);

// "ni:///sha-256;<hex>?ver=CBV2.0"
std::string hash_uri(const Digest& hash);
// The other way; nothing for any other text, upper-case digits included.
std::optional<Digest> hash_of_uri(std::string_view uri);

}  // namespace lotmark::epcis
