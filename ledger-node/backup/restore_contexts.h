// The contexts of captured EPCIS events out of a backup, beside those of events that were captured since under the same
// numbers. docs/operate/backup.md (restore --rows).
#pragma once

#include <functional>
#include <map>
#include <set>

#include "core/store/database.h"

namespace lotmark::backup {

class ContextRestore {
 public:
  // `from` (the backup's private.db) and `db` must outlive it.
  ContextRestore(const store::Database& from, const store::Database& db) : from_(from), db_(db) {}

  // Brings back contexts that are missing or damaged; one whose number an event uses that the backup does not know comes
  // under a number of its own. Before events are brought back, in the caller's transaction. `named` is told each row.
  Status run(const std::function<void(std::uint64_t k)>& named);

  // The row here of what is row `k` in the backup.
  std::uint64_t row_of(std::uint64_t k) const {
    const auto at = moved_.find(k);
    return at == moved_.end() ? k : at->second;
  }

 private:
  Status look_at_events();
  Result<bool> holds(std::uint64_t k) const;
  Status restore(std::uint64_t k, const std::string& json);

  const store::Database& from_;
  const store::Database& db_;
  bool looked_ = false;
  std::set<std::uint64_t> shared_;  // contexts of events that the backup has too
  std::map<std::uint64_t, std::vector<std::uint64_t>> others_;  // of others: some of these
  std::map<std::uint64_t, std::uint64_t> moved_;
  std::uint64_t next_ = 0;  // a number that no context has, here or there
};

}  // namespace lotmark::backup
