// One page of a simple event query: which index leads, what is looked at, and when it is enough. Used by EventReader.
#pragma once

#include <chrono>

#include "ledger-node/capture/event_reader.h"

namespace lotmark::node {

class EventSearch {
 public:
  EventSearch(EventReader& reader, const epcis::SimpleQuery& query, std::optional<EventPlace> after,
              std::size_t limit);
  Result<EventPage> run();

 private:
  // Rows of events of a span of recordTimes: they are numbered in its order.
  struct Rows {
    std::uint64_t first = 1;
    std::uint64_t last = 0;
    std::uint64_t count() const { return last < first ? 0 : last - first + 1; }
  };
  Status plan();
  Result<Rows> rows_of_record_times() const;
  Result<std::uint64_t> first_recorded(std::int64_t ms, std::uint64_t last) const;
  // How candidates are gone through.
  Status stream_terms();
  Status sort_terms();
  Status sort_rows();
  Status stream_rows();
  Status give_sorted(std::vector<EventPlace> places);

  bool full() const { return page_.events.size() > limit_ || tired(); }
  // A page is short where its events are large, or much had to be looked at: one caller's query must not hold the others
  // up. One row at least is looked at, so that pages lead on.
  bool tired() const {
    return looked_at_ > 0 && (looked_at_ >= kLookedAtMax || bytes_ >= EventReader::kPageBytes ||
                              std::chrono::steady_clock::now() >= until_);
  }
  // Takes the event if it matches; `place` is where it stands in the order.
  Status look(std::uint64_t n, const EventPlace& place);
  Result<bool> has_all_terms(const EventPlace& by_time) const;
  EventPlace in_order(const EventPlace& by_time) const;
  bool is_behind(const EventPlace& place) const;

  static constexpr std::uint64_t kLookedAtMax = EventReader::kLookedAtMax;
  EventReader& reader_;
  const epcis::SimpleQuery& query_;
  std::optional<EventPlace> after_;
  std::size_t limit_;
  bool by_time_;
  bool descending_;
  TimeSpan span_;
  std::vector<std::vector<epcis::Term>> lists_;  // the first leads
  std::uint64_t lead_rows_ = 0;                  // of it, counted up to a bound
  Rows rows_;
  EventPage page_;
  std::optional<EventPlace> last_;  // that was looked at
  std::vector<EventPlace> places_;  // of the page's events
  std::uint64_t looked_at_ = 0;
  std::size_t bytes_ = 0;  // of the page's events
  std::chrono::steady_clock::time_point until_ =
      std::chrono::steady_clock::now() + EventReader::kPageTime;
};

}  // namespace lotmark::node
