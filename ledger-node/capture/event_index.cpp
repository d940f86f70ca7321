#include "ledger-node/capture/event_index.h"

#include <algorithm>

#include "core/epcis/hash/event_hash.h"
#include "core/epcis/hash/event_time.h"
#include "ledger-node/chain/private/event_sets.h"

namespace lotmark::node {

std::string StoredEvent::id_text() const { return id ? *id : epcis::hash_uri(hash); }

Result<std::int64_t> event_time_of(const StoredEvent& event) {
  const auto json = epcis::Json::parse(event.body, nullptr, false);
  const auto at = json.is_object() ? json.find("eventTime") : json.end();
  const bool text = json.is_object() && at != json.end() && at->is_string();
  const auto time = text ? epcis::event_time_ms(at->get_ref<const std::string&>()) : std::nullopt;
  if (time) return *time;
  return fail(Errc::kCorrupt, "event " + std::to_string(event.n) + " has no eventTime");
}

void add_own_id(epcis::EventFacts& facts, const Digest& hash) {
  facts.texts[static_cast<std::size_t>(epcis::TextFact::kEventId)] = {epcis::hash_uri(hash)};
}

void IndexRows::add(std::uint64_t n, const CapturedEvent& event) {
  for (const auto term : event.terms)
    terms_.push_back({static_cast<std::int64_t>(term), event.time, n});
  values_.insert(values_.end(), event.values.begin(), event.values.end());
}

Status IndexRows::write(const store::Database& db) {
  std::ranges::sort(terms_);
  LM_ASSIGN(auto q, db.prepare("INSERT OR IGNORE INTO event_term(h, t, n) VALUES(?, ?, ?)"));
  for (const auto& r : terms_) LM_TRY(q.bind(1, r.h).bind(2, r.t).bind(3, r.n).run());
  std::ranges::sort(values_);
  values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
  LM_ASSIGN(auto v, db.prepare("INSERT OR IGNORE INTO event_value(kind, value) VALUES(?, ?)"));
  for (const auto& [kind, value] : values_)
    LM_TRY(v.bind(1, static_cast<int>(kind)).bind(2, std::string_view(value)).run());
  clear();
  return {};
}

void IndexRows::clear() {
  terms_.clear();
  values_.clear();
}

Result<std::optional<StoredEvent>> read_event(const store::Database& db, std::uint64_t n) {
  LM_ASSIGN(auto q, db.prepare("SELECT id, hash, recorded, context, body FROM event WHERE n = ?"));
  LM_ASSIGN(const bool row, q.bind(1, n).step());
  if (!row) return std::optional<StoredEvent>();
  StoredEvent e;
  e.n = n;
  if (!q.is_null(0)) e.id = q.text(0);
  LM_ASSIGN(e.hash, q.fixed<Digest>(1));
  e.recorded = q.u64(2);
  e.context = q.u64(3);
  e.body = std::string(as_text(q.blob(4)));
  return std::optional(std::move(e));
}

Result<std::string> read_context(const store::Database& db, std::uint64_t k) {
  LM_ASSIGN(auto q, db.prepare("SELECT json FROM event_context WHERE k = ?"));
  LM_ASSIGN(const bool row, q.bind(1, k).step());
  if (!row) return fail(Errc::kCorrupt, "event_context row " + std::to_string(k) + " is missing");
  return q.text(0);
}

Result<const epcis::Context*> ReadContexts::of(std::uint64_t k) {
  constexpr std::size_t kKept = 256;
  if (const auto known = known_.find(k); known != known_.end()) return &known->second;
  LM_ASSIGN(const auto json, read_context(*db_, k));
  LM_ASSIGN(auto made, epcis::Context::read(epcis::Json::parse(json, nullptr, false)));
  if (known_.size() >= kKept) known_.clear();
  return &known_.emplace(k, std::move(made)).first->second;
}

Result<std::optional<Digest>> open_lot_of(const store::Database& db,
                                          const std::vector<LotName>& lots) {
  for (const auto& name : lots) {
    LM_ASSIGN(auto q, db.prepare("SELECT start FROM batch WHERE gtin = ? AND lot = ? AND state = "
                                 "'open' AND start NOT IN (SELECT start FROM stopped)"));
    q.bind(1, std::string_view(name.gtin.text)).bind(2, std::string_view(name.lot.text));
    LM_ASSIGN(const bool row, q.step());
    if (!row) continue;
    LM_ASSIGN(auto start, q.fixed<Digest>(0));
    return std::optional(start);
  }
  return std::optional<Digest>();
}

namespace {

// All events that no span holds.
Status all_pending(const store::Database& db) {
  LM_ASSIGN(auto last, db.prepare("SELECT coalesce(max(n), 0) FROM event"));
  LM_TRY(last.step());
  const std::uint64_t end = last.u64(0) + 1;
  LM_ASSIGN(auto spans, db.prepare("SELECT first, last FROM event_span ORDER BY first"));
  LM_ASSIGN(auto put, db.prepare("INSERT INTO event_pending(n, start) SELECT n, NULL FROM event "
                                 "WHERE n >= ? AND n < ?"));
  std::uint64_t next = 1;
  while (true) {
    LM_ASSIGN(const bool row, spans.step());
    const std::uint64_t until = row ? spans.u64(0) : end;
    if (next < until) LM_TRY(put.bind(1, next).bind(2, until).run());
    if (!row) return {};
    next = spans.u64(1) + 1;
  }
}

// Those that a step holds which waits for its slot: the period chain must not take them.
Status pending_of_steps(const store::Database& db) {
  LM_ASSIGN(auto sets, db.prepare("SELECT s.start, s.spans FROM event_set s JOIN waiting w ON "
                                  "w.commitment = s.commitment JOIN batch b ON b.start = s.start "
                                  "WHERE b.state = 'open'"));
  LM_ASSIGN(auto put, db.prepare("UPDATE event_pending SET start = ? WHERE n BETWEEN ? AND ?"));
  while (true) {
    LM_ASSIGN(const bool row, sets.step());
    if (!row) return {};
    LM_ASSIGN(const auto start, sets.fixed<Digest>(0));
    LM_ASSIGN(const auto spans, chain::decode_spans(sets.blob(1)));
    for (const auto& s : spans) LM_TRY(put.bind(1, start).bind(2, s.first).bind(3, s.last).run());
  }
}

// Nothing where it cannot be read: the audit names what is damaged, and no other event waits for it.
std::optional<epcis::Context> context_in(ReadContexts& contexts, const epcis::Json& event,
                                         std::uint64_t k) {
  const auto document = contexts.of(k);
  if (!document) return std::nullopt;
  const auto own = event.find("@context");
  if (own == event.end()) return **document;
  auto both = (*document)->with(*own);
  return both ? std::optional(*std::move(both)) : std::nullopt;
}

Status pending_of_lots(const store::Database& db) {
  LM_ASSIGN(auto any, db.prepare("SELECT 1 FROM batch WHERE state = 'open' LIMIT 1"));
  LM_ASSIGN(const bool open, any.step());
  if (!open) return {};
  ReadContexts contexts(db);
  LM_ASSIGN(auto q,
            db.prepare("SELECT p.n, e.body, e.context FROM event_pending p JOIN event e USING(n) "
                       "WHERE p.start IS NULL AND p.n > ? ORDER BY p.n LIMIT 1"));
  LM_ASSIGN(auto put, db.prepare("UPDATE event_pending SET start = ? WHERE n = ?"));
  for (std::uint64_t n = 0;;) {
    LM_ASSIGN(const bool row, q.bind(1, n).step());
    if (!row) return {};
    n = q.u64(0);
    const auto event = epcis::Json::parse(as_text(q.blob(1)), nullptr, false);
    const std::uint64_t k = q.u64(2);
    q.reset();
    if (!event.is_object()) continue;
    const auto context = context_in(contexts, event, k);
    if (!context) continue;
    LM_ASSIGN(const auto lot, open_lot_of(db, lots_named(event, *context)));
    if (lot) LM_TRY(put.bind(1, *lot).bind(2, n).run());
  }
}

}  // namespace

Status renew_pending(const store::Database& db) {
  LM_TRY(db.exec("DELETE FROM event_pending"));
  LM_TRY(all_pending(db));
  LM_TRY(pending_of_steps(db));
  return pending_of_lots(db);
}

Status rebuild_pending(const store::Database& db) {
  return db.transaction([&] { return renew_pending(db); });
}

}  // namespace lotmark::node
