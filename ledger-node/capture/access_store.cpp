#include "ledger-node/capture/access_store.h"

#include "core/base/random.h"
#include "core/crypto/sha256.h"
#include "ledger-node/chain/private/private_store.h"

namespace lotmark::node {

Result<std::unique_ptr<AccessStore>> AccessStore::open(const std::filesystem::path& private_db) {
  LM_ASSIGN(auto db, chain::open_private(private_db));
  std::unique_ptr<AccessStore> s(new AccessStore(std::move(db)));
  LM_TRY(s->load());
  return s;
}

Status AccessStore::load() {
  LM_ASSIGN(auto q, db_.prepare("SELECT coalesce(max(n), 0), coalesce(max(logged), 0) FROM (SELECT "
                                "n, logged FROM access ORDER BY n DESC LIMIT 1)"));
  LM_TRY(q.step());
  entries_ = last_ = q.u64(0);
  time_ = q.u64(1);
  // The newest rows may be gone: their numbers are not given again, where anything names them.
  LM_ASSIGN(auto named, db_.prepare("SELECT max((SELECT coalesce(max(last), 0) FROM access_span), "
                                    "(SELECT coalesce(max(k1), 0) FROM moved WHERE tab = 15))"));
  LM_TRY(named.step());
  last_ = std::max(last_, named.u64(0));
  return {};
}

Status AccessStore::insert(const Bytes& entry, const AccessEntry& read, const KeyId& by) {
  LM_ASSIGN(auto find, db_.prepare("SELECT 1 FROM access WHERE by = ? AND run = ? AND number = ?"));
  LM_ASSIGN(const bool held, find.bind(1, by).bind(2, read.run).bind(3, read.number).step());
  if (held) return {};
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO access(n, run, number, salt, by, sha, logged, entry) "
                                "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, last_ + 1).bind(2, read.run).bind(3, read.number).bind(4, random_fixed<Salt>());
  q.bind(5, by).bind(6, sha256(entry)).bind(7, time_).bind(8, entry);
  LM_TRY(q.run());
  ++last_;
  return {};
}

Result<KeptAccesses> AccessStore::keep(const std::vector<Bytes>& entries, const KeyId& by,
                                       Time now) {
  std::vector<AccessEntry> read;
  for (const auto& bytes : entries) {
    LM_ASSIGN(auto entry, decode_access(bytes));
    read.push_back(std::move(entry));
  }
  const std::lock_guard guard(lock_);
  const std::uint64_t before = last_, time_before = time_;
  time_ = std::max(unix_ms(now), time_);
  KeptAccesses kept;
  const Status done = db_.transaction([&]() -> Status {
    for (std::size_t i = 0; i < entries.size(); ++i) LM_TRY(insert(entries[i], read[i], by));
    LM_ASSIGN(auto q, db_.prepare("SELECT coalesce(max(n), 0) FROM moved"));
    LM_TRY(q.step());
    kept.moved = q.u64(0);
    return {};
  });
  if (!done) {
    last_ = before;
    time_ = time_before;
    return done.error();
  }
  entries_ = last_;
  kept.added = last_ - before;
  again_ += entries.size() - kept.added;
  return kept;
}

Result<std::vector<StoredAccess>> AccessStore::page(std::uint64_t after, std::size_t limit) const {
  const std::lock_guard guard(lock_);
  return read_accesses(db_, after, limit);
}

std::vector<std::pair<std::string, double>> AccessStore::metrics() const {
  return {{"lotmark_accesses", static_cast<double>(entries_)},
          {"lotmark_accesses_again_total", static_cast<double>(again_)}};
}

}  // namespace lotmark::node
