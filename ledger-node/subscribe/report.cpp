#include "ledger-node/subscribe/report.h"

#include <algorithm>

namespace lotmark::node {

using epcis::Json;
using epcis::SimpleQuery;

namespace {

constexpr std::size_t kStep = 100;  // events that are in memory at once, each up to 64 KiB

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Reads of several statements see one state of the file: no event appears between those that were seen.
class Snapshot {
 public:
  explicit Snapshot(const store::Database& db) : db_(db), begun_(db.exec("BEGIN")) {}
  ~Snapshot() {
    if (begun_) (void)!db_.exec("ROLLBACK");
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  const Status& begun() const { return begun_; }

 private:
  const store::Database& db_;
  Status begun_;
};

class ReportWriter {
 public:
  ReportWriter(EventReader& reader, const ReportLimits& limits)
      : reader_(reader), limits_(limits) {}

  // False: it has to wait for the next report.
  Result<bool> add(const StoredEvent& event) {
    LM_ASSIGN(const auto known, reader_.context(event.context));
    Json json = Json::parse(event.body, nullptr, false);
    if (!json.is_object())
      return fail(Errc::kCorrupt, "event " + std::to_string(event.n) + " is no JSON object");
    if (!event.id) json["eventID"] = event.id_text();
    json["recordTime"] = iso_of_ms(event.recorded);
    const std::string text = text_of(json);
    const auto& prefixes = known->context.prefixes();
    const bool full = count_ >= limits_.events || events_.size() + text.size() > limits_.bytes;
    const bool differs = std::ranges::any_of(prefixes, [&](const auto& p) {
      const auto there = prefixes_.find(p.first);
      return there != prefixes_.end() && there->second != p.second;
    });
    const bool alone = epcis::redefines_own(prefixes);
    if (count_ > 0 && (full || differs || alone != alone_)) return false;
    alone_ = alone;
    for (const auto& [prefix, space] : prefixes) prefixes_[prefix] = space;
    if (count_++ > 0) events_ += ',';
    events_ += text;
    return true;
  }
  std::size_t count() const { return count_; }

  std::string finish(const Subscription& s, Time now) const {
    return "{\"@context\":" + text_of(epcis::context_of(prefixes_)) +
           ",\"type\":\"EPCISQueryDocument\",\"schemaVersion\":\"2.0\",\"creationDate\":\"" +
           to_iso(now) +
           "\",\"epcisBody\":{\"queryResults\":{\"queryName\":" + text_of(s.query_name) +
           ",\"subscriptionID\":" + text_of(s.id) + ",\"resultsBody\":{\"eventList\":[" + events_ +
           "]}}}}";
  }

 private:
  EventReader& reader_;
  const ReportLimits& limits_;
  epcis::Context::Prefixes prefixes_;
  std::string events_;
  std::size_t count_ = 0;
  bool alone_ = false;  // events of a context that others may not stand under
};

// The same query in the order of capture, over what was recorded when row `upto` was or later: the search then looks at
// those rows alone.
Result<SimpleQuery> in_capture_order(const store::Database& db, SimpleQuery query,
                                     std::uint64_t upto) {
  query.order_by = epcis::OrderBy::kRecordTime;
  query.descending = false;
  LM_ASSIGN(const auto last, read_event(db, upto));
  if (last) {
    query.times.push_back({epcis::TimeFact::kRecordTime,
                           epcis::Comparison::kGe,
                           {static_cast<std::int64_t>(last->recorded)}});
  }
  return query;
}

Result<std::uint64_t> newest_row(const store::Database& db) {
  LM_ASSIGN(auto q, db.prepare("SELECT coalesce(max(n), 0) FROM event"));
  LM_TRY(q.step());
  return q.u64(0);
}

Status fill(EventReader& reader, const SimpleQuery& query, std::uint64_t newest,
            ReportWriter& writer, Report& out) {
  while (true) {
    LM_ASSIGN(const auto page, reader.find(query, EventPlace{0, out.upto}, kStep));
    for (const auto& event : page.events) {
      out.more = event.n <= newest;
      if (!out.more) return {};
      LM_ASSIGN(const bool added, writer.add(event));
      if (!added) return {};
      out.upto = event.n;
    }
    out.more = page.next && page.next->n < newest;
    if (!out.more) return {};
    out.upto = page.next->n;
    if (page.events.size() < kStep) return {};  // it has looked at many rows: the others come later
  }
}

}  // namespace

Result<Report> make_report(EventReader& reader, const Subscription& subscription,
                           const SimpleQuery& query, std::uint64_t upto, const ReportLimits& limits,
                           Time now) {
  const store::Database& db = reader.database();
  const Snapshot snapshot(db);
  LM_TRY(snapshot.begun());
  LM_ASSIGN(const auto last, newest_row(db));
  Report out;
  out.upto = std::min(upto, last);  // rows may be gone that were there: a backup was restored
  const std::uint64_t newest = std::max(out.upto, std::min(last, limits.newest));
  out.more = out.upto < newest;
  if (out.more) {
    LM_ASSIGN(const auto ordered, in_capture_order(db, query, out.upto));
    ReportWriter writer(reader, limits);
    LM_TRY(fill(reader, ordered, newest, writer, out));
    out.events = writer.count();
    out.body = writer.finish(subscription, now);
  } else {
    out.body = ReportWriter(reader, limits).finish(subscription, now);
  }
  if (!out.more) out.upto = newest;
  return out;
}

}  // namespace lotmark::node
