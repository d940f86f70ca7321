#include "core/epcis/xml/event.h"

#include <algorithm>
#include <array>

#include "core/epcis/xml/extension.h"
#include "core/epcis/xml/fields.h"
#include "core/epcis/xml/place.h"

namespace lotmark::epcis::xml {

namespace {

constexpr std::array<std::string_view, 5> kEvents = {"ObjectEvent", "AggregationEvent",
                                                     "TransactionEvent", "TransformationEvent",
                                                     "AssociationEvent"};

class EventReader {
 public:
  explicit EventReader(Walk& walk) : walk_(walk) {}

  Result<Json> read(const Part& part) {
    counted_ = part.is("QuantityEvent");
    event_["type"] = counted_ ? "ObjectEvent" : part.name.local;
    LM_TRY(put_all(part, false));
    if (counted_) {
      // EPCIS 1.2 section 7.4.4 deprecates it in favour of an ObjectEvent with a quantity; 2.0 no longer has it.
      // It had no action: it told of what was there.
      event_["action"] = "OBSERVE";
      event_["quantityList"] = Json::array({std::move(quantity_)});
    }
    return std::move(event_);
  }

 private:
  Status put_all(const Part& part, bool in_extension) {
    LM_TRY(put_attributes(walk_, part, event_));
    return walk_.parts(part, [&](const Part& child) { return put(child, part, in_extension); });
  }

  Status put(const Part& part, const Part& inside, bool in_extension) {
    if (!part.is_standard()) return put_foreign(walk_, part, event_);
    // EPCIS 1.2 section 9.1: what a version added is one <extension> deeper. Where exactly does not matter here.
    if (part.is("extension") || part.is("baseExtension")) return put_all(part, true);
    if (part.is("recordTime")) return {};
    if (counted_) {
      LM_ASSIGN(const bool known, put_quantity(walk_, part, quantity_));
      if (known) return {};
    }
    const std::string name(part.name.local);
    if (counted_ && (name == "action" || name == "quantityList"))
      return walk_.unknown(part, inside);
    const ReadField read = event_field(name);
    if (read == nullptr) {
      if (in_extension) return put_future(walk_, part, event_);
      return walk_.unknown(part, inside);
    }
    if (event_.contains(name)) return walk_.fault(part, "there are two of it");
    LM_ASSIGN(event_[name], read(walk_, part));
    return {};
  }

  Walk& walk_;
  bool counted_ = false;  // a QuantityEvent
  Json event_ = Json::object();
  Json quantity_ = Json::object();
};

Result<Json> read_event(Walk& walk, const Part& part, const Part& list) {
  const bool known =
      part.is_standard() && std::ranges::find(kEvents, part.name.local) != kEvents.end();
  if (!known && !part.is("QuantityEvent")) return walk.unknown(part, list);
  return EventReader(walk).read(part);
}

}  // namespace

Status read_events(Walk& walk, const Part& list, Json& events, std::vector<XmlFault>& faults) {
  LM_TRY(walk.no_attributes(list));
  return walk.parts(list, [&](const Part& part) -> Status {
    if (part.is("extension")) return read_events(walk, part, events, faults);
    if (events.size() == walk.limits().events) {
      return walk.fault(part, "more than " + std::to_string(walk.limits().events) + " events",
                        Errc::kTooLarge);
    }
    auto event = read_event(walk, part, list);
    if (event.code() == Errc::kTooLarge) return event.error();
    if (event) {
      events.push_back(*std::move(event));
      return {};
    }
    const bool explained = faults.size() < walk.limits().explained;
    faults.push_back({events.size(),
                      explained ? place_in_event(walk.at_fault(), part.node) : std::string(),
                      explained ? event.error().text : "not a valid " + shown(part.name.local)});
    events.push_back(nullptr);
    return {};
  });
}

}  // namespace lotmark::epcis::xml
