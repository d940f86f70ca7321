// The JSON door of EPCIS 2.0 capture (GS1 EPCIS 2.0 section 12, ISO/IEC 19987): bytes from a stranger become events that
// are known to be valid, each with the bytes it was sent as. Nothing throws; safe to use from many threads at once.
//
// What is let in: JSON by json_text.h's rules, whose events keep event_schema.json and whose @context is known to
// context.h. Beyond GS1's own schema file: an AggregationEvent that is no OBSERVE has a parentID, as the standard's
// text demands (section 7.4.3), and times are RFC 3339 with capitals and without second 60.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/epcis/context.h"

namespace lotmark::epcis {

struct DoorLimits {
  std::size_t bytes = std::size_t{16} << 20;         // of the body
  std::size_t events = 10'000;                       // in a document
  std::size_t event_bytes = std::size_t{64} << 10;   // of one event as sent
  std::size_t context_bytes = std::size_t{8} << 10;  // of a @context: it is kept with every event
  // Of the different @contexts that events of a document bring along, each with the document's, which it stands on: what
  // is held at a time.
  std::size_t contexts_bytes = std::size_t{4} << 20;
  std::size_t depth = 32;          // arrays and objects within one another
  std::size_t values = 1'000'000;  // JSON values in the body
  std::size_t explained =
      100;  // of the events at fault, so many are told where and why; the others only that
};

// Why something is not taken. `status` and `type` are the answer's (EPCIS 2.0 REST): 400 with
// "epcisException:ValidationException", or 413 with "epcisException:CaptureLimitExceededException".
struct Fault {
  int status = 400;
  std::string type;
  std::string
      path;  // JSON pointer (RFC 6901) into what was sent; a name over 80 bytes is cut and ends in "..."
  std::string detail;  // a sentence for the sender, with at most 80 bytes of what was sent
};

struct SentEvent {
  std::string bytes;  // the event's object exactly as it was sent
  Json value;         // the same, read
  // The document's and its own: what its names mean. Events with equal ones share it.
  std::shared_ptr<const Context> context;
  std::shared_ptr<const std::string>
      context_json;  // the document's @context as JSON text, shared by its events: what
                     // must be kept so that `bytes` mean the same later; of a bare event,
                     // its own
};

using EventFaults = std::vector<std::pair<std::size_t, Fault>>;  // by place in the list, in order

struct Captured {
  std::vector<SentEvent> events;  // the valid ones, in their order
  EventFaults faults;             // the others
};

// An EPCISDocument or EPCISQueryDocument. Fault: of the whole, of which nothing is taken then.
std::variant<Captured, Fault> read_document(std::string_view body, const DoorLimits& limits = {});

// A document that we made from another form (XML): the same demands; `bytes` of its events are compact JSON. Another
// name, since any text would also be a Json. `faults`: of events that could not be made, with paths within the event;
// what stands in their places is not looked at.
std::variant<Captured, Fault> read_made_document(const Json& made, const DoorLimits& limits = {},
                                                 EventFaults faults = {});

// One event by itself, with its own @context.
std::variant<SentEvent, Fault> read_event(std::string_view body, const DoorLimits& limits = {});

}  // namespace lotmark::epcis
