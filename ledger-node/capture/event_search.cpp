#include "ledger-node/capture/event_search.h"

#include <algorithm>

namespace lotmark::node {

using epcis::Comparison;
using epcis::OrderBy;
using epcis::TimeFact;

namespace {

constexpr std::uint64_t kSortedMax =
    5000;  // rows that are sorted rather than gone through in an index's order

// From when on and until when, as the query's conditions on one of an event's times have it.
TimeSpan span_of(const epcis::SimpleQuery& query, TimeFact fact) {
  TimeSpan span;
  for (const auto& c : query.times) {
    if (c.fact != fact || c.times_ms.empty()) continue;
    const std::int64_t t = c.times_ms.front();
    if (c.comparison == Comparison::kGe) span.from = std::max(span.from, t);
    if (c.comparison == Comparison::kGt) span.from = std::max(span.from, t + 1);
    if (c.comparison == Comparison::kLt) span.until = std::min(span.until, t);
    if (c.comparison == Comparison::kLe) span.until = std::min(span.until, t + 1);
  }
  return span;
}

}  // namespace

EventSearch::EventSearch(EventReader& reader, const epcis::SimpleQuery& query,
                         std::optional<EventPlace> after, std::size_t limit)
    : reader_(reader),
      query_(query),
      after_(after),
      limit_(limit),
      by_time_(query.order_by != OrderBy::kRecordTime),
      descending_(query.descending),
      span_(span_of(query, TimeFact::kEventTime)) {}

// The number of the first event that was recorded at or after that time; last + 1 if none was.
Result<std::uint64_t> EventSearch::first_recorded(std::int64_t ms, std::uint64_t last) const {
  // Behind a row that is missing the next one tells.
  LM_ASSIGN(auto q,
            reader_.db_.prepare("SELECT n, recorded FROM event WHERE n >= ? ORDER BY n LIMIT 1"));
  std::uint64_t low = 1, high = last + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    LM_ASSIGN(const bool row, q.bind(1, middle).step());
    const std::uint64_t n = row ? q.u64(0) : high;
    const bool before = row && n < high && q.integer(1) < ms;
    q.reset();
    if (before) low = n + 1;
    else high = middle;
  }
  return low;
}

Result<EventSearch::Rows> EventSearch::rows_of_record_times() const {
  LM_ASSIGN(auto q, reader_.db_.prepare("SELECT coalesce(max(n), 0) FROM event"));
  LM_TRY(q.step());
  Rows rows{1, q.u64(0)};
  q.reset();
  const TimeSpan span = span_of(query_, TimeFact::kRecordTime);
  const std::uint64_t all = rows.last;
  if (span.from != INT64_MIN) {
    LM_ASSIGN(rows.first, first_recorded(span.from, all));
  }
  if (span.until != INT64_MAX) {
    LM_ASSIGN(const auto end, first_recorded(span.until, all));
    rows.last = end - 1;
  }
  return rows;
}

Status EventSearch::plan() {
  LM_ASSIGN(rows_, rows_of_record_times());
  lists_ = epcis::needed_terms(query_);
  if (lists_.empty()) lists_.push_back({kAllTerm});
  std::size_t best = 0;
  lead_rows_ = kSortedMax + 1;
  for (std::size_t i = 0; i < lists_.size(); ++i) {
    LM_ASSIGN(const auto count, count_rows(reader_.db_, lists_[i], span_, kSortedMax + 1));
    if (count >= lead_rows_) continue;
    lead_rows_ = count;
    best = i;
  }
  std::swap(lists_[0], lists_[best]);
  return {};
}

EventPlace EventSearch::in_order(const EventPlace& by_time) const {
  return by_time_ ? by_time : EventPlace{0, by_time.n};
}

bool EventSearch::is_behind(const EventPlace& place) const {
  return !after_ || (descending_ ? place < *after_ : place > *after_);
}

