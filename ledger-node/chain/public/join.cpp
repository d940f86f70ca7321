#include "ledger-node/chain/public/join.h"

#include "core/crypto/sha256.h"
#include "core/proof/archived.h"
#include "core/proof/block_votes.h"
#include "ledger-node/chain/public/cut_content.h"
#include "ledger-node/chain/public/cut_store.h"
#include "ledger-node/chain/public/recalls.h"
#include "ledger-node/chain/public/revocations.h"

namespace lotmark::chain {

namespace {

Status wrong(std::string text) { return fail(Errc::kCutContent, std::move(text)); }

Result<proof::Statements> statements_of(const PublicChain& chain, const JoinOffer& offer) {
  LM_ASSIGN(const auto anchor, read_anchor(chain.anchor_bytes()));
  LM_ASSIGN(auto held, proof::Statements::from_anchor(anchor));
  std::optional<std::uint64_t> last_seen;
  for (const auto& s : offer.statements) LM_TRY(held.append_or_match(s, last_seen));
  return held;
}

// The root that the votes on a block signed.
Result<Checkpoint> voted_root(const ReceiptBlock& block, const proof::Statements& held) {
  LM_ASSIGN(const Membership* judge, proof::check_block_votes(block.block, block.votes, held));
  if (judge == nullptr || block.votes.size() < judge->quorum)
    return fail(Errc::kQuorum, "the cut that was offered is not final");
  LM_ASSIGN(const auto vote, read_vote(block.votes.front(), held.chain(), true));
  LM_ASSIGN(const auto p, decode<InclusionProof>(*vote.proof));
  LM_ASSIGN(const Digest root, merkle::fold_inclusion(merkle::leaf_hash(block.block.id.view()),
                                                      p.index, p.size, p.path));
  return Checkpoint{p.size, root};
}

// Heads of all cuts, each beginning where the one before ended, the last the one that the block names.
Status check_heads(const CutBody& cut, const JoinOffer& offer, JoinPoint& out) {
  std::uint64_t next = 1;
  for (const auto& bytes : offer.heads) {
    LM_ASSIGN(auto head, read_snapshot(bytes));
    if (head.first != next) return wrong("the cuts that were offered have holes");
    next = head.last + 1;
    out.cuts.push_back(std::move(head));
  }
  if (out.cuts.empty() || sha256(offer.heads.back()) != cut.snapshot || out.last() != cut.last ||
      out.cuts.back().first != cut.first)
    return wrong("the snapshot that was offered is not the cut's");
  out.heads = offer.heads;
  return {};
}

}  // namespace

Result<JoinPoint> check_offer(const PublicChain& chain, const JoinOffer& offer) {
  JoinPoint out;
  LM_ASSIGN(out.statements, statements_of(chain, offer));
  const proof::Statements& held = out.statements;
  LM_ASSIGN(const auto block, open_receipt_block(offer.cut_block, held.chain()));
  const Block& b = block.block.body;
  if (b.kind != BlockKind::kCut) return Errc::kBlockKind;
  LM_ASSIGN(const Membership* judge, proof::judge_of_block(block.block, held));
  const auto& cut = std::get<CutBody>(b.body);
  if (cut.last >= b.number) return Errc::kCutRange;
  LM_TRY(proof::check_flags(cut, held.chain(), *judge));
  out.cut_block = b.number;
  LM_ASSIGN(out.voted, voted_root(block, held));
  LM_TRY(check_heads(cut, offer, out));
  if (sha256(offer.state) != out.cuts.back().state)
    return wrong("the state that was offered is not the cut's").error();
  LM_ASSIGN(out.state, read_state(offer.state));
  if (out.state.last != out.last()) return wrong("the state is of another block").error();
  out.state_bytes = offer.state;
  return out;
}

// The checks and rows of one installation, within the chain's transaction.
class Installer {
 public:
  Installer(PublicChain& chain, const JoinPoint& point, JoinParts& parts)
      : chain_(chain), point_(point), parts_(parts) {}

  Status check_leaves() {
    merkle::CompactRange tree;
    for (std::uint64_t n = 0; n < point_.voted.size; ++n) {
      if (n == chain_.final_size() && n > 0) LM_TRY(same_history(n, tree.root()));
      LM_ASSIGN(const Digest leaf, parts_.leaf(n));
      tree.append(leaf);
    }
    if (tree.root() != point_.voted.root) return fail(Errc::kTreePath, "leaves not those voted on");
    LM_ASSIGN(const Digest last, parts_.leaf(point_.last()));
    if (last != merkle::leaf_hash(point_.cuts.back().block.view()))
      return wrong("the last block cut is not the snapshot's");
    return {};
  }

