// Releases, refusals, revocations and recalls that were promised and are not final yet: on disk before the promise
// leaves (order.db).
#pragma once

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::node {

struct Pooled {
  std::uint64_t n = 0;  // in the order they came
  Digest inner;         // the application's id; of a revocation or recall its own
  BlockKind kind = BlockKind::kLot;
  Bytes object;
};

class Pool {
 public:
  // Of one signer: promised and not on the chain yet. More is unavailable until some are.
  static constexpr std::uint64_t kOfOneSigner = 1000;

  // `chain` and `signer` must outlive it.
  static Result<Pool> open(const std::filesystem::path& file, chain::PublicChain& chain,
                           const Signer& signer);

  // Checks a submission as the chain will check it, keeps it, and gives the promise that it will be on the chain
  // by `deadline` (ms); the same submission gets the same promise. conflict while another decision on the
  // application, or another release of the lot, is promised; list-duplicate once it is decided.
  Result<Bytes> take(ByteView object, const Member& from, std::uint64_t deadline);
  // In the order they came, at most `limit`.
  Result<std::vector<Pooled>> waiting(std::size_t limit) const;
  Status forget(std::uint64_t n);
  Result<std::uint64_t> size() const;
  std::uint64_t turned_away() const { return turned_away_; }  // for want of room, since the start
  // Whether the body may be the next block's now.
  Status fits(const Pooled& p) const;
  // order.db, of which others have tables too (period_pool.h).
  const store::Database& database() const { return db_; }

  // An operator's delegation to this node, until its term is open.
  Result<std::optional<Bytes>> delegation() const;
  Status set_delegation(const std::optional<Bytes>& delegation);

 private:
  Pool(store::Database db, chain::PublicChain& chain, const Signer& signer)
      : db_(std::move(db)), chain_(&chain), signer_(&signer) {}
  bool is_of(const KeyId& kid, const Member& from) const;
  Result<std::optional<Bytes>> promised(const Digest& inner, const Digest& object) const;

  Status has_room(const KeyId& kid);

  store::Database db_;
  std::uint64_t turned_away_ = 0;
  chain::PublicChain* chain_;
  const Signer* signer_;
};

}  // namespace lotmark::node
