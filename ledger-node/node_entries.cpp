// What a node's operators put on the chain, and what its intake is told of the chain.
#include "ledger-node/chain/private/enterprise.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/node_core.h"
#include "ledger-node/replicate/submitter.h"
#include "ledger-node/taint/taint_desk.h"

namespace lotmark::node {

// Where this node orders itself, what it submits goes to its own door.
Status NodeCore::open_submitter() {
  const auto own_door = [this](const Route& route, const Call& call, Time now) {
    const Member* self = chain_->member(kid());
    std::optional<Reply> reply;
    for (auto e = engines_.begin(); self != nullptr && e != engines_.end() && !reply; ++e)
      reply = (*e)->peer(route, call, *self, now);
    return reply;
  };
  LM_ASSIGN(auto submitter, Submitter::open(
                                config_.data_dir / "submissions.db", *chain_, *signer_,
                                [this] { return primary(); }, own_door));
  engines_.push_back(std::move(submitter));
  engines_.push_back(std::make_unique<TaintDesk>(*chain_, *evidence_,
                                                 private_db_ ? &*private_db_ : nullptr, kid()));
  open_watch();
  return {};
}

// The intake log works on another thread: it gets copies when the chain or its final part grew.
void NodeCore::share_with_intake() {
  if (!intake_) return;
  const auto& c = chain_->checkpoint();
  const std::pair now{chain_->tip().id, c ? c->checkpoint.size : 0};
  if (now != shared_ || enterprise_->stops() + stops_ != judged_) judge_intake();
  if (now == shared_) return;
  const auto all = chain::all_revoked(*chain_);
  if (!all) return;  // told again at the next tick: better late than without a revocation
  shared_ = now;
  std::set<KeyId> revoked;
  for (const auto& r : *all) {
    if (r.as_of(chain_->size())) revoked.insert(r.kid);
  }
  intake_->update(chain_->all_enrolled(), c ? std::optional(c->checkpoint) : std::nullopt, revoked);
}

}  // namespace lotmark::node
