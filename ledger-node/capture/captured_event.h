// What a node reads out of an EPCIS event before it keeps it: identity, hashes, the lots it names, and the terms it is
// found by. No I/O.
#pragma once

#include "core/base/bytes.h"
#include "core/epcis/context.h"
#include "core/epcis/query/facts.h"
#include "core/epcis/query/terms.h"
#include "core/wire/values.h"

namespace lotmark::node {

struct LotName {
  Gtin gtin;
  LotNumber lot;
  bool operator==(const LotName&) const = default;
};

// EPCIS 2.0's top-level resources, as they are numbered in event_value.
enum class ResourceKind : std::uint8_t {
  kEpc = 0,
  kBizStep = 1,
  kBizLocation = 2,
  kReadPoint = 3,
  kDisposition = 4,
  kEventType = 5,  // but for the five of EPCIS
};

struct CapturedEvent {
  std::string body;               // as it was sent
  std::optional<std::string> id;  // eventID, if it was sent with one
  Digest sha;                     // SHA-256 of body
  Digest hash;                    // canonical event hash (CBV 2.0)
  bool declares_error = false;
  std::int64_t time = 0;  // eventTime, ms UTC
  std::vector<epcis::Term> terms;
  std::vector<LotName> lots;  // each once
  std::vector<std::pair<ResourceKind, std::string>>
      values;  // what it adds to the top-level resources

  // eventID, or the event hash's URI where it was sent without.
  std::string id_text() const;
};

// usage or field-range if it is no event that can be hashed. `document`: the @context of its document.
Result<CapturedEvent> read_captured(std::string body, const epcis::Context& document);

// The term that an event of that eventID has; and the one every event has.
epcis::Term id_term(std::string_view id);
inline constexpr epcis::Term kAllTerm = 0;

// The lots whose GTIN and number stand in an event: in a class or an instance that names its lot (01 and 10), or by
// ILMD's lot number beside instances or a class of one GTIN. `context`: the event's.
std::vector<LotName> lots_named(const epcis::Json& event, const epcis::Context& context);

}  // namespace lotmark::node
