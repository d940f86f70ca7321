// Keeps the access log in private.db, each entry once, before its bringer is answered. docs/format/access.md.
//
// It has its own connection and its own lock: all functions may be called from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "core/base/clock.h"
#include "core/store/database.h"
#include "ledger-node/capture/access_page.h"

namespace lotmark::node {

struct KeptAccesses {
  std::uint64_t added = 0;  // those that are new
  std::uint64_t moved = 0;  // place of all of them in `moved`: what a standby must hold
};

class AccessStore {
 public:
  static Result<std::unique_ptr<AccessStore>> open(const std::filesystem::path& private_db);

  // What is kept is on disk when this returns. Of a batch with one entry that is malformed nothing is kept. An entry whose
  // run and number are known of `by` is left as it was.
  Result<KeptAccesses> keep(const std::vector<Bytes>& entries, const KeyId& by, Time now);
  // Entries behind row `after`, in order.
  Result<std::vector<StoredAccess>> page(std::uint64_t after, std::size_t limit) const;

  // Waits for nobody who brings entries.
  std::vector<std::pair<std::string, double>> metrics() const;

 private:
  explicit AccessStore(store::Database db) : db_(std::move(db)) {}
  Status load();
  Status insert(const Bytes& entry, const AccessEntry& read, const KeyId& by);

  mutable std::mutex lock_;
  store::Database db_;
  std::uint64_t last_ = 0;                  // newest row
  std::uint64_t time_ = 0;                  // when it was logged, ms UTC
  std::atomic<std::uint64_t> entries_ = 0;  // last_ as it is on disk
  std::atomic<std::uint64_t> again_ = 0;
};

}  // namespace lotmark::node
