// One subscription as it runs: when a report is due, and where it stands after one was made, taken or not. No I/O, and
// time is handed in.
#pragma once

#include "core/base/backoff.h"
#include "core/epcis/query/query.h"
#include "ledger-node/subscribe/report.h"

namespace lotmark::node {

struct LineTimes {
  Millis first_pause{1'000};  // before a report that was not taken is sent again; doubled each time
  Millis longest_pause{600'000};
  Millis give_up{std::chrono::hours(72)};  // of failures without a success between
};

class SubscriptionLine {
 public:
  // corrupt if what was kept of its query or schedule cannot be read.
  static Result<SubscriptionLine> make(Subscription subscription, const LineTimes& times);

  // A stream: there are events behind its place, `newest` being the newest one's row. A schedule: its time has come
  // since the newest run, or a run is not over. In neither case before the pause after a failure is over.
  bool is_due(Time now, std::uint64_t newest) const;

  // Whether a report is to be sent: one with events, and of a run without any an empty one if that was asked for.
  bool wants(const Report& report) const;
  // It was taken, or there was nothing to send (`sent` false). True: where it stands is to be kept on disk.
  bool succeeded(const Report& report, bool sent, Time now);
  // It was not, for that reason. Too large a report (413) is made of half as many events the next time. Keep it.
  void failed(const Report& report, const std::string& why, bool too_large, Time now);

  // None could be made, for a reason of this node's: tried again after a pause, and no failure of the receiver's.
  void not_made(Time now);

  const Subscription& subscription() const { return s_; }
  const epcis::SimpleQuery& query() const { return query_; }
  const ReportLimits& limits() const { return limits_; }
  bool stopped() const { return s_.stopped.has_value(); }

 private:
  SubscriptionLine(Subscription s, const LineTimes& times)
      : s_(std::move(s)),
        times_(times),
        pause_(times.first_pause, times.longest_pause),
        own_pause_(times.first_pause, times.longest_pause) {}

  Subscription s_;
  LineTimes times_;
  epcis::SimpleQuery query_;
  std::optional<Schedule> schedule_;
  ReportLimits limits_{};
  Backoff pause_;
  Backoff own_pause_;            // of reports that could not be made
  std::optional<Time> again_;    // not before this, after a failure
  std::optional<Time> next_;     // of a schedule
  bool in_run_ = false;          // some of a run's pages went out, others did not yet
  std::uint64_t kept_upto_ = 0;  // as it stands on disk
};

}  // namespace lotmark::node
