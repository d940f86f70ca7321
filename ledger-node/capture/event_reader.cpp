#include "ledger-node/capture/event_reader.h"

#include "ledger-node/capture/event_search.h"
#include "ledger-node/chain/private/event_sets.h"
#include "ledger-node/chain/private/private_store.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kContextsKept = 1024;
constexpr std::string_view kJob =
    "SELECT k, id, created, finished, proceed, success, errors, first, last, owner FROM "
    "capture_job ";

CaptureJob read_job(const store::Query& q) {
  CaptureJob job;
  job.k = q.u64(0);
  job.id = q.text(1);
  job.created = q.u64(2);
  job.finished = q.u64(3);
  job.proceed = q.integer(4) != 0;
  job.success = q.integer(5) != 0;
  job.errors = q.text(6);
  if (!q.is_null(7)) job.events = {q.u64(7), q.u64(8)};
  job.owner = q.text(9);
  return job;
}

}  // namespace

Result<std::unique_ptr<EventReader>> EventReader::open(const std::filesystem::path& private_db) {
  LM_ASSIGN(auto db, chain::open_private(private_db, true));
  return std::unique_ptr<EventReader>(new EventReader(std::move(db)));
}

Result<std::vector<StoredEvent>> EventReader::by_id(std::string_view id) {
  std::vector<StoredEvent> out;
  LM_ASSIGN(auto q, db_.prepare("SELECT n FROM event_term WHERE h = ? ORDER BY n"));
  q.bind(1, static_cast<std::int64_t>(id_term(id)));
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto event, read_event(db_, q.u64(0)));
    if (event && event->id_text() == id) out.push_back(*std::move(event));
  }
}

Result<std::vector<StoredEvent>> EventReader::behind(std::uint64_t after, std::size_t limit) {
  std::vector<StoredEvent> out;
  LM_ASSIGN(auto q, db_.prepare("SELECT n FROM event WHERE n > ? ORDER BY n LIMIT ?"));
  q.bind(1, after).bind(2, std::uint64_t{limit});
  std::size_t bytes = 0;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row || bytes >= kPageBytes) return out;
    LM_ASSIGN(auto event, read_event(db_, q.u64(0)));
    if (!event) continue;
    bytes += event->body.size();
    out.push_back(*std::move(event));
  }
}

Result<EventPage> EventReader::find(const epcis::SimpleQuery& query,
                                    std::optional<EventPlace> after, std::size_t limit) {
  return EventSearch(*this, query, after, limit).run();
}

Result<std::shared_ptr<const EventReader::KnownContext>> EventReader::context(std::uint64_t k) {
  if (const auto known = contexts_.find(k); known != contexts_.end()) return known->second;
  auto made = std::make_shared<KnownContext>();
  LM_ASSIGN(made->json, read_context(db_, k));
  LM_ASSIGN(made->context, epcis::Context::read(epcis::Json::parse(made->json, nullptr, false)));
  if (contexts_.size() >= kContextsKept) contexts_.clear();
  std::shared_ptr<const KnownContext> kept = std::move(made);
  contexts_[k] = kept;
  return kept;
}

Result<std::optional<CaptureJob>> EventReader::job(std::string_view id) {
  LM_ASSIGN(auto q, db_.prepare(std::string(kJob) + "WHERE id = ?"));
  LM_ASSIGN(const bool row, q.bind(1, id).step());
  return row ? std::optional(read_job(q)) : std::nullopt;
}

Result<JobPage> EventReader::jobs(std::uint64_t before, std::size_t limit,
                                  std::optional<std::string_view> owner) {
  LM_ASSIGN(auto q, db_.prepare(std::string(kJob) + "WHERE " + (owner ? "owner = ?3 AND " : "") +
                                "k < ?1 ORDER BY k DESC LIMIT ?2"));
  q.bind(1, before).bind(2, std::uint64_t{limit} + 1);
  if (owner) q.bind(3, *owner);
  JobPage out;
  for (std::size_t bytes = 0;;) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    if (out.jobs.size() == limit || bytes >= kPageBytes) {
      out.is_last = false;
      return out;
    }
    out.jobs.push_back(read_job(q));
    bytes += out.jobs.back().errors.size();
  }
}

Result<std::vector<std::string>> EventReader::values(ResourceKind kind, std::string_view after,
                                                     std::size_t limit) {
  LM_ASSIGN(auto q, db_.prepare("SELECT value FROM event_value WHERE kind = ? AND value > ? ORDER "
                                "BY value LIMIT ?"));
  q.bind(1, static_cast<int>(kind)).bind(2, after).bind(3, std::uint64_t{limit});
  std::vector<std::string> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    out.push_back(q.text(0));
  }
}

Result<bool> EventReader::has_value(ResourceKind kind, std::string_view value) {
  LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM event_value WHERE kind = ? AND value = ?"));
  return q.bind(1, static_cast<int>(kind)).bind(2, value).step();
}

Result<std::optional<EventRecord>> EventReader::record_of(std::uint64_t n) {
  LM_ASSIGN(const auto place, chain::EventSets(db_).place_of(n));
  if (!place) return std::optional<EventRecord>();
  EventRecord out{place->commitment, place->segment, place->at, place->start, {}, {}};
  LM_ASSIGN(auto q, place->start
                        ? db_.prepare("SELECT block FROM batch WHERE start = ?")
                        : db_.prepare("SELECT tx_id FROM period_record WHERE commitment = ?"));
  LM_ASSIGN(const bool row, q.bind(1, place->start ? *place->start : place->commitment).step());
  if (!row) return fail(Errc::kCorrupt, "the record of event " + std::to_string(n) + " is missing");
  if (!place->start) {
    LM_ASSIGN(out.transaction, q.fixed<Digest>(0));
  } else if (!q.is_null(0)) {
    out.block = q.u64(0);
  }
  return std::optional(out);
}

Result<std::vector<EventReader::RecordPart>> EventReader::records_of(std::uint64_t first,
                                                                     std::uint64_t last) {
  std::map<Digest, std::uint64_t> counts;
  std::map<Digest, std::uint64_t> one_of;
  LM_ASSIGN(auto q, db_.prepare("SELECT commitment, max(first, ?1), min(last, ?2) FROM event_span "
                                "WHERE first <= ?2 AND last >= ?1 AND first >= coalesce((SELECT "
                                "max(first) FROM event_span WHERE first <= ?1), 0)"));
  q.bind(1, first).bind(2, last);
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) break;
    LM_ASSIGN(const auto commitment, q.fixed<Digest>(0));
    counts[commitment] += q.u64(2) - q.u64(1) + 1;
    one_of[commitment] = q.u64(1);
  }
  std::vector<RecordPart> out;
  for (const auto& [commitment, count] : counts) {
    LM_ASSIGN(auto record, record_of(one_of[commitment]));
    if (record) out.push_back({*std::move(record), count});
  }
  return out;
}

}  // namespace lotmark::node
