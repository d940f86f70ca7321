#include "ledger-node/backup/restore_contexts.h"

#include "ledger-node/capture/captured_event.h"

namespace lotmark::backup {

namespace {

constexpr std::size_t kTried = 8;  // events of one context that are looked at

Result<std::uint64_t> highest_context(const store::Database& db) {
  LM_ASSIGN(auto q, db.prepare("SELECT coalesce(max(k), 0) FROM event_context"));
  LM_TRY(q.step());
  return q.u64(0);
}

}  // namespace

Status ContextRestore::run(const std::function<void(std::uint64_t k)>& named) {
  LM_ASSIGN(auto source, from_.prepare("SELECT k, json FROM event_context ORDER BY k"));
  LM_ASSIGN(auto there, db_.prepare("SELECT json FROM event_context WHERE k = ?"));
  while (true) {
    LM_ASSIGN(const bool row, source.step());
    if (!row) return {};
    const std::uint64_t k = source.u64(0);
    const std::string json = source.text(1);
    LM_ASSIGN(const bool has, there.bind(1, k).step());
    const bool same = has && there.text(0) == json;
    there.reset();
    if (same) continue;
    LM_TRY(look_at_events());
    LM_ASSIGN(auto alike, db_.prepare("SELECT k FROM event_context WHERE json = ?"));
    LM_ASSIGN(const bool elsewhere, alike.bind(1, std::string_view(json)).step());
    const std::uint64_t other = elsewhere ? alike.u64(0) : 0;
    alike.reset();
    if (elsewhere && (shared_.contains(other) || others_.contains(other))) {
      moved_[k] = other;
      continue;
    }
    LM_TRY(restore(k, json));
    named(row_of(k));
  }
}

// A row of contexts never changes: an event that is as the backup has it shows that what stands there now is damaged.
Status ContextRestore::restore(std::uint64_t k, const std::string& json) {
  if (!shared_.contains(k)) {
    LM_ASSIGN(const bool used, holds(k));
    if (used) moved_[k] = next_++;
  }
  LM_ASSIGN(auto put, db_.prepare("INSERT OR REPLACE INTO event_context(k, json) VALUES(?, ?)"));
  return put.bind(1, row_of(k)).bind(2, std::string_view(json)).run();
}

Status ContextRestore::look_at_events() {
  if (std::exchange(looked_, true)) return {};
  LM_ASSIGN(const auto here, highest_context(db_));
  LM_ASSIGN(const auto there, highest_context(from_));
  next_ = std::max(here, there) + 1;
  LM_ASSIGN(auto events, db_.prepare("SELECT n, sha, hash, context FROM event ORDER BY n"));
  LM_ASSIGN(auto same, from_.prepare("SELECT 1 FROM event WHERE n = ?1 AND sha = ?2 AND hash = ?3 "
                                     "AND context = ?4"));
  while (true) {
    LM_ASSIGN(const bool row, events.step());
    if (!row) return {};
    for (int c = 0; c < 4; ++c) same.bind_column(c + 1, events, c);
    LM_ASSIGN(const bool shared, same.step());
    same.reset();
    const std::uint64_t k = events.u64(3);
    if (shared) {
      shared_.insert(k);
    } else if (auto& list = others_[k]; list.size() < kTried) {
      list.push_back(events.u64(0));
    }
  }
}

// Whether an event that the backup does not know is what its row says by context `k` as it stands here.
Result<bool> ContextRestore::holds(std::uint64_t k) const {
  const auto of_it = others_.find(k);
  if (of_it == others_.end()) return false;
  LM_ASSIGN(auto there, db_.prepare("SELECT json FROM event_context WHERE k = ?"));
  LM_ASSIGN(const bool has, there.bind(1, k).step());
  if (!has) return false;
  const auto context = epcis::Context::read(epcis::Json::parse(there.text(0), nullptr, false));
  if (!context) return false;
  LM_ASSIGN(auto q, db_.prepare("SELECT body, hash FROM event WHERE n = ?"));
  for (const auto n : of_it->second) {
    LM_ASSIGN(const bool row, q.bind(1, n).step());
    const std::string body = row ? std::string(as_text(q.blob(0))) : std::string();
    const auto hash = row ? Digest::from(q.blob(1)) : std::nullopt;
    q.reset();
    const auto event = node::read_captured(body, *context);
    if (event && event->hash == hash) return true;
  }
  return false;
}

}  // namespace lotmark::backup
