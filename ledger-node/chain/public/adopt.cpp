// Taking back what is not final for a chain of a higher term (docs/format/public.md, term).
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

namespace {

// From the first block that is not ours on; `apart` is false while all of them were ours or next.
struct Parting {
  std::vector<Signed<Block>> theirs;
  bool apart = false;
};

Result<Parting> part(const PublicChain& chain, const std::vector<Bytes>& blocks) {
  Parting out;
  std::optional<std::uint64_t> last;
  for (const auto& bytes : blocks) {
    LM_ASSIGN(auto block, lotmark::open<Block>(bytes, chain.chain_id()));
    const std::uint64_t number = block.body.number;
    if (last && number != *last + 1) return Errc::kBlockNumber;
    last = number;
    if (out.theirs.empty() && number < chain.size()) {
      LM_ASSIGN(bool held, chain.has_id(number, block.id));
      if (held) continue;
      out.apart = true;
    }
    out.theirs.push_back(std::move(block));
  }
  return out;
}

}  // namespace

Status PublicChain::adopt(const std::vector<Bytes>& blocks, Time now, Adopt why) {
  LM_ASSIGN(auto parting, part(*this, blocks));
  if (parting.theirs.empty()) return {};
  const std::uint64_t from = parting.theirs.front().body.number;
  if (parting.apart) onlooker().parted(parting.theirs);
  if (parting.apart && (is_final(from) || from < dropped_end_)) {
    return fail(Errc::kBlockFork, "block " + std::to_string(from) + " is final here");
  }
  const std::uint64_t term = parting.theirs.back().body.term;
  if (parting.apart && why == Adopt::kHigherTerm && term <= tip_.body.term) {
    return fail(Errc::kBlockFork, "another block " + std::to_string(from) + " is held, of term " +
                                      std::to_string(tip_.body.term));
  }
  LM_TRY(all_or_nothing([&]() -> Status {
    if (parting.apart) LM_TRY(take_back(from));
    for (const auto& block : parting.theirs) LM_TRY(append_opened(block, now));
    return {};
  }));
  if (parting.apart) ++taken_back_;
  return count_votes(checkpoint_ ? checkpoint_->checkpoint.size : 0);
}

Status PublicChain::take_back(std::uint64_t size) {
  LM_ASSERT(size > 0 && size <= this->size());
  LM_ASSERT(!checkpoint_ || size >= checkpoint_->checkpoint.size);
  changed_ = true;
  for (const char* table : {"once", "lot", "disclosure", "enrolled", "head", "period", "term",
                            "statement", "revocation", "recall", "once_again", "complaint",
                            "ruling", "settled", "used", "used_serial"}) {
    LM_ASSIGN(auto q, db_.prepare(std::string("DELETE FROM ") + table + " WHERE block >= ?"));
    LM_TRY(q.bind(1, size).run());
  }
  // What was dropped stays so: also where this chain began behind a cut whose block is still to come.
  LM_ASSIGN(auto cuts, db_.prepare("DELETE FROM cut WHERE block >= ? AND last >= (SELECT next FROM "
                                   "dropped)"));
  LM_TRY(cuts.bind(1, size).run());
  LM_ASSIGN(auto past, db_.prepare("INSERT OR IGNORE INTO past_vote SELECT size, term, kid, root, "
                                   "bytes FROM vote WHERE size > ?"));
  LM_TRY(past.bind(1, size).run());
  LM_ASSIGN(auto votes, db_.prepare("DELETE FROM vote WHERE size > ?"));
  LM_TRY(votes.bind(1, size).run());
  LM_ASSIGN(auto blocks, db_.prepare("DELETE FROM block WHERE number >= ?"));
  LM_TRY(blocks.bind(1, size).run());
  LM_TRY(tree_->truncate(size));
  LM_ASSIGN(auto derived, db_.prepare("UPDATE derived SET size = ?"));
  LM_TRY(derived.bind(1, size).run());
  LM_TRY(load_state());
  changed_ = true;  // not committed yet
  return {};
}

}  // namespace lotmark::chain
