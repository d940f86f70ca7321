#include "core/proof/block_run.h"

#include <fmt/format.h>

#include "core/proof/block_votes.h"

namespace lotmark::proof {

Status BlockRun::start(ByteView anchor) {
  LM_ASSIGN(const auto read, read_anchor(anchor));
  LM_ASSIGN(own, Statements::from_anchor(read));
  statements = &*own;
  return {};
}

Status BlockRun::follow(const std::vector<Bytes>& later) {
  std::optional<std::uint64_t> last_seen;
  for (const auto& s : later) {
    Status done = own->append_or_match(s, last_seen);
    chain_differs = done.code() == Errc::kCoseChain;
    LM_TRY(done);
  }
  return {};
}

Status BlockRun::open(ByteView object, BlockKind kind) {
  auto opened = open_receipt_block(object, chain());
  chain_differs = opened.code() == Errc::kCoseChain;
  LM_ASSIGN(block, std::move(opened));
  if (body().kind != kind) return Errc::kBlockKind;
  LM_ASSIGN(judge, judge_of_block(block->block, *statements));
  return {};
}

Status BlockRun::check_votes() {
  LM_ASSIGN(vote_judge, check_block_votes(block->block, block->votes, *statements));
  return {};
}

Status BlockRun::check_quorum(std::optional<Finality>& finality, std::string& why) const {
  const Finality f = finality_of(block->votes.size(), vote_judge != nullptr ? *vote_judge : *judge);
  finality = f;
  why = fmt::format("{} votes, quorum {}", f.votes, f.quorum);
  return f.votes >= f.quorum ? Errc::kOk : Errc::kQuorum;
}

}  // namespace lotmark::proof
