// The received log: everything others sent that we answered with a signed arrival, in order, as a tree of
// ids. Sending the same object again gets the same arrival. One thread at a time.
#pragma once

#include "core/merkle/tree.h"
#include "core/store/database.h"
#include "core/wire/sign1.h"

namespace lotmark::chain {

class ReceivedLog {
 public:
  // `db` (private.db), `signer` and what they point to must outlive the log.
  static Result<ReceivedLog> open(const store::Database& db, const Signer& signer, Digest chain);

  struct Entry {
    std::uint64_t index = 0;
    std::uint64_t at = 0;  // ms UTC
    KeyId signer;
    std::string type;
    Bytes object;
    Bytes arrival;
  };
  // Logs an object (checked by the caller) and gives the arrival, already on disk.
  Result<Bytes> log(const Digest& id, std::string_view type, const KeyId& signer, ByteView object,
                    Time now);
  Result<std::optional<Entry>> find(const Digest& id) const;
  // The newest entry of that type by that signer.
  Result<std::optional<Entry>> newest(const KeyId& signer, std::string_view type) const;

  std::uint64_t size() const { return tree_.size(); }
  const merkle::MemoryTree& tree() const { return tree_; }

 private:
  ReceivedLog(const store::Database& db, const Signer& signer, Digest chain)
      : db_(&db), signer_(&signer), chain_(chain) {}
  const store::Database* db_;
  const Signer* signer_;
  Digest chain_;
  merkle::MemoryTree tree_;
};

// The head of a log from `prior` leaves on, ready to be sealed. `prior` <= tree.size().
Head make_head(LogKind log, const merkle::MemoryTree& tree, std::uint64_t prior, Time now);
// The same of its first `size` leaves.
Head make_head(LogKind log, const merkle::MemoryTree& tree, std::uint64_t size, std::uint64_t prior,
               Time now);

}  // namespace lotmark::chain
