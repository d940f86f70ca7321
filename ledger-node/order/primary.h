// The primary: takes releases, refusals and heads, promises, and orders them into signed blocks. Every supervisory
// node has one; it orders while its key holds the present term, and takes the next term when the role comes to it:
// by an operator's delegation, or by the ordering engine's lease (docs/adr/0005, 0013); while the engine takes nothing,
// by turns alone (docs/adr/0021). What it signs for (term, number) is on disk before it signs; after a crash the same
// bytes leave again. primary_role.cpp: how the role comes and goes; primary_engine.cpp: the engine;
// primary_order.cpp: blocks.
#pragma once

#include "ledger-node/order/block_source.h"
#include "ledger-node/order/engine_line.h"
#include "ledger-node/order/period.h"
#include "ledger-node/order/period_pool.h"
#include "ledger-node/order/pool.h"
#include "ledger-node/order/statement_desk.h"
#include "ledger-node/order/takeover.h"
#include "ledger-node/order/turns.h"

namespace lotmark::node {

struct PrimaryConfig {
  Millis period{};             // between period blocks
  Millis promise{30000};       // by when a submission is promised to be on the chain
  std::optional<KeyId> first;  // who orders in term 0; nobody where an engine holds the lease
  // Whether that member answered calls of this node within the last seconds; unset: nobody knows.
  std::function<bool(const KeyId&)> heard = {};
  std::function<bool()> may_sign = [] { return true; };  // nothing is signed while it says no
};

class Primary final : public Engine {
 public:
  // `chain`, `signer` and `turns` must outlive it. Pending submissions are kept in `file` (order.db). Without
  // `engine` this node's own database is the order, and the role moves by delegation.
  static Result<std::unique_ptr<Primary>> open(const std::filesystem::path& file,
                                               chain::PublicChain& chain, const Signer& signer,
                                               const TurnGiver& turns, const PrimaryConfig& config,
                                               std::unique_ptr<OrderLog> engine = nullptr);

  // Asks this one too for blocks to order; it must outlive the primary's use.
  void listen_to(BlockSource& source) { sources_.push_back(&source); }
  // From then on membership statements are ordered as `desk` says, which must outlive it.
  void serve(StatementDesk& desk) { desk_ = &desk; }

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  Primary(Pool pool, chain::PublicChain& chain, const Signer& signer, const TurnGiver& turns,
          const PrimaryConfig& config);

  // The role.
  bool may_sign() const { return config_.may_sign(); }
  bool is_holder() const;   // the present term is this node's
  bool holds_term() const;  // and it may sign in it
  bool must_reopen(Time now) const;
  void watch_progress(Time now);
  bool leads(Time now) const;  // and it may order now
  bool shares_clock(Time now) const;
  void watch_clock(Time now);
  std::uint64_t next_term(Time now) const;  // above everything this node knows of
  void use_delegation(Time now);
  void take_up(std::uint64_t term, std::optional<Bytes> delegation, Time now);
  void go_on_taking_over(Time now, std::vector<Outgoing>& out);
  Status open_term(Time now);
  Status take_delegation(ByteView object, Time now);
  // What was promised here and waits while another node orders goes there.
  void forward(Time now, std::vector<Outgoing>& out);

  // The engine.
  void use_engine(Time now);
  void look_at_engine(bool good, Time now);
  // With an engine: its lease is held in `term` and its log is read, or the order does without it.
  bool may_use_order(std::uint64_t term, Time now) const;
  bool primary_is_there(Time now) const;
  void leave_engine();
  void return_to_engine(Time now);
  void refill();
  bool waits_for_engine() const { return engine_ && !without_engine_ && engine_->placing(); }

  // Ordering.
  Block next_block(BlockKind kind, BlockBody body, Time now) const;
  // Reserves, signs and stores; then the block is placed and appended. Its body has passed the chain's own checks.
  Status order(const Block& block, Time now);
  Status place(Bytes block, Time now);
  Status finish_reserved(Time now);
  Status order_pending(Time now);
  Status order_period(Time now);
  Status order_offered(Time now);
  Status order_statement(Time now);
  Status order_due(Time now);

  // What comes by a door: heads, submissions with a promise, objects for a period block.
  Result<Bytes> take(const std::string& door, const Call& call, const Member& from, Time now);

  Pool pool_;
  PeriodPool period_pool_;
  chain::PublicChain& chain_;
  const Signer& signer_;
  const TurnGiver& turns_;
  StatementDesk* desk_ = nullptr;
  PrimaryConfig config_;
  PeriodCollector period_;
  std::optional<EngineLine> engine_;
  std::vector<BlockSource*> sources_;
  unsigned rank_ = 0;  // among supervisory members
  std::shared_ptr<Takeover> takeover_;
  bool alone_ = false;  // takeover_ goes on without a lease
  bool without_engine_ =
      false;  // this node orders and the engine takes nothing: it is given blocks afterwards
  Time alone_due_{};
  std::uint64_t seen_term_ = 0;    // members were found bound to it
  std::uint64_t not_begun_ = 0;    // takeovers
  bool not_begun_told_ = false;    // since one was
  std::uint64_t refilled_ = 0;     // founds() of the engine at the last refill
  std::uint64_t refill_next_ = 0;  // block to put back next; 0: none
  Digest pool_seen_{};             // the chain's tip when the pool was last gone through
  bool pool_new_ = true;
  bool waits_for_votes_ = false;
  Time forward_due_{};
  struct Progress {
    std::uint64_t final_size = 0;
    std::uint64_t term = 0;
    Time at;
  };
  std::pair<std::uint64_t, std::uint64_t> sizes_;  // of the chain and of its final part
  Time moved_{};                                   // when one of them was seen to change
  std::optional<Time> alone_since_;                // by a clock that nobody is seen to share
  std::optional<Progress> progress_;  // what waits for a quorum while this node holds the term
  std::uint64_t refused_ = 0;
  std::uint64_t ordered_ = 0;
  std::uint64_t takeovers_ = 0;
};

}  // namespace lotmark::node
