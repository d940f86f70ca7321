#include "ledger-node/subscribe/report_log.h"

#include <thread>

#include "core/base/random.h"
#include "core/http/message.h"

namespace lotmark::node {

namespace {

constexpr Millis kLook{20};

AccessEntry entry_of(const Subscription& s, const Report& report, const std::string& receiver,
                     Time now) {
  AccessEntry e;
  e.time = unix_ms(now);
  e.caller = s.owner;
  e.how = "subscription";
  e.address = receiver;
  e.method = "POST";
  e.route = "/queries/{name}/subscriptions/{id}";
  e.target = "/queries/" + http::percent_encode(s.query_name) + "/subscriptions/" + s.id +
             "?events=" + std::to_string(report.events) + "&upto=" + std::to_string(report.upto);
  e.status = 200;
  for (auto* text : {&e.caller, &e.address, &e.target})
    text->resize(std::min(text->size(), kAccessTextMax));
  return e;
}

}  // namespace

ReportLog::ReportLog(AccessStore& store, const KeyId& by, RowsHeld rows_held)
    : store_(store),
      by_(by),
      rows_held_(std::move(rows_held)),
      run_(random_fixed<decltype(AccessEntry::run)>()) {}

// A number that was not kept is the next one's.
Result<KeptAccesses> ReportLog::keep(AccessEntry entry, Time now) {
  const std::lock_guard guard(lock_);
  entry.run = run_;
  entry.number = number_ + 1;
  LM_ASSIGN(const auto kept, store_.keep({encode_access(entry)}, by_, now));
  ++number_;
  return kept;
}

Status ReportLog::note(const Subscription& subscription, const Report& report,
                       const std::string& receiver, Time now, Millis longest) {
  LM_ASSIGN(const auto kept, keep(entry_of(subscription, report, receiver, now), now));
  if (!rows_held_) return {};
  const auto end = std::chrono::steady_clock::now() + longest;
  while (rows_held_() < kept.moved) {
    if (std::chrono::steady_clock::now() >= end)
      return fail(Errc::kUnavailable, "a standby does not hold the entry of the access log yet");
    std::this_thread::sleep_for(kLook);
  }
  return {};
}

}  // namespace lotmark::node
