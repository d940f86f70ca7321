// Turns as this node was shown them, one a signer and term: a second asker is a fork.
#pragma once

#include "core/store/database.h"
#include "core/wire/sign1.h"

namespace lotmark::node {

class TurnWatch {
 public:
  static constexpr std::uint64_t kOfSigner = 64;  // the newest terms

  // `db` (evidence.db) must outlive it.
  explicit TurnWatch(const store::Database& db) : db_(&db) {}

  // Remembers the turn, or gives the one of that signer and term that names another asker.
  Result<std::optional<Bytes>> see(const Signed<Turn>& turn, const Digest& chain);

 private:
  const store::Database* db_;
};

}  // namespace lotmark::node
