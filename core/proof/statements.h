// Membership statements in their order: who may sign what, from which block on (docs/format/public.md).
#pragma once

#include "core/wire/rollover.h"

namespace lotmark::proof {

// A statement that was checked against the one before it.
struct HeldStatement {
  Membership body;
  Digest identity;  // SHA-256 of its payload
  Bytes object;     // as it came
};

// The statements of one consortium, from the genesis on. Each is checked before it is held.
class Statements {
 public:
  // Genesis block opened and checked, statement 0 held. genesis, cose-signature, or the statement's errors.
  static Result<Statements> from_genesis(ByteView genesis_block, const PublicKey& root_key);
  // An anchor file: genesis, root key and the links from it on, pinned statements.
  static Result<Statements> from_anchor(const Anchor& anchor);
  // The same without the pinned statements.
  static Result<Statements> from_roots(const Anchor& anchor);

  // Follows links from one root key to the next (docs/format/membership.md); those that were followed may come again.
  // Nothing changes on an error: rollover-signer, rollover-fork, rollover-first, cose-signature, or the object's own.
  Status follow(const std::vector<ObjectBytes>& links);

  const Digest& chain() const { return chain_; }
  // The genesis block's.
  const PublicKey& root_key() const { return roots_.front().key; }
  // Whose signature a statement of `epoch` carries.
  const PublicKey& root_key_of(std::uint64_t epoch) const { return root_of(epoch).key; }
  // The epochs from which on another root key signs.
  std::vector<std::uint64_t> rolled_at() const;
  const Signed<Block>& genesis() const { return genesis_; }
  const std::vector<HeldStatement>& held() const { return held_; }
  const Membership& newest() const { return held_.back().body; }

  // The next statement, all nine steps. Nothing changes on an error.
  Status append(ByteView object);
  // As append, but a statement already held may come again with the same payload (receipts overlap a newer
  // anchor); `last_seen` is the epoch of the one before in that list.
  Status append_or_match(ByteView object, std::optional<std::uint64_t>& last_seen);

  // The statement of block `number`, and of votes on a tree of `size`. Null when none is held that covers it.
  const Membership* of_block(std::uint64_t number) const;
  const Membership* of_epoch(std::uint64_t epoch) const;
  const Membership* of_size(std::uint64_t size) const;
  std::optional<std::uint64_t> first_of(std::uint64_t epoch) const;

 private:
  struct Root {
    PublicKey key;
    KeyId kid;
    std::uint64_t from = 0;  // epoch
    Signed<Rollover> link;   // that leads to it; of the first none
  };
  const Root& root_of(std::uint64_t epoch) const;
  Status check(ByteView object, bool first, HeldStatement& out) const;
  Status check_forks(const std::vector<Signed<Rollover>>& links) const;
  Status take_link(const Signed<Rollover>& link);

  Digest chain_;
  std::vector<Root> roots_;
  Signed<Block> genesis_;
  std::vector<HeldStatement> held_;
};

}  // namespace lotmark::proof
