// Recognises dishonesty in what others show this node: keeps the files, asks who showed a vote that fits no root here
// for its blocks, and says who is proven to have forked. It accuses nobody by itself: EvidenceStore::keep judges.
#pragma once

#include <set>

#include "ledger-node/evidence/evidence_store.h"
#include "ledger-node/evidence/promise_watch.h"
#include "ledger-node/evidence/turn_watch.h"
#include "ledger-node/evidence/vote_watch.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class Witness final : public Engine, public chain::Onlooker {
 public:
  // All outlive it. The chain is to be told to watch().
  Witness(chain::PublicChain& chain, EvidenceStore& store, const KeyId& self);

  void parted(const std::vector<Signed<Block>>& theirs) override;
  void voted(ByteView vote, const KeyId& from, const Status& added) override;
  void turned(const Signed<Turn>& turn) override;
  void forked(ByteView transaction, ByteView other) override;
  void promised(const Signed<Promise>& promise, ByteView object,
                const Digest& application) override;
  // Wires of one device that contradict each other, as an intake kept them.
  void forked_device(ByteView wire, ByteView other);
  std::optional<std::string> block_forker(const KeyId& kid) const override;

  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  struct Inquiry {
    bool wanted = false;
    Time due{};
    std::uint64_t from = 1;
  };
  // Makes and keeps a file of two objects, unless these two were looked at before.
  using Make = Result<Bytes> (*)(ByteView, ByteView, std::vector<Bytes>);
  void accuse(Make make, ByteView a, ByteView b);
  bool is_new(ByteView a, ByteView b);  // asks once
  void keep(const Result<Bytes>& file);
  void compare(const Signed<Block>& theirs);
  void remember_ours(std::uint64_t from);
  void note_taken_back();
  void inquire(const KeyId& from, std::uint64_t vote_size);
  void answered(const Reply& reply);
  void look_at_promises(Time now);

  chain::PublicChain& chain_;
  EvidenceStore& store_;
  KeyId self_;
  Branches branches_;
  VoteWatch votes_;
  TurnWatch turns_;
  PromiseWatch promises_;
  std::set<Digest> looked_at_;  // pairs
  std::map<KeyId, Inquiry> inquiries_;
  std::optional<Branch> ours_;  // as it was when blocks of others were shown last
  std::uint64_t taken_back_ = 0;
  bool votes_due_ = true;
  Time now_{};
  Time judge_due_{};
  Time promises_due_{};
  PromiseWatch::Counts promises_now_;  // as of the last look
  std::uint64_t promises_unmet_ = 0;   // since the start, of which a file was made
};

}  // namespace lotmark::node