  Status write() {
    LM_TRY(chain_.forget_all());
    LM_TRY(take_kept());
    LM_TRY(take_state());
    for (const auto& cut : point_.cuts) LM_TRY(take_tombstones(cut));
    LM_TRY(take_cut(point_.cut_block, point_.cuts.size() - 1, &point_.state_bytes));
    for (std::uint64_t n = 1; n <= point_.last(); ++n) {
      LM_ASSIGN(const Digest leaf, parts_.leaf(n));
      LM_TRY(chain_.tree_->append(leaf));
    }
    for (const char* sql : {"UPDATE derived SET size = ?", "UPDATE dropped SET next = ?"}) {
      LM_ASSIGN(auto q, chain_.db_.prepare(sql));
      LM_TRY(q.bind(1, point_.last() + 1).run());
    }
    return chain_.load_state();
  }

 private:
  Status same_history(std::uint64_t size, const Digest& theirs) const {
    LM_ASSIGN(const Digest ours, chain_.root_at(size));
    return ours == theirs ? Status() : fail(Errc::kBlockFork, "what is final here is another");
  }

  Status take_kept() {
    std::uint64_t next = 1;
    while (true) {
      LM_ASSIGN(const auto bytes, parts_.next_kept());
      if (!bytes) break;
      LM_ASSIGN(const auto block, lotmark::open<Block>(*bytes, chain_.chain_id()));
      const Block& b = block.body;
      if (b.number < next || b.number >= point_.cut_block || loses_body(b.kind))
        return wrong("block " + std::to_string(b.number) + " may not stand among the kept ones");
      next = b.number + 1;
      LM_ASSIGN(const Digest leaf, parts_.leaf(b.number));
      if (leaf != merkle::leaf_hash(block.id.view()))
        return wrong("kept block " + std::to_string(b.number) + " is not the one voted on");
      LM_ASSIGN(const Membership* judge, proof::judge_of_block(block, point_.statements));
      (void)judge;  // no id covers the signature
      if (b.number >
          point_.last()) {  // it comes again; now it says where its cut's tombstones belong
        if (b.kind == BlockKind::kCut) LM_TRY(take_earlier_cut(b));
        continue;
      }
      LM_TRY(chain_.store_block(block));
      LM_TRY(take_body(block));
    }
    const bool whole = statements_ == point_.state.statements.size() &&
                       revocations_ == point_.state.revocations.size() &&
                       cuts_ + 1 >= point_.cuts.size();
    LM_ASSIGN(const auto recalls, open_recalls(chain_));
    const bool recalled = std::ranges::equal(recalls, point_.state.recalls, {}, &OpenRecall::block,
                                             &StateObject::block);
    return whole && recalled ? Status() : wrong("kept blocks are missing");
  }

  Status take_body(const Signed<Block>& block) {
    const Block& b = block.body;
    if (b.kind == BlockKind::kRecall) return take_recall(chain_.db_, block, chain_.chain_id());
    if (b.kind == BlockKind::kRevocation) {
      ++revocations_;
      return take_revocation(chain_.db_, block, chain_.chain_id());
    }
    if (b.kind == BlockKind::kMembership) {
      ++statements_;
      LM_ASSIGN(auto q, chain_.db_.prepare("INSERT INTO statement(epoch, object, block) "
                                           "VALUES(?, ?, ?)"));
      q.bind(1, b.epoch).bind(2, std::get<ObjectBytes>(b.body).bytes).bind(3, b.number);
      return q.run();
    }
    return b.kind == BlockKind::kCut ? take_earlier_cut(b) : Status();
  }

  Status take_earlier_cut(const Block& b) {
    const auto& cut = std::get<CutBody>(b.body);
    if (cuts_ >= point_.cuts.size() || sha256(point_.heads[cuts_]) != cut.snapshot)
      return wrong("a cut's snapshot is another");
    return take_cut(b.number, cuts_++, nullptr);
  }

  Status take_cut(std::uint64_t block, std::size_t at, const Bytes* state) {
    const SnapshotHead& head = point_.cuts[at];
    numbers_[head.first] = block;
    LM_ASSIGN(auto q, chain_.db_.prepare("INSERT OR IGNORE INTO cut(block, first, last, head, "
                                         "state) VALUES(?, ?, ?, ?, ?)"));
    q.bind(1, block).bind(2, head.first).bind(3, head.last).bind(4, point_.heads[at]);
    if (state != nullptr) q.bind(5, *state);
    return q.run();
  }

