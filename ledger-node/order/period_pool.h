// Enrolments, events and period records' transactions that wait for a period block: in order.db, so that a restart loses none, and bounded for each
// signer. Each stays until a final block holds it.
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

// Tables of order.db.
inline constexpr std::string_view kPeriodPoolSchema = R"sql(
-- For the next period blocks, in the order they came.
CREATE TABLE period_object(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kid BLOB NOT NULL, enrolment INTEGER NOT NULL,  -- 0 event, 1 enrolment, 2 transaction
 
  object BLOB NOT NULL);
CREATE INDEX period_object_kid ON period_object(kid);
)sql";

class PeriodPool {
 public:
  static constexpr std::size_t kObjectMax = 24 * 1024;
  static constexpr std::uint64_t kOfOneSigner = 64;
  static constexpr std::uint64_t kAll = 4096;
  static constexpr std::size_t kInABlock = 512 * 1024;  // bytes; the rest waits for the next one

  // Both must outlive it; `db` has the tables above.
  PeriodPool(const store::Database& db, const chain::PublicChain& chain)
      : db_(&db), chain_(&chain) {}

  // Of objects that wait here (chain::door_of).
  static bool has_door(std::string_view door);
  // Checks it as the next period block would be checked and keeps it; fine if it waits already. list-duplicate once it
  // is on the chain; too-large above a bound.
  Status take(ByteView object);
  // Adds what fits together to a body, sorted as the page asks. What can never fit is let go. Transactions go first: each
  // is small and the next record of its member waits for it, so that no number of events puts one off.
  Status fill(PeriodBody& body);
  Result<std::uint64_t> size() const;

 private:
  struct Waiting {
    std::uint64_t n = 0;
    Digest id;
    std::size_t list = 0;  // which of the three
    Bytes object;
  };
  Result<std::vector<Waiting>> waiting() const;
  Result<bool> may_wait(const Waiting& w);  // false: it is on the chain, or was let go
  Status forget(std::uint64_t n);

  const store::Database* db_;
  const chain::PublicChain* chain_;
};

}  // namespace lotmark::node
