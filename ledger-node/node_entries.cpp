// What a node's operators put on the chain, and what its intake is told of the chain.
#include "ledger-node/capture/capture_desk.h"
#include "ledger-node/capture/period_recorder.h"
#include "ledger-node/chain/private/enterprise.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/marks/mark_desk.h"
#include "ledger-node/marks/mark_reporter.h"
#include "ledger-node/node_core.h"
#include "ledger-node/replicate/submitter.h"
#include "ledger-node/standby/copies.h"
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
  if (enterprise_ != nullptr) LM_TRY(open_period_recorder(*submitter));
  if (has(Role::kAgency)) LM_TRY(open_marks(*submitter));
  engines_.push_back(std::move(submitter));
  chain::OpeningKeys keys;
  if (opening_key_) keys.push_back(opening_key_);
  engines_.push_back(std::make_unique<TaintDesk>(
      *chain_, *evidence_, private_db_ ? &*private_db_ : nullptr, kid(), std::move(keys)));
  open_watch();
  return {};
}

// Events that join no lot's step go into records of the organisation's own.
Status NodeCore::open_period_recorder(Submitter& submitter) {
  PeriodRecorderConfig config;
  config.organisation = config_.organisation;
  config.submit = [&submitter](ByteView transaction, Time now) -> Status {
    const auto id = submitter.submit(transaction, now);
    return id ? Status() : Status(id.error());
  };
  config.resumed_at = resumed_at_;
  if (!config_.standbys.empty()) config.rows_held = [this] { return copies_->rows_held(); };
  LM_ASSIGN(auto recorder,
            PeriodRecorder::open(*private_db_, *chain_, *signer_, std::move(config)));
  engines_.push_back(std::move(recorder));
  return {};
}

// Marks of use that shops bring, and the reports of use made of them.
Status NodeCore::open_marks(Submitter& submitter) {
  LM_ASSIGN(mark_store_, MarkStore::open(config_.data_dir / "marks.db"));
  mark_store_->limit(config_.marks.signer_day);
  MarkDeskConfig desk;
  desk.agency = kid();
  desk.back = std::chrono::hours(24 * config_.marks.days_back);
  desk.with_chain = [this](const std::function<void(const chain::PublicChain&)>& ask) {
    const std::lock_guard guard(lock_);
    ask(*chain_);
  };
  marks_ = std::make_unique<MarkDesk>(*mark_store_, chain_->chain_id(), std::move(desk));
  MarkReporterConfig config;
  config.every = std::chrono::seconds(config_.marks.report_s);
  config.organisation = config_.organisation;
  config.submit = [&submitter](ByteView report, Time now) -> Status {
    const auto id = submitter.submit(report, now);
    return id ? Status() : Status(id.error());
  };
  engines_.push_back(
      std::make_unique<MarkReporter>(*mark_store_, *chain_, *signer_, std::move(config)));
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
