// The checks of a cut block beyond those of every block (docs/format/cut.md).
#include "ledger-node/chain/public/cut_checks.h"

#include "core/crypto/sha256.h"
#include "ledger-node/chain/public/cut_range.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

Status check_cut_range(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                       const CutAsOf& as_of) {
  if (first != chain.cut_end())
    return fail(Errc::kCutRange, "block " + std::to_string(chain.cut_end()) + " is next to be cut");
  if (last >= as_of.size || last < first || last - first >= limits::kCutBlocks)
    return fail(Errc::kCutRange, "no range of up to 65,536 blocks below the cut");
  LM_ASSIGN(auto plan, plan_cut(chain, as_of));
  if (last <= plan.last) return {};
  std::string why = "block " + std::to_string(last) + " may not go yet";
  if (plan.held_up) {
    why += ": lot " + plan.held_up->lot.text + " of " + plan.held_up->gtin.text + ", " +
           std::string(name(plan.held_up->why));
  }
  return fail(Errc::kCutRange, std::move(why));
}

// The block of a cut behind which this chain began: its bodies never were here, and the join checked it with the votes
// that made it final.
static Result<std::optional<CutContent>> joined_behind(const PublicChain& chain,
                                                       const Block& block) {
  LM_ASSIGN(const auto known, cuts(chain, block.number, 1));
  if (known.empty() || known[0].block != block.number) return std::optional<CutContent>();
  const auto& cut = std::get<CutBody>(block.body);
  CutContent out;
  out.head = known[0].head;
  out.snapshot = sha256(out.head);
  out.archive = cut.archive;
  if (out.snapshot != cut.snapshot || cut.first != known[0].first || cut.last != known[0].last)
    return fail(Errc::kCutContent, "its snapshot is not the one this chain began with");
  if (auto state = state_of(chain, block.number))
    out.state = *std::move(state);  // else in a later one's
  return std::optional(std::move(out));
}

Result<CutContent> check_cut_body(const PublicChain& chain, const Block& block,
                                  const Membership& judge) {
  const auto& cut = std::get<CutBody>(block.body);
  LM_ASSIGN(auto joined, joined_behind(chain, block));
  if (joined) {
    LM_TRY(proof::check_flags(cut, chain.chain_id(), judge));
    return *std::move(joined);
  }
  if (cut.first != chain.cut_end() || cut.last >= block.number ||
      cut.last - cut.first >= limits::kCutBlocks) {
    return fail(Errc::kCutRange, "no range of up to 65,536 blocks that begins at " +
                                     std::to_string(chain.cut_end()));
  }
  LM_TRY(proof::check_flags(cut, chain.chain_id(), judge));
  LM_TRY(check_cut_range(chain, cut.first, cut.last, {block.time, block.number}));
  LM_ASSIGN(auto content, make_cut_content(chain, cut.first, cut.last));
  if (content.archive != cut.archive) return fail(Errc::kCutContent, "its archive is another");
  if (content.snapshot != cut.snapshot) return fail(Errc::kCutContent, "its snapshot is another");
  return content;
}

}  // namespace lotmark::chain
