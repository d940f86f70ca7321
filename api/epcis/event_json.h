// Captured events as answers give them: as they were sent, with the eventID and recordTime they have here.
#pragma once

#include "api/epcis/epc_format.h"
#include "core/base/clock.h"
#include "ledger-node/capture/event_reader.h"

namespace lotmark::api::epcis {

// How identifiers are given.
struct EventForm {
  EpcFormat format = EpcFormat::kAsSent;
  std::span<const std::string> prefixes{};  // GS1 company prefixes, for EPC URNs
};

// corrupt if what is stored is no JSON object.
Result<Json> event_json(const node::StoredEvent& event, const EventForm& form);

// An EPCISQueryDocument (EPCIS 2.0 section 10.1) of events. Its @context has the prefixes of all their documents; an
// event whose document used a prefix for something else than those before it brings its own.
class QueryDocument {
 public:
  Status add(const node::StoredEvent& event, const Json& document_context, const EventForm& form);
  // `query_name`: "SimpleEventQuery", or a named query's.
  Json finish(Time now, std::string_view query_name);

 private:
  // An event of a context that makes something else of GS1's own names: it stands over no other's.
  struct Odd {
    std::size_t place;
    lotmark::epcis::Context::Prefixes prefixes;
  };
  lotmark::epcis::Context::Prefixes prefixes_;
  std::vector<Odd> odd_;
  Json events_ = Json::array();
};

}  // namespace lotmark::api::epcis
