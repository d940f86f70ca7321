// How the next membership statement gets onto the chain (docs/adr/0016). Every supervisory node has a desk. Its
// operators approve a draft; with a quorum's approval one of them asks the primary to let the order stand still; the root key signs the
// statement at that place, by hand; then each node whose operators approved adds its own member's signature by
// itself, and the primary orders the block. What was overtaken by another block needs the root key anew, nobody else.
#pragma once

#include "core/proof/proposal.h"
#include "ledger-node/order/statement_store.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class StatementDesk final : public Engine {
 public:
  // `chain` and `signer` must outlive it. `delegated`: the role of primary moves by delegation alone.
  static Result<std::unique_ptr<StatementDesk>> open(const std::filesystem::path& file,
                                                     chain::PublicChain& chain,
                                                     const Signer& signer, bool delegated);

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

  // For the primary. holds: nothing new is promised or ordered but what was promised before.
  bool holds(Time now) const;
  // The change takes the role from who has it now, and could not be ordered by it: another one must.
  bool must_hand_over(Time now) const;
  // Told each tick: that this node orders, holds, and has nothing left to order.
  void stands_still(bool still) { still_ = still; }
  // The statement to order as the next block, once it has the signatures it needs.
  std::optional<Bytes> next(Time now) const;

 private:
  struct Line {
    Time approvals_due{};
    Time hold_due{};
    Time statement_due{};
  };
  struct Place {
    std::uint64_t first = 0;
    Digest root;
  };

  StatementDesk(StatementStore store, chain::PublicChain& chain, const Signer& signer,
                bool delegated)
      : store_(std::move(store)), chain_(chain), signer_(signer), delegated_(delegated) {}

  Status load();
  const proof::Statements& held() const { return chain_.statements(); }
  bool supervises(const KeyId& kid) const;
  bool all_final() const;

  // Drafts.
  Result<Digest> approve(ByteView draft);
  Status take_approvals(ByteView body, const KeyId& from);
  const Approval* draft(const Digest& change) const;
  bool approved_by(const Digest& change, const KeyId& kid) const;
  std::uint64_t approvals_of(const Digest& change) const;

  // The hold.
  std::optional<Hold> in_force(Time now) const;
  bool keeps_holder(const Digest& change) const;
  Status ask_hold(const Digest& change, std::uint64_t seconds, Time now);
  Result<Reply> take_hold(ByteView body, Time now);
  std::optional<Place> place(Time now) const;

  // The statement.
  Status take_statement(ByteView object, Time now);
  bool at_place() const;
  Result<Bytes> own_signature() const;
  void sign_and_tidy(Time now);
  void gathered(const Reply& reply);

  void tell(const KeyId& to, Line& line, Time now, std::vector<Outgoing>& out);
  std::string status_json(Time now) const;
  std::string draft_json(const Approval& approval) const;

  StatementStore store_;
  chain::PublicChain& chain_;
  const Signer& signer_;
  bool delegated_;
  std::vector<Approval> approvals_;  // as in the store
  std::optional<Hold> hold_;
  std::optional<proof::PartlySigned> statement_;  // signatures that came since are in memory alone
  Time statement_until_{};                        // so long the order waits for members to sign it
  bool still_ = false;
  std::optional<Digest> holder_root_;  // the primary says that it stands still on this tree
  std::map<KeyId, Line> lines_;
  std::string why_not_;  // why this node does not sign the statement
};

}  // namespace lotmark::node
