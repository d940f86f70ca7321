// Who sees everything and forgets nothing: told after each event what a node holds and what was sent, it says when a
// guarantee is broken. It believes no node: trees, votes and quorums are computed again.
//
//   one chain        final prefixes of any two nodes agree, at any two moments, crashes and wiped disks included
//   no amnesia       a node that kept its disk never holds less as final than it once did
//   honest finality  what a node holds as final has a quorum of distinct supervisors' good votes, in one term
//   consistent votes a signer's votes of one term are all on one branch
//   one id a place   a signer signs one block for (term, number)
//   one primary      all blocks of a term are of one signer
//   exactly once     no application and no lot is twice in the final chain
//   no accusation    no node keeps evidence against anybody: all of them are honest
//   good receipts    the receipt of a final lot verifies from the anchor alone (check_receipts), after its body was cut too
//   retention        no node drops what its lots' retention, or the heads that later lots need, still keep
#pragma once

#include <set>

#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/evidence/evidence_store.h"
#include "tests/scenario/consortium.h"
#include "tests/sim/block_tree.h"
#include "tests/sim/journal.h"

namespace lotmark::sim {

class Witness {
 public:
  // Both must outlive it.
  Witness(const test::Consortium& consortium, Journal& journal);

  // After anything that may have changed what the node called `name` holds.
  void look(const std::string& name, const chain::PublicChain& chain);
  void look(const std::string& name, const node::EvidenceStore& evidence);
  // The node's disk was wiped: it may begin anew.
  void wiped(const std::string& name) { seen_.erase(name); }
  // A block or a vote that was sent by anybody.
  void block(ByteView bytes);
  void vote(ByteView bytes);
  // Every final lot of the chain has a receipt that verifies. `now`: true time.
  void check_receipts(const std::string& name, const chain::PublicChain& chain, Time now);

  // Cuts whose bodies some node dropped.
  std::uint64_t cuts() const { return cuts_.size(); }

  const BlockTree& tree() const { return tree_; }
  // Blocks that any node held as final, the genesis included.
  std::uint64_t final_size() const { return final_.size(); }
  // Number of the final block with that application.
  std::optional<std::uint64_t> final_block(const Digest& application) const;
  std::uint64_t highest_term() const { return highest_term_; }
  // Who signed the highest block of the highest term; nobody before the first.
  const KeyId* newest_signer() const;

 private:
  struct Seen {
    std::vector<std::size_t> places;
    std::uint64_t dropped_end = 1;
    std::uint64_t final_size = 0;
    std::uint64_t final_term = 0;
    std::size_t final_votes = 0;
  };
  void follow(const std::string& name, Seen& seen, const chain::PublicChain& chain);
  void judge(const std::string& name, Seen& seen, const chain::FinalCheckpoint& c,
             const Membership& rules);
  void extend_final(const std::string& name, std::size_t tip);
  void note_signer(const TreeBlock& block);
  void note_receipts(const chain::PublicChain& chain);
  // What the node dropped since the last look might go.
  void judge_dropped(const std::string& name, Seen& seen, const chain::PublicChain& chain);
  // Place of the chain's block `number`, its body there or not.
  Result<std::size_t> place_of(const chain::PublicChain& chain, std::uint64_t number);
  // Place of the block the vote is on; nothing, and a violation, when there is none.
  std::optional<std::size_t> resolve(const Vote& vote);
  std::string who(const KeyId& kid) const;

  const test::Consortium& consortium_;
  Journal& journal_;
  BlockTree tree_;
  std::map<std::string, Seen> seen_;
  std::vector<std::size_t> final_{0};
  std::map<Digest, std::uint64_t> final_applications_;
  std::map<std::string, std::uint64_t> final_lots_;
  std::map<std::uint64_t, Bytes> receipts_;  // of final lots, by block, as they were first given
  std::set<std::uint64_t> cuts_;             // cut blocks whose bodies some node dropped
  std::map<Bytes, std::optional<std::size_t>> votes_;             // by signature
  std::map<std::pair<KeyId, std::uint64_t>, std::size_t> voted_;  // (signer, term): the highest
  std::map<std::tuple<KeyId, std::uint64_t, std::uint64_t>, Digest> signed_;
  std::map<std::uint64_t, KeyId> primaries_;  // by term
  std::map<KeyId, Verifier> verifiers_;
  std::uint64_t highest_term_ = 0;
};

}  // namespace lotmark::sim
