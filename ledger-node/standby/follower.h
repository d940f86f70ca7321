// A standby: asks its enterprise's node for what it lacks, recomputes the intake log's tree from the objects
// themselves, and keeps it all in a private.db that an enterprise's node can go on with once it was promoted
// (docs/adr/0019). It answers no device and signs nothing but its calls. Memory: one page and the tree's right edge.
#pragma once

#include "core/merkle/tree.h"
#include "core/wire/bundle_wire.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/peer/engine.h"
#include "ledger-node/standby/copy_page.h"
#include "ledger-node/standby/event_rows.h"

namespace lotmark::node {

// Where a copy stands, from its table `copy`; nothing in a private.db that is a node's own.
struct CopyState {
  KeyId source;
  std::uint64_t moved = 0;
  std::uint64_t top =
      0;  // of the source at the last answer; below it the rows are not of one moment
  merkle::CompactRange tree;
};
Result<std::optional<CopyState>> read_copy_state(const store::Database& private_db);

class Follower final : public Engine {
 public:
  // `db` (private.db) and `chain` outlive it. conflict if the file holds rows that are no copy, or another's.
  static Result<std::unique_ptr<Follower>> open(const store::Database& db,
                                                const chain::PublicChain& chain,
                                                const KeyId& source);

  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

  std::uint64_t size() const { return state_.tree.size(); }
  Digest root() const { return state_.tree.root(); }

  // One answer, on disk when it returns; what is wrong with it changes nothing. For tests.
  Status take(const CopyPage& page);

 private:
  Follower(const store::Database& db, const chain::PublicChain& chain, CopyState state)
      : db_(db), chain_(chain), state_(std::move(state)), events_(db) {}
  Status prepare();
  Status put(const CopyRow& row);
  Status follow_event(const CopyRow& row);
  Status put(const CopyObject& object, CopyState& next);
  Status check_head(const merkle::CompactRange& tree) const;
  Status keep(const CopyState& next);
  void answered(const Reply& reply);

  const store::Database& db_;
  const chain::PublicChain& chain_;
  CopyState state_;
  WireReader reader_;
  EventIndexer events_;
  std::uint64_t not_indexed_ = 0;  // events that were told of
  std::optional<store::Query> life_, set_life_, object_, wire_, clock_, keep_;
  bool asking_ = false;
  Time asked_at_{};
  std::uint64_t ask_ = 0;
  Time now_{};
  Time due_{};
  std::uint64_t source_size_ = 0;
  bool known_ = false;  // the source answered since the start
  std::string trouble_;
  std::uint64_t pages_ = 0, failures_ = 0;
};

}  // namespace lotmark::node
