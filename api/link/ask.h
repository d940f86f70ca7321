// What a request asks a resolver for (GS1-Conformant Resolver 1.2).
#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/gs1/link.h"
#include "core/http/message.h"

namespace lotmark::link {

enum class Wish {
  kDefault,  // to be sent to the default link
  kType,     // linkType=...: to be sent to a link of that type
  kLinkset,  // linkType=linkset, or application/linkset+json best by Accept
  kJson,     // application/json best by Accept
};

struct Ask {
  gs1::Link link;
  std::string path;  // of it, without a slash at its end: "/01/09521141123454/10/L-7"
  Wish wish = Wish::kDefault;
  std::string type;                    // of kType, whole; empty: one that no link has
  std::optional<std::string> context;  // context=...
  std::string accept;
  std::string accept_language;
  std::string forwarded;  // the query as sent, without linkType and context
};

// usage (400) for what is no GS1 Digital Link URI, a stem before its key included; too-large; gtin, lot and field-range as
// core/gs1 has them. One slash at the end is read over; GTINs of 8, 12 and 13 digits are padded, as on old labels.
Result<Ask> read_ask(const http::Request& request);

}  // namespace lotmark::link
