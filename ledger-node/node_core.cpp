#include "ledger-node/node_core.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/archive/archive_keeper.h"
#include "ledger-node/capture/capture_desk.h"
#include "ledger-node/chain/private/enterprise.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/public/rebuild.h"
#include "ledger-node/command/command_desk.h"
#include "ledger-node/cut/cut_engine.h"
#include "ledger-node/evidence/exchange.h"
#include "ledger-node/intake/birth_log.h"
#include "ledger-node/join/joiner.h"
#include "ledger-node/keep/disclosure_fetch.h"
#include "ledger-node/keep/keeper.h"
#include "ledger-node/marks/mark_desk.h"
#include "ledger-node/order/primary.h"
#include "ledger-node/order/supervisor.h"
#include "ledger-node/replicate/head_sender.h"
#include "ledger-node/replicate/recovery.h"
#include "ledger-node/replicate/replica.h"
#include "ledger-node/review/reviewer.h"
#include "ledger-node/standby/copies.h"
#include "ledger-node/stores.h"
#include "ledger-node/subscribe/subscription_desk.h"
#include "ledger-node/vote/voter.h"
#include "ledger-node/watch/alarms.h"
#include "ledger-node/watch/capacity.h"

namespace lotmark::node {

namespace {

Result<Bytes> read_small_file(const std::filesystem::path& file, std::size_t max) {
  std::FILE* f = std::fopen(file.c_str(), "rb");
  if (f == nullptr) return system_error("cannot read " + file.string());
  Bytes out(max + 1);
  out.resize(std::fread(out.data(), 1, out.size(), f));
  std::fclose(f);
  if (out.size() > max) return fail(Errc::kTooLarge, file.string() + " is too large");
  return out;
}

Millis shortest_period(const Membership& statement) {
  std::optional<std::uint64_t> s;
  for (const auto& p : statement.programmes) s = std::min(s.value_or(p.period_s), p.period_s);
  return std::chrono::seconds(s.value_or(60));
}

}  // namespace

NodeCore::NodeCore(const NodeConfig& config, std::unique_ptr<Signer> signer)
    : config_(config), signer_(std::move(signer)) {}

NodeCore::~NodeCore() = default;

bool NodeCore::has(Role role) const {
  const Member* m = chain_->member(kid());
  return m != nullptr && m->has(role);
}

Result<std::unique_ptr<NodeCore>> NodeCore::open(const NodeConfig& config,
                                                 std::unique_ptr<Signer> signer, Time started,
                                                 std::unique_ptr<OrderLog> order) {
  LM_ASSIGN(auto anchor, read_small_file(config.anchor, 1u << 20));
  std::error_code ec;
  std::filesystem::create_directories(config.data_dir, ec);
  if (ec) return fail(Errc::kIo, "cannot make " + config.data_dir.string() + ": " + ec.message());
  std::unique_ptr<NodeCore> core(new NodeCore(config, std::move(signer)));
  LM_ASSIGN(core->chain_, open_chain(config, anchor, started));
  LM_TRY(config.standby ? core->check_standby() : core->check_membership());
  core->made_ = core->made_for();
  core->gate_.emplace(core->chain_->chain_id(), core->kid(), started);
  LM_TRY(core->check_stores());
  LM_TRY(core->open_evidence());
  LM_TRY(core->open_keeper());
  if (config.standby) {
    LM_TRY(core->open_standby());
    LM_TRY(core->note_stores());
    return core;
  }
  LM_TRY(core->open_roles(std::move(order)));
  LM_TRY(core->note_stores());
  LM_TRY(core->look_back());
  core->look_at_newest();
  core->share_with_intake();
  return core;
}

// A standby's key is nobody's; that of the node it copies is a member's of its own organisation.
Status NodeCore::check_standby() const {
  const Member* source = chain_->member(config_.standby->kid);
  if (source == nullptr)
    return fail(Errc::kConfig, "standby.kid " + to_hex(config_.standby->kid) + " is no member's");
  if (chain_->member(kid()) != nullptr)
    return fail(Errc::kConfig, "node.key is a member's: a standby has a key of its own");
  if (source->organisation == config_.organisation) return {};
  return fail(Errc::kConfig, "node.organisation is " + config_.organisation +
                                 ", the statement says " + source->organisation);
}

// A key that is no member's (any more) follows the chain without a role, where the configuration says so or a statement
// before gave it one.
Status NodeCore::check_membership() const {
  const Member* self = chain_->member(kid());
  if (self != nullptr) {
    if (self->organisation == config_.organisation) return {};
    return fail(Errc::kConfig, "node.organisation is " + config_.organisation +
                                   ", the statement says " + self->organisation);
  }
  bool was = false;
  for (const auto& s : chain_->statements().held()) was = was || s.body.find(kid()) != nullptr;
  if (!was && !config_.follow) {
    return fail(Errc::kConfig, "this node's key " + to_hex(kid()) +
                                   " is no member's; node.follow = true lets it follow the chain "
                                   "until a statement makes it one");
  }
  log::warn("node.no_member", {{"kid", to_hex(kid())},
                               {"epoch", chain_->statements().newest().epoch},
                               {"was_one", was ? "yes" : "no"}});
  return {};
}

NodeCore::Made NodeCore::made_for() const {
  const Member* self = chain_->member(kid());
  return {self != nullptr ? self->roles : std::vector<Role>{},
          shortest_period(chain_->statements().newest())};
}

bool NodeCore::must_reopen() const {
  const std::lock_guard guard(lock_);
  return made_for() != made_;
}

Result<chain::PublicChain> NodeCore::open_chain(const NodeConfig& config, ByteView anchor,
                                                Time now) {
  const auto file = config.data_dir / "chain.db";
  LM_TRY(chain::finish_rebuild(file));
  if (!chain::rebuild_asked(file)) {
    auto opened = chain::PublicChain::open(file, anchor);
    if (opened || opened.code() != Errc::kCorrupt) return opened;
    log::error("keep.not_opened", {{"file", file.string()}, {"error", opened.error().message()}});
  }
  LM_ASSIGN(auto rebuilt, chain::rebuild_chain(file, anchor, now));
  log::warn("keep.rebuilt", {{"aside", rebuilt.aside.string()},
                             {"blocks", rebuilt.blocks},
                             {"disclosures", rebuilt.disclosures},
                             {"memory", rebuilt.memory ? "kept" : "forgotten"}});
  return chain::PublicChain::open(file, anchor);
}

Status NodeCore::open_keeper() {
  KeeperOptions options;
  options.every = std::chrono::seconds(config_.chain_check_s);
  options.file = config_.data_dir / "chain.db";
  LM_ASSIGN(auto keeper, Keeper::open(*chain_, kid(), options, [this] {
              if (recovery_ != nullptr) recovery_->begin_again();
            }));
  keeper_ = keeper.get();
  engines_.push_back(std::move(keeper));
  return {};
}

std::optional<KeyId> NodeCore::primary() const {
  if (const KeyId* holder = chain_->holder()) return *holder;
  return config_.primary;
}

// A standby's copy may begin anew: it copies all of it again.
std::vector<std::string_view> NodeCore::own_stores() const {
  std::vector<std::string_view> out{"evidence.db"};
  if (config_.standby) return out;
  out.push_back("submissions.db");
  if (has(Role::kSupervising)) out.insert(out.end(), {"order.db", "statements.db"});
  if (has(Role::kKeeping) || has(Role::kReviewing)) out.push_back("private.db");
  if (has(Role::kAgency)) out.push_back("marks.db");
  return out;
}

Status NodeCore::check_stores() const {
  for (const auto name : own_stores()) LM_TRY(check_store(*chain_, config_.data_dir, name));
  return {};
}

Status NodeCore::note_stores() const {
  for (const auto name : own_stores()) LM_TRY(note_store(*chain_, name));
  return {};
}

Status NodeCore::open_evidence() {
  LM_ASSIGN(evidence_, EvidenceStore::open(config_.data_dir, chain_->anchor_bytes()));
  auto witness = std::make_unique<Witness>(*chain_, *evidence_, kid());
  witness_ = witness.get();
  chain_->watch(*witness);
  engines_.push_back(std::move(witness));
  if (!config_.standby)
    engines_.push_back(std::make_unique<EvidenceExchange>(*chain_, *evidence_, kid()));
  return {};
}

// A node may end between keeping two objects and making a file of them.
Status NodeCore::look_back() {
  if (!private_db_) return {};
  LM_ASSIGN(auto q, private_db_->prepare(
                        "SELECT kind, first, second FROM evidence ORDER BY n DESC LIMIT 1000"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    if (q.text(0) == "transaction-fork") witness_->forked(q.blob(1), q.blob(2));
    else witness_->forked_device(q.blob(1), q.blob(2));
  }
}

Status NodeCore::open_roles(std::unique_ptr<OrderLog> order) {
  auto replica = std::make_unique<Replica>(
      *chain_, kid(), [this] { return primary(); }, Millis{config_.poll_ms});
  const Replica& others = *replica;
  replica_ = replica.get();
  auto joiner = std::make_unique<Joiner>(*chain_, config_.data_dir / "join");
  replica->when_behind([joiner = joiner.get()](const KeyId& source) { joiner->behind(source); });
  engines_.push_back(std::move(replica));
  engines_.push_back(std::move(joiner));
  auto cut = std::make_unique<CutEngine>(
      *chain_, *signer_,
      CutConfig{std::chrono::seconds(config_.cut_every_s), has(Role::kSupervising)});
  cut_ = cut.get();
  engines_.push_back(std::move(cut));
  LM_ASSIGN(auto folder, ArchiveFolder::open(config_.data_dir / "archive"));
  auto archives = std::make_unique<ArchiveKeeper>(*chain_, std::move(folder), kid());
  keep_bodies(*archives);
  engines_.push_back(std::move(archives));
  if (has(Role::kSupervising)) LM_TRY(open_supervisor(std::move(order), others));
  if (has(Role::kKeeping) || has(Role::kReviewing)) LM_TRY(open_private_roles());
  return open_submitter();
}

void NodeCore::open_watch() {
  AlarmConfig alarms;
  alarms.finality = std::chrono::seconds(config_.limits.finality_s);
  alarms.period = shortest_period(chain_->statements().newest());
  auto watch = std::make_unique<Alarms>(*chain_, alarms);
  alarms_ = watch.get();
  engines_.push_back(std::move(watch));
  std::vector<CapacityLimit> limits;
  if (has(Role::kSupervising) || has(Role::kReviewing)) {
    for (const auto& e : config_.capacity) limits.push_back({e.organisation, e.lots, e.period_s});
  }
  const bool reviews = private_db_ && has(Role::kReviewing);
  auto capacity = std::make_unique<Capacity>(*chain_, kid(), std::move(limits),
                                             reviews ? &*private_db_ : nullptr);
  capacity_ = capacity.get();
  engines_.push_back(std::move(capacity));
}

// In the order in which a tick should go: what was ordered is voted on in the same one.
Status NodeCore::open_supervisor(std::unique_ptr<OrderLog> order, const Replica& others) {
  LM_ASSIGN(auto recovery, Recovery::open(*chain_, *signer_));
  recovery_ = recovery.get();
  engines_.push_back(std::move(recovery));
  const auto may_sign = [recovery = recovery_] { return recovery->done(); };
  auto turns = std::make_unique<TurnGiver>(*chain_, *signer_, order == nullptr, may_sign);
  PrimaryConfig config;
  config.period = shortest_period(chain_->statements().newest());
  if (order == nullptr && config_.ordering != "local")
    return fail(Errc::kConfig,
                "order.servers: a supervising node that orders by jetstream needs them");
  if (order == nullptr) config.first = config_.primary;
  config.may_sign = may_sign;
  config.heard = [&others](const KeyId& member) { return others.heard(member); };
  const bool delegated = order == nullptr;
  LM_ASSIGN(auto desk,
            StatementDesk::open(config_.data_dir / "statements.db", *chain_, *signer_, delegated));
  LM_ASSIGN(auto primary, Primary::open(config_.data_dir / "order.db", *chain_, *signer_, *turns,
                                        config, std::move(order)));
  primary->listen_to(*cut_);
  primary->serve(*desk);
  engines_.push_back(std::move(desk));
  engines_.push_back(std::move(turns));
  engines_.push_back(std::move(primary));
  engines_.push_back(std::make_unique<Voter>(*chain_, *signer_, may_sign));
  engines_.push_back(std::make_unique<Supervisor>(*chain_));
  engines_.push_back(std::make_unique<DisclosureFetch>(*chain_, kid()));
  return {};
}

Status NodeCore::open_private_roles() {
  const Millis pause =
      std::max<Millis>(Millis{200}, shortest_period(chain_->statements().newest()) / 4);
  const auto primary_now = [this] { return primary(); };
  const auto file = config_.data_dir / "private.db";
  LM_ASSIGN(private_db_, chain::open_private(file));
  LM_TRY(check_own_rows());
  LM_TRY(load_sealing_keys());
  LM_ASSIGN(received_, chain::ReceivedLog::open(*private_db_, *signer_, chain_->chain_id()));
  if (has(Role::kKeeping)) {
    LM_TRY(open_enterprise(file));
    engines_.push_back(std::make_unique<CommandDesk>(*chain_, *signer_, config_.organisation));
    engines_.push_back(
        std::make_unique<HeadSender>(*chain_, *signer_, primary_now, LogKind::kIntake, pause,
                                     [this](std::uint64_t prior, Time now) {
                                       return intake_->head(prior, now, copies_->objects_held());
                                     }));
  } else {
    ReviewerConfig review;
    review.organisation = config_.organisation;
    review.primary = primary_now;
    review.lines = config_.lines;
    review.second_every = config_.second_every;
    for (const auto& e : config_.calibration) review.calibration[e.channel] = {e.days, e.refuse};
    review.open_lots = config_.limits.open_lots;
    review.opening_days = config_.limits.opening_days;
    review.opening_key = opening_key_;
    LM_ASSIGN(auto reviewer, Reviewer::open(*private_db_, *signer_, *chain_, *received_, review));
    engines_.push_back(std::move(reviewer));
    engines_.push_back(std::make_unique<HeadSender>(
        *chain_, *signer_, primary_now, LogKind::kReceived, pause,
        [this](std::uint64_t prior, Time now) {
          return chain::make_head(LogKind::kReceived, received_->tree(),
                                  std::min(prior, received_->size()), now);
        }));
  }
  return {};
}

void NodeCore::keep_bodies(BodyKeeper& keeper) { cut_->keep_for(keeper); }

void NodeCore::share_with_witness() {
  if (!intake_) return;
  for (const auto& [wire, other] : intake_->take_contradictions())
    witness_->forked_device(wire, other);
}

void NodeCore::count(const std::string& metric) { ++counters_[metric]; }

Status NodeCore::databases_answer() const {
  const std::lock_guard guard(lock_);
  LM_TRY(chain_->answers());
  LM_TRY(keeper_->healthy());
  LM_ASSIGN(auto files, evidence_->database().prepare("SELECT n FROM file LIMIT 1"));
  LM_TRY(files.run());
  if (!private_db_) return {};
  LM_ASSIGN(auto q, private_db_->prepare("SELECT idx FROM received ORDER BY idx DESC LIMIT 1"));
  return q.run();
}

std::vector<Outgoing> NodeCore::tick(Time now) {
  const std::lock_guard guard(lock_);
  share_with_witness();
  std::vector<Outgoing> all;
  for (const auto& e : engines_) {
    for (auto& o : e->tick(now)) all.push_back(std::move(o));
  }
  share_with_intake();
  return all;
}

void NodeCore::complete(const Outgoing& call, const Reply& reply) {
  const std::lock_guard guard(lock_);
  if (call.done) call.done(reply);
  share_with_intake();
}

Result<std::string> NodeCore::authorize(const KeyId& callee, const Call& call, Time now) const {
  return make_authorization(*signer_, chain_->chain_id(), callee, call, now);
}

}  // namespace lotmark::node
