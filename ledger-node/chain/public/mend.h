// Makes rows good again that ChainCheck named: from their block, their vote or their turn where that is good; else it
// says what another node has to give, which is proven before it replaces anything. No row that holds is touched.
#pragma once

#include "ledger-node/chain/public/check.h"

namespace lotmark::chain {

enum class Mended {
  kDone,
  kAskBlock,       // of the fault's number
  kAskVotes,       // on the tree that ends with the fault's block: the damaged one is gone
  kAskDisclosure,  // of the fault's block: the damaged one is gone
  kForgotten,      // what this node promised is gone: it has to recover (docs/adr/0013)
  kRebuild,        // the file is damaged
  kNothing,        // it stays as it is
};
std::string_view name(Mended outcome);

class Mend {
 public:
  // `check` outlives it, has looked at the database, and may write to it.
  explicit Mend(ChainCheck& check) : check_(check), rows_(check.rows()) {}
  // In a transaction. Whoever holds a PublicChain on this database calls its reload() afterwards.
  Result<Mended> mend(const Fault& fault);
  // Blocks another node gave for `number`: kept if ChainCheck::proves them, with the rows that follow from them.
  Status put_block(std::uint64_t number, ByteView bytes);

 private:
  Result<Mended> mend_block(const Fault& fault);
  Status mend_derived(const Fault& fault);
  Status rewrite(const DerivedTable& table, std::uint64_t number);
  Status mend_tree();
  Result<Mended> mend_vote(const Fault& fault);
  Result<Mended> mend_memory(const Fault& fault);
  Result<bool> mend_standing();
  Result<bool> mend_own_vote();
  Result<bool> mend_signing(const Cells& key);
  Status forget();

  ChainCheck& check_;
  const Rows& rows_;
};

}  // namespace lotmark::chain
