// Membership statements in their order: who may sign what, from which block on (docs/format/public.md).
#pragma once

#include "core/wire/sign1.h"

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
  // An anchor file: genesis, root key, pinned statements.
  static Result<Statements> from_anchor(const Anchor& anchor);

  const Digest& chain() const { return chain_; }
  const PublicKey& root_key() const { return root_key_; }
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
  Status check(ByteView object, bool first, HeldStatement& out) const;

  Digest chain_;
  PublicKey root_key_;
  KeyId root_kid_;
  Signed<Block> genesis_;
  std::vector<HeldStatement> held_;
};

}  // namespace lotmark::proof
