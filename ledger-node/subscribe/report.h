// What a subscriber is sent: an EPCISQueryDocument (EPCIS 2.0 section 10.1) of events that match, in the order in which
// they were recorded.
#pragma once

#include "ledger-node/capture/event_reader.h"
#include "ledger-node/subscribe/subscription.h"

namespace lotmark::node {

struct ReportLimits {
  std::size_t events = 1'000;
  std::size_t bytes = 1024 * 1024;  // of the events; one event goes in any case
  // Row of the newest event that may leave: those behind it are looked at later.
  std::uint64_t newest = ~std::uint64_t{0};
};

struct Report {
  std::string body;        // JSON
  std::size_t events = 0;  // it holds
  std::uint64_t upto = 0;  // all events up to this row are looked at, and reported if they match
  bool more = false;       // there are rows behind that which no look was taken at yet
};

// Of events behind row `upto`. One that uses a prefix for something else than those before it begins the next report.
// The query's own order and counts do not matter here. Bounded in what it looks at, so that a report may be empty and
// `more` all the same. Errors of the database.
Result<Report> make_report(EventReader& reader, const Subscription& subscription,
                           const epcis::SimpleQuery& query, std::uint64_t upto,
                           const ReportLimits& limits, Time now);

}  // namespace lotmark::node