  Status take_state() {
    const CutState& s = point_.state;
    LM_ASSIGN(auto e, chain_.db_.prepare("INSERT INTO enrolled(kid, key, kind, name, organisation, "
                                         "enroller, block, predecessor) "
                                         "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
    for (const auto& o : s.enrolments) {
      LM_ASSIGN(const auto enrolment, lotmark::open<Enrolment>(o.object.bytes, chain_.chain_id()));
      const Enrolment& x = enrolment.body;
      e.bind(1, key_id(x.public_key)).bind(2, x.public_key).bind(3, static_cast<int>(x.kind));
      e.bind(4, x.name).bind(5, x.organisation).bind(6, enrolment.kid).bind(7, o.block);
      LM_TRY(e.bind(8, x.predecessor).run());
    }
    LM_ASSIGN(auto h, chain_.db_.prepare("INSERT INTO head(kid, log, block, size, root, time) "
                                         "VALUES(?, ?, ?, ?, ?, ?)"));
    for (const auto& x : s.heads) {
      h.bind(1, x.kid).bind(2, static_cast<int>(x.log)).bind(3, x.block).bind(4, x.size);
      LM_TRY(h.bind(5, x.root).bind(6, x.time).run());
    }
    LM_ASSIGN(auto t, chain_.db_.prepare("INSERT INTO term(term, kid, block) VALUES(?, ?, ?)"));
    for (const auto& x : s.terms) LM_TRY(t.bind(1, x.term).bind(2, x.kid).bind(3, x.block).run());
    if (!s.period) return {};
    LM_ASSIGN(auto p, chain_.db_.prepare("INSERT INTO period(number, block, time) "
                                         "VALUES(?, ?, ?)"));
    return p.bind(1, s.period->number).bind(2, s.period->block).bind(3, s.period->time).run();
  }

  Status take_tombstones(const SnapshotHead& cut) {
    LM_ASSIGN(const auto list, parts_.tombstones(cut));
    if (tombstone_root(list) != cut.tombstones) return wrong("tombstones are not the cut's");
    const auto known = numbers_.find(cut.first);
    const std::uint64_t number = known == numbers_.end() ? point_.cut_block : known->second;
    LM_ASSIGN(auto q, chain_.db_.prepare("INSERT INTO tombstone(cut, key, block, day) "
                                         "VALUES(?, ?, ?, ?)"));
    for (const auto& t : list) {
      q.bind(1, number).bind(2, t.key).bind(3, t.block).bind(4, day_number(t.expires));
      LM_TRY(q.run());
    }
    return {};
  }

  PublicChain& chain_;
  const JoinPoint& point_;
  JoinParts& parts_;
  std::size_t statements_ = 0;
  std::size_t revocations_ = 0;
  std::size_t cuts_ = 0;
  std::map<std::uint64_t, std::uint64_t> numbers_;  // first of a cut -> its block
};

// What stands here gives way; votes are kept as those on blocks that were taken back.
Status PublicChain::forget_all() {
  checkpoint_.reset();
  LM_ASSIGN(auto q, db_.prepare("UPDATE dropped SET next = 1, votes = 0"));
  LM_TRY(q.run());
  LM_TRY(db_.exec("DELETE FROM tombstone"));
  return take_back(1);
}

// The block of that number was cut here before its successor came: its id is all that is known.
Status PublicChain::stand_on_cut(std::uint64_t number) {
  LM_ASSIGN(const auto cut, cut_of(*this, number));
  if (!cut || cut->last != number)
    return fail(Errc::kCorrupt, "stored block " + std::to_string(number) + " is gone");
  LM_ASSIGN(const auto head, read_snapshot(cut->head));
  tip_ = Signed<Block>{};
  tip_.id = head.block;
  tip_.body.number = number;
  tip_.body.epoch = statements_.newest().epoch;
  if (!term_signer_.empty()) tip_.body.term = term_signer_.rbegin()->first;
  tip_.body.time = last_period_time_.value_or(0);
  return {};
}

Status install(PublicChain& chain, const JoinPoint& point, JoinParts& parts) {
  if (chain.size() > point.last() + 1)
    return fail(Errc::kConflict, "this chain is beyond the cut already");
  Installer installer(chain, point, parts);
  LM_TRY(installer.check_leaves());
  return chain.all_or_nothing([&] { return installer.write(); });
}

}  // namespace lotmark::chain
