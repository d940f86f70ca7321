#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

static constexpr std::int64_t kVoteAheadMs = 120'000;

Status PublicChain::add_vote(ByteView bytes, std::optional<Time> now) {
  LM_ASSIGN(auto vote, read_vote(bytes, chain_id(), false));
  const auto& c = vote.claims;
  if (c.size > size())
    return fail(Errc::kNeedSeq, "the vote is on a larger tree than this node has");
  if (c.size < 2) return fail(Errc::kVoteSize, "the genesis alone is not voted on");
  const Membership* judge = statements_.of_size(c.size);
  if (judge == nullptr || judge->epoch != c.epoch) return Errc::kVoteEpoch;
  const Member* m = judge->find(vote.kid);
  if (m == nullptr || !m->has(Role::kSupervising)) return Errc::kVoteSigner;
  if (c.term > tip_.body.term)
    return fail(Errc::kVoteTerm, "no block opened term " + std::to_string(c.term));
  if (now && c.seconds > static_cast<std::uint64_t>(to_ms(*now) + kVoteAheadMs) / 1000)
    return fail(Errc::kVoteTime, "the vote is more than 120 s ahead");
  LM_ASSIGN(const Digest root, root_at(c.size));
  if (!verify_once(m->public_key, vote.id(root), vote.signature)) return Errc::kCoseSignature;
  if (c.size - 1 < dropped_end_) return {};  // final long since, and what it was on is cut
  LM_ASSIGN(auto block_bytes, block(c.size - 1));
  LM_ASSIGN(auto last, lotmark::open<Block>(block_bytes, chain_id()));
  if (c.term < last.body.term) return Errc::kVoteTerm;
  if (c.seconds < last.body.time / 1000) return Errc::kVoteTime;
  LM_ASSIGN(auto q,
            db_.prepare(
                "INSERT OR IGNORE INTO vote(size, term, kid, root, bytes) VALUES(?, ?, ?, ?, ?)"));
  q.bind(1, c.size).bind(2, c.term).bind(3, vote.kid).bind(4, root).bind(5, bytes);
  LM_TRY(noted(q.run()));
  if (checkpoint_ && c.size < checkpoint_->checkpoint.size) return {};
  return count_votes(c.size);
}

// Looks for a quorum at `size` and above (0: everywhere from the present checkpoint on).
Status PublicChain::count_votes(std::uint64_t size) {
  const std::uint64_t from = std::max(size, checkpoint_ ? checkpoint_->checkpoint.size : 0);
  LM_ASSIGN(auto best, newest_checkpoint(from, this->size()));
  if (best) checkpoint_ = std::move(best);
  return {};
}

Result<std::optional<FinalCheckpoint>> PublicChain::newest_checkpoint(std::uint64_t from,
                                                                      std::uint64_t upto) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT size, term, root, bytes FROM vote WHERE size >= ? AND "
                                "size <= ? ORDER BY size DESC, term DESC, kid DESC"));
  q.bind(1, from).bind(2, upto);
  FinalCheckpoint best;
  const auto complete = [&]() {
    if (best.votes.empty()) return false;
    const Membership* m = statements_.of_size(best.checkpoint.size);
    return m != nullptr && best.votes.size() >= m->quorum;
  };
  while (true) {
    LM_ASSIGN(bool row, q.step());
    const bool same = row && q.u64(0) == best.checkpoint.size && q.u64(1) == best.term;
    if (!same && complete()) break;
    if (!row) return std::optional<FinalCheckpoint>();
    LM_ASSIGN(auto vote, read_vote(q.blob(3), chain_id(), false));
    if (!same) {
      LM_ASSIGN(auto ours, root_at(q.u64(0)));
      best = {{q.u64(0), ours}, vote.claims.epoch, q.u64(1), {}};
    }
    LM_ASSIGN(auto root, q.fixed<Digest>(2));
    if (root == best.checkpoint.root) best.votes.push_back(std::move(vote));
  }
  std::reverse(best.votes.begin(), best.votes.end());
  return std::optional(std::move(best));
}

Result<std::optional<FinalCheckpoint>> PublicChain::shown_checkpoint(std::uint64_t number) const {
  for (const std::uint64_t epoch : statements_.rolled_at()) {
    const auto first = statements_.first_of(epoch);
    if (!first || number >= *first) continue;
    LM_ASSIGN(auto before, newest_checkpoint(number + 1, *first));
    if (before) return before;
  }
  return checkpoint_;
}

Result<std::vector<Bytes>> PublicChain::votes_on(std::uint64_t number) const {
  std::vector<Bytes> votes;
  if (!is_final(number)) return votes;
  LM_ASSIGN(auto c, shown_checkpoint(number));
  LM_ASSIGN(auto path, tree_->inclusion(number, c->checkpoint.size));
  const InclusionProof proof{c->checkpoint.size, number, std::move(path)};
  for (const auto& v : c->votes) votes.push_back(with_proof(v, proof));
  return votes;
}

Result<std::vector<PublicChain::KnownVote>> PublicChain::votes_of(const KeyId& voter,
                                                                  std::uint64_t term) const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT root, bytes, size FROM vote WHERE kid = ?1 AND term = ?2 UNION "
                        "SELECT root, bytes, size FROM past_vote WHERE kid = ?1 AND term = ?2 "
                        "ORDER BY size DESC LIMIT 64"));
  q.bind(1, voter).bind(2, term);
  std::vector<KnownVote> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto root, q.fixed<Digest>(0));
    LM_ASSIGN(auto vote, read_vote(q.blob(1), chain_id(), false));
    out.push_back({std::move(vote), root});
  }
}

Result<std::vector<std::pair<KeyId, std::uint64_t>>> PublicChain::past_voters(
    std::uint64_t term) const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT DISTINCT kid, term FROM past_vote WHERE term >= ? LIMIT 1000"));
  q.bind(1, term);
  std::vector<std::pair<KeyId, std::uint64_t>> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto kid, q.fixed<KeyId>(0));
    out.emplace_back(kid, q.u64(1));
  }
}

Result<std::vector<Bytes>> PublicChain::votes(std::uint64_t from_size) const {
  const std::uint64_t from = std::max(from_size, checkpoint_ ? checkpoint_->checkpoint.size : 0);
  LM_ASSIGN(
      auto q,
      db_.prepare("SELECT bytes FROM vote WHERE size >= ? ORDER BY size, term, kid LIMIT 1000"));
  q.bind(1, from);
  std::vector<Bytes> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    out.push_back(to_bytes(q.blob(0)));
  }
  return out;
}

}  // namespace lotmark::chain