Result<bool> EventSearch::has_all_terms(const EventPlace& by_time) const {
  for (std::size_t i = 1; i < lists_.size(); ++i) {
    LM_ASSIGN(const bool one, has_one(reader_.db_, lists_[i], by_time));
    if (!one) return false;
  }
  return true;
}

Status EventSearch::look(std::uint64_t n, const EventPlace& place) {
  ++looked_at_;
  last_ = place;
  LM_ASSIGN(auto event, read_event(reader_.db_, n));
  if (!event) return {};
  LM_ASSIGN(const auto known, reader_.context(event->context));
  const auto json = epcis::Json::parse(event->body, nullptr, false);
  LM_ASSIGN(auto facts,
            epcis::facts_of(json, known->context, static_cast<std::int64_t>(event->recorded)));
  if (!event->id) add_own_id(facts, event->hash);
  if (!epcis::matches(query_, facts)) return {};
  bytes_ += event->body.size();
  page_.events.push_back(*std::move(event));
  places_.push_back(place);
  return {};
}

Status EventSearch::stream_terms() {
  LM_ASSIGN(auto run, TermRun::open(reader_.db_, lists_[0], span_, descending_, after_));
  while (!full()) {
    LM_ASSIGN(const auto place, run.next());
    if (!place) return {};
    const bool recorded = place->n >= rows_.first && place->n <= rows_.last;
    LM_ASSIGN(const bool all, has_all_terms(*place));
    if (recorded && all) {
      LM_TRY(look(place->n, *place));
    } else {
      ++looked_at_;
      last_ = place;
    }
  }
  return {};
}

Status EventSearch::give_sorted(std::vector<EventPlace> places) {
  std::ranges::sort(places);
  if (descending_) std::ranges::reverse(places);
  for (const auto& place : places) {
    if (!is_behind(place)) continue;
    if (full()) return {};
    LM_TRY(look(place.n, place));
  }
  return {};
}

Status EventSearch::sort_terms() {
  LM_ASSIGN(auto run, TermRun::open(reader_.db_, lists_[0], span_, descending_, std::nullopt));
  std::vector<EventPlace> places;
  while (true) {
    LM_ASSIGN(const auto place, run.next());
    if (!place) break;
    if (place->n >= rows_.first && place->n <= rows_.last) places.push_back(in_order(*place));
  }
  return give_sorted(std::move(places));
}

// Few were recorded in that time: their eventTimes are asked of the term that all have.
Status EventSearch::sort_rows() {
  std::vector<EventPlace> places;
  for (std::uint64_t n = rows_.first; n <= rows_.last; ++n) {
    LM_ASSIGN(const auto event, read_event(reader_.db_, n));
    if (!event) continue;
    LM_ASSIGN(const auto time, event_time_of(*event));
    places.push_back({time, n});
  }
  return give_sorted(std::move(places));
}

Status EventSearch::stream_rows() {
  Rows rows = rows_;
  if (after_ && descending_) rows.last = std::min(rows.last, after_->n - 1);
  if (after_ && !descending_) rows.first = std::max(rows.first, after_->n + 1);
  while (rows.count() != 0 && !full()) {
    const std::uint64_t n = descending_ ? rows.last-- : rows.first++;
    LM_TRY(look(n, {0, n}));
  }
  return {};
}

Result<EventPage> EventSearch::run() {
  if (query_.asks_master_data) return EventPage{};
  LM_TRY(plan());
  const bool few_recorded = rows_.count() <= std::min(kSortedMax, lead_rows_);
  if (by_time_) {
    LM_TRY(few_recorded ? sort_rows() : stream_terms());
  } else {
    LM_TRY(lead_rows_ <= kSortedMax && !few_recorded ? sort_terms() : stream_rows());
  }
  if (page_.events.size() > limit_) {
    page_.events.pop_back();
    places_.pop_back();
    if (!places_.empty()) page_.next = places_.back();
  } else if (tired()) {
    page_.next = last_;
  }
  return std::move(page_);
}

}  // namespace lotmark::node
