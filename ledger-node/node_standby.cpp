// A node and its standbys: what waits until they hold it, what a node does whose rows came out of a copy, and the
// standby itself. docs/adr/0019.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/capture/capture_desk.h"
#include "ledger-node/chain/private/enterprise.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/private/sealing_rules.h"
#include "ledger-node/cut/cut_engine.h"
#include "ledger-node/intake/birth_log.h"
#include "ledger-node/node_core.h"
#include "ledger-node/replicate/replica.h"
#include "ledger-node/standby/copies.h"
#include "ledger-node/standby/follower.h"
#include "ledger-node/standby/held_wait.h"
#include "ledger-node/subscribe/subscription_desk.h"

namespace lotmark::node {

// The folder must be this node's own, or one that was promoted.
Status NodeCore::check_own_rows() {
  LM_ASSIGN(auto copy, read_copy_state(*private_db_));
  if (copy)
    return fail(Errc::kConfig,
                "node.data_dir holds a standby's copy: `lotmark standby promote` "
                "makes it a node's own");
  LM_ASSIGN(auto q, private_db_->prepare("SELECT at FROM resumed"));
  LM_ASSIGN(const bool resumed, q.step());
  if (resumed) resumed_at_ = q.u64(0);
  return {};
}

// Of an enterprise the readers too; without [sealing] its segments are kept as they always were.
Status NodeCore::load_sealing_keys() {
  if (!config_.sealing) {
    if (has(Role::kKeeping)) log::warn("sealing.off");
    return {};
  }
  LM_ASSIGN(opening_key_, load_opening_key(*config_.sealing, kid()));
  if (has(Role::kKeeping)) {
    LM_ASSIGN(sealing_, load_sealing(*config_.sealing, opening_key_));
    for (const auto& r : sealing_->readers) {
      const Status reads = chain::check_reads_only(*chain_, r.key.kid);
      if (!reads)
        return fail(Errc::kConfig, "sealing.readers " + r.name + ": " + reads.error().message());
    }
  }
  log::info("sealing.on",
            {{"kid", to_hex(opening_key_->kid())}, {"readers", config_.sealing->readers.size()}});
  return {};
}

Status NodeCore::open_enterprise(const std::filesystem::path& file) {
  LM_ASSIGN(intake_, IntakeLog::open(file, *signer_, chain_->chain_id(),
                                     {config_.organisation, config_.bundle_s}));
  std::vector<StandbyKey> keys;
  for (const auto& s : config_.standbys) keys.push_back({s.name, s.key, key_id(s.key)});
  auto copies = std::make_unique<Copies>(*private_db_, *intake_, keys);
  copies_ = copies.get();
  engines_.push_back(std::move(copies));
  EnterpriseConfig config;
  config.organisation = config_.organisation;
  config.lines = config_.lines;
  if (!keys.empty()) config.rows_held = [this] { return copies_->rows_held(); };
  config.resumed = resumed_at_.has_value();
  LM_ASSIGN(auto births, BirthLog::open(config_.data_dir / "births.db"));
  births_ = std::make_unique<BirthLog>(std::move(births));
  config.births = births_.get();
  config.sealing = sealing_;
  LM_ASSIGN(auto enterprise,
            Enterprise::open(*private_db_, *signer_, *chain_, *intake_, *received_, config));
  enterprise_ = enterprise.get();
  engines_.push_back(std::move(enterprise));
  return open_capture(file, !keys.empty());
}

// Whoever captures hears of it once it cannot be lost any more.
Status NodeCore::open_capture(const std::filesystem::path& file, bool has_standbys) {
  CaptureDesk::Held held;
  if (has_standbys) {
    rewraps_held_ = std::make_shared<HeldWait>(*copies_);
    held = [wait = std::make_shared<HeldWait>(*copies_)](std::uint64_t moved, int most) {
      return wait->held(moved, most);
    };
  }
  LM_ASSIGN(capture_, CaptureDesk::open(file, std::move(held)));
  LM_ASSIGN(auto allowed, AllowedDestinations::read(config_.webhooks_allow));
  LM_ASSIGN(subscriptions_, SubscriptionDesk::open(file, std::move(allowed)));
  return {};
}

void NodeCore::set_capture_clock(const Clock& clock) {
  if (capture_) capture_->set_clock(clock);
}

SubscriptionStore* NodeCore::subscriptions_store() const {
  return subscriptions_ ? &subscriptions_->store() : nullptr;
}

AccessStore* NodeCore::access_store() const { return capture_ ? &capture_->accesses() : nullptr; }

std::function<std::uint64_t()> NodeCore::rows_held() const {
  if (copies_ == nullptr || config_.standbys.empty()) return {};
  return [copies = copies_] { return copies->rows_held(); };
}

Status NodeCore::open_standby() {
  LM_ASSIGN(private_db_, chain::open_private(config_.data_dir / "private.db"));
  auto replica = std::make_unique<Replica>(
      *chain_, kid(), [this] { return primary(); }, Millis{config_.poll_ms});
  replica->ask_only(config_.standby->kid);
  engines_.push_back(std::move(replica));
  auto cut = std::make_unique<CutEngine>(
      *chain_, *signer_, CutConfig{std::chrono::seconds(config_.cut_every_s), false});
  cut_ = cut.get();
  engines_.push_back(std::move(cut));
  LM_ASSIGN(auto follower, Follower::open(*private_db_, *chain_, config_.standby->kid));
  engines_.push_back(std::move(follower));
  return {};
}

// A head once logged binds: whoever goes on from another log could never log again, and what comes in now would
// take the places of the rows that are to be restored.
void NodeCore::judge_intake() {
  std::string whole;
  judged_ = enterprise_->stops() + stops_;
  const auto logged = chain_->logged_head(kid(), LogKind::kIntake);
  if (!intake_->damage().empty()) {
    whole = intake_->damage() + "; `lotmark restore` brings it back";
  } else if (resumed_at_ && chain_->tip().body.time <= *resumed_at_) {
    whole = "these rows came out of a copy: waiting for a block that is newer";
  } else if (logged && logged->size > intake_->size()) {
    whole = fmt::format(
        "intake rows {} to {} are missing: the chain logged them in block {}; "
        "`lotmark restore` brings them back",
        intake_->size(), logged->size - 1, logged->block);
  } else if (logged && intake_->root_at(logged->size) != logged->root) {
    whole = fmt::format(
        "the first {} intake rows are not the ones the chain logged in block {}; "
        "`lotmark audit` names the row",
        logged->size, logged->block);
  }
  std::map<std::string, std::string> topics;
  for (const KeyId& kid : enterprise_->stopped_devices()) {
    if (const auto* e = chain_->enrolled(kid))
      topics[bus::to_string({e->organisation, e->name, "bundle"})] = "its batch is stopped";
  }
  for (const auto& [kid, why] : stopped_devices_) {
    if (const auto* e = chain_->enrolled(kid))
      topics[bus::to_string({e->organisation, e->name, "bundle"})] = why;
  }
  gate_intake_.set(whole, topics);
}

// ---- damage ---------------------------------------------------------------------------------

void NodeCore::stop_device(const KeyId& device, const std::string& why) {
  if (!enterprise_ || !stopped_devices_.emplace(device, why).second) return;
  ++stops_;
  enterprise_->stop_using(device, why);
}

void NodeCore::look_at_newest() {
  if (!intake_) return;
  for (const auto& d : intake_->newest_damage()) {
    log::error("private.damaged", {{"fault", d.what}});
    stop_device(d.device, d.what);
  }
}

void NodeCore::damaged_row(const chain::AuditFault& f) {
  const std::string line = chain::to_line(f);
  log::error("private.damaged", {{"fault", line}});
  if (!enterprise_) return;
  // Slots that passed while nobody was there are made up for once the reviewers have been asked.
  const bool late = resumed_at_ && f.error == Errc::kTransactionCount;
  if (!f.lot.empty() && !late) enterprise_->stop(f.lot, line);
  if (f.table != "intake" || !f.row) return;
  auto q = private_db_->prepare(
      "SELECT l.device FROM intake i JOIN life l ON l.n = i.life WHERE i.idx = ?");
  if (!q) return;
  const auto row = q->bind(1, *f.row).step();
  const auto device = row && *row ? KeyId::from(q->blob(0)) : std::nullopt;
  if (device) stop_device(*device, line);
}

void NodeCore::private_checked(const Result<chain::AuditReport>& report, bool anew, Time now) {
  const std::lock_guard guard(lock_);
  if (!report) {
    count("lotmark_private_checks_failed_total");
    log::error("private.not_checked", {{"error", report.error().message()}});
    return;
  }
  count("lotmark_private_checks_total");
  counters_["lotmark_private_checked_seconds"] = static_cast<std::uint64_t>(to_ms(now) / 1000);
  counters_["lotmark_private_faults"] = report->faults.size() + report->more;
  for (const auto& f : report->faults) damaged_row(f);
  if (enterprise_ != nullptr && anew && chain::names_its_lots(*report))
    enterprise_->looked_at_all();
  if (intake_) judge_intake();
  log::info("private.checked", {{"faults", report->faults.size() + report->more},
                                {"bundles", report->bundles},
                                {"records", report->records}});
}

// ---- answers that wait ----------------------------------------------------------------------

void NodeCore::hold_arrivals(std::vector<Publication>& out) {
  if (copies_ == nullptr || config_.standbys.empty()) return;
  std::uint64_t rows = 0;
  {
    const std::lock_guard guard(lock_);
    rows = copies_->top();
  }
  hold(out, rows, 0);
}

void NodeCore::hold(std::vector<Publication>& out, std::uint64_t rows, std::uint64_t objects) {
  if (rows <= copies_->rows_held() && objects <= copies_->objects_held()) return;
  const std::lock_guard guard(held_lock_);
  for (auto& p : out) {
    std::string topic = p.topic;
    held_[std::move(topic)] = {rows, objects, std::move(p)};
  }
  out.clear();
  holding_ = true;
}

std::vector<Publication> NodeCore::released() {
  std::vector<Publication> out;
  if (!holding_) return out;
  const std::uint64_t rows = copies_->rows_held();
  const std::uint64_t objects = copies_->objects_held();
  const std::lock_guard guard(held_lock_);
  std::erase_if(held_, [&](auto& each) {
    if (each.second.rows > rows || each.second.objects > objects) return false;
    out.push_back(std::move(each.second.answer));
    return true;
  });
  holding_ = !held_.empty();
  return out;
}

}  // namespace lotmark::node
