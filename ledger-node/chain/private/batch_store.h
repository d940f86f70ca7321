// An enterprise's batches as private.db holds them: opening, private chain, transactions, what
// waits, who answered. Rows in, rows out; the rules are the engine's. docs/format/private.md.
#pragma once

#include "core/store/database.h"
#include "core/wire/sign1.h"
#include "ledger-node/chain/private/event_sets.h"
#include "ledger-node/chain/private/segment_keys.h"

namespace lotmark::chain {

enum class BatchState { kOpen, kApplied, kReleased, kRefused };
std::string_view name(BatchState s);

struct Batch {
  Signed<Opening> opening;
  BatchState state = BatchState::kOpen;
  std::uint64_t made = 0;              // ms UTC
  std::optional<std::string> product;  // there once somebody applied
  std::optional<Expiry> expires;
  std::optional<Sealed> application;
  std::optional<std::uint64_t> block;  // that decided on it
  std::optional<Bytes> disclosure;     // body to send
  bool disclosed = false;              // everybody has it

  std::vector<Digest> tx_ids;
  std::uint64_t time = 0;     // of the last row
  std::uint64_t tx_time = 0;  // of the last transaction
  Digest hash;                // of the last row; the start's id before the first

  const Digest& start() const { return opening.body.start; }
  std::uint64_t count() const { return opening.body.slots.size(); }
  const Digest& last_tx() const { return tx_ids.empty() ? start() : tx_ids.back(); }
};

// A record before it has its place in the chain.
struct Draft {
  Digest commitment;
  RecordHead head;
  std::vector<Bytes> segments;         // entries
  Bytes evidence;                      // encode_evidence
  std::optional<Bytes> object;         // the author's signed record
  std::vector<EventSpan> events = {};  // of one that is prepared: what its events segment is of
  std::vector<SegmentKey> keys = {};   // the same: whom its sealed segments are wrapped for
};

struct RecordRow {
  std::uint64_t n = 0;
  Draft record;
  std::uint64_t time = 0;
  Digest previous;
  Digest hash;
};

class BatchStore {
 public:
  // `db` (private.db) must outlive the store.
  BatchStore(const store::Database& db, Digest chain) : db_(&db), chain_(chain) {}

  // Those with something left to do, or all; in order of opening.
  Result<std::vector<Batch>> load(bool all) const;
  // The same; those that cannot be read are named in `damaged` and left out.
  struct Damaged {
    Digest start;
    std::string gtin, lot;
    Error error;
  };
  Result<std::vector<Batch>> load(bool all, std::vector<Damaged>& damaged) const;
  Status insert(const Batch& batch);
  Status update(const Batch& batch);  // all but opening and chain

  // A row of the private chain and its transaction, both or neither; the step waits no more.
  Status append(const Digest& start, const RecordRow& row, const Sealed& transaction);
  Result<std::vector<RecordRow>> records(const Digest& start) const;
  Result<Bytes> transaction(const Digest& start, std::uint64_t n) const;

  // Prepared and signed steps in the order of their times.
  Result<std::vector<Draft>> waiting(const Digest& start) const;
  // Puts a prepared step in place of an unsigned one of the same step, whose keys go with it.
  Status prepare(const Digest& start, const Draft& draft);
  Status sign(const Digest& commitment, ByteView object);

  Result<bool> answered(const Digest& object, const KeyId& member) const;
  Status answer(const Digest& object, const KeyId& member, ByteView reply, std::uint64_t at);

 private:
  Result<Batch> read(const store::Query& row) const;
  Status load_chain(Batch& batch) const;
  Status load_each(bool all, const std::function<Status(const store::Query&)>& take) const;
  Result<Batch> read_whole(const store::Query& row) const;
  const store::Database* db_;
  Digest chain_;
};

// The list of segment entries as a blob, and back.
Bytes encode_segments(const std::vector<Bytes>& entries);
Result<std::vector<Bytes>> decode_segments(ByteView bytes);

}  // namespace lotmark::chain
