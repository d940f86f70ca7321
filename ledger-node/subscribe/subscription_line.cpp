#include "ledger-node/subscribe/subscription_line.h"

#include <algorithm>

namespace lotmark::node {

// Rows without a match that a stream goes past before its place is written: looking at them again costs less.
static constexpr std::uint64_t kKeptEvery = 1'000;

static Time time_of(std::uint64_t ms) { return from_ms(static_cast<std::int64_t>(ms)); }

Result<SubscriptionLine> SubscriptionLine::make(Subscription subscription, const LineTimes& times) {
  SubscriptionLine line(std::move(subscription), times);
  Subscription& s = line.s_;
  auto query = epcis::parse_query(epcis::Json::parse(s.query, nullptr, false));
  if (!query) return fail(Errc::kCorrupt, s.query_name + ": " + query.error().message());
  line.query_ = *std::move(query);
  s.query.clear();
  if (!s.schedule.empty()) {
    auto schedule = Schedule::read(epcis::Json::parse(s.schedule, nullptr, false));
    if (!schedule) return fail(Errc::kCorrupt, s.id + ": " + schedule.error().message());
    line.schedule_ = *std::move(schedule);
    line.next_ = line.schedule_->next(time_of(s.ran.value_or(s.created)));
  }
  line.kept_upto_ = s.upto;
  return line;
}

bool SubscriptionLine::is_due(Time now, std::uint64_t newest) const {
  if (stopped()) return false;
  // A pause that is longer than any was begun by a clock that has been set back since.
  if (again_ && now < *again_ && *again_ - now <= times_.longest_pause * 2) return false;
  if (!schedule_) return newest > s_.upto;
  return in_run_ || (next_ && now >= *next_);
}

bool SubscriptionLine::wants(const Report& report) const {
  return report.events > 0 || (schedule_ && s_.report_if_empty && !in_run_ && !report.more);
}

bool SubscriptionLine::succeeded(const Report& report, bool sent, Time now) {
  s_.upto = report.upto;
  again_.reset();
  own_pause_.succeeded();
  bool keep = sent || s_.upto >= kept_upto_ + kKeptEvery;
  if (sent) {
    pause_.succeeded();
    s_.notified = unix_ms(now);
    s_.failures = 0;
    s_.failing_since.reset();
  }
  const bool over = !report.more;
  if (schedule_) {
    in_run_ = !over && (in_run_ || sent);
    if (over) next_ = schedule_->next(now);
  }
  if (over && (schedule_ || sent)) {
    s_.ran = unix_ms(now);
    keep = true;
  }
  if (keep) kept_upto_ = s_.upto;
  return keep;
}

void SubscriptionLine::failed(const Report& report, const std::string& why, bool too_large,
                              Time now) {
  own_pause_.succeeded();
  ++s_.failures;
  if (!s_.failing_since || time_of(*s_.failing_since) > now) s_.failing_since = unix_ms(now);
  again_ = now + pause_.failed();
  if (too_large) limits_.events = std::max<std::size_t>(1, report.events / 2);
  if (now - time_of(*s_.failing_since) >= times_.give_up) s_.stopped = why;
}

void SubscriptionLine::not_made(Time now) { again_ = now + own_pause_.failed(); }

}  // namespace lotmark::node
