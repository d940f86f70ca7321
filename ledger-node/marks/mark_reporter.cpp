#include "ledger-node/marks/mark_reporter.h"

#include <set>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/public/usages.h"
#include "ledger-node/marks/mark_rules.h"

namespace lotmark::node {

namespace {

constexpr Millis kLook{200};
constexpr Millis kAgain{10'000};       // after one was not taken
constexpr std::size_t kRead = 4096;    // marks a report is made of
constexpr std::size_t kHandedOn = 16;  // reports a look

// Of an error that another report would meet as well.
bool holds_for_all(Errc code) {
  return code == Errc::kUnavailable || code == Errc::kTooLarge || code == Errc::kDiskFull;
}

std::string lot_text(const MarkGroup& g) { return g.gtin.text + " " + g.lot.text; }

}  // namespace

std::vector<Outgoing> MarkReporter::tick(Time now) {
  if (now < look_due_) return {};
  look_due_ = now + kLook;
  const auto failed = [&](const Error& e) {
    look_due_ = now + kAgain;
    log::error("marks.not_reported", {{"error", e.message()}});
  };
  if (store_.waiting() != 0) {
    const auto made = make(now);
    if (!made) failed(made.error());
    else if (*made) look_due_ = now;  // there may be more
  }
  if (open_ != 0 && now >= bring_due_) {
    if (const Status done = bring(now); !done) failed(done.error());
  }
  if (chain_.cut_end() > 1) {
    if (const Status done = forget_cut_lots(); !done) failed(done.error());
  }
  return {};
}

// ---- making --------------------------------------------------------------------------------------

bool MarkReporter::is_own(const KeyId& agency) const {
  if (agency == signer_.kid()) return true;
  for (const auto& s : chain_.statements().held()) {
    const Member* m = s.body.find(agency);
    if (m != nullptr) return m->organisation == config_.organisation;
  }
  return false;
}

Result<std::optional<Digest>> MarkReporter::counted_before(const MarkGroup& group,
                                                           const std::string& serial) const {
  LM_ASSIGN(const auto by_mark, store_.counted(group, serial));
  if (by_mark) return by_mark;
  LM_ASSIGN(const auto uses, chain::serial_uses(chain_, group.gtin, group.lot, serial));
  for (const auto& use : uses) {
    if (use.kind == group.kind && is_own(use.agency)) return std::optional(use.report);
  }
  return std::optional<Digest>();
}

Result<Bundling> MarkReporter::bundle(const MarkGroup& group) const {
  LM_ASSIGN(const auto waiting, store_.waiting_of(group, kRead));
  Bundling out{group, {}, 0, {}, {}};
  Usage u{group.gtin, group.lot, group.kind, {}, 0, 0};
  std::set<std::string> serials;
  for (const auto& m : waiting) {
    if (m.serial && !serials.contains(*m.serial)) {
      LM_ASSIGN(const auto before, counted_before(group, *m.serial));
      if (before) {
        out.counted_before.emplace_back(m.n, *before);
        continue;
      }
    }
    const bool first = !m.serial || !serials.contains(*m.serial);
    const std::uint64_t units = first ? m.count : 0;
    const bool full = m.serial && first && serials.size() == limits::kUsageSerials;
    if (full || u.count + units > limits::kUsageUnits) break;
    if (m.serial) serials.insert(*m.serial);
    u.count += units;
    u.time = std::max(u.time, m.time);
    out.marks.push_back(m.n);
  }
  if (out.marks.empty()) return out;
  u.serials.assign(serials.begin(), serials.end());
  out.units = u.count;
  LM_ASSIGN(out.report, seal(u, signer_, chain_.chain_id()));
  return out;
}

Result<bool> MarkReporter::make(Time now) {
  std::erase_if(make_due_, [&](const auto& entry) { return entry.second <= now; });
  std::set<MarkGroup> without;
  for (const auto& [group, due] : make_due_) without.insert(group);
  LM_ASSIGN(const auto group, store_.due(now, config_.every, limits::kUsageSerials, without));
  if (!group) return false;
  const auto made = bundle(*group);
  if (!made) {  // of that lot alone, as far as anybody knows
    make_due_[*group] = now + kAgain;
    log::error("marks.group_not_reported", {{"error", made.error().message()},
                                            {"kind", name(group->kind)},
                                            {"lot", lot_text(*group)}});
    return true;
  }
  LM_TRY(store_.bundle(*made, now));
  if (!made->report) return true;
  ++open_;
  log::info("marks.reported", {{"count", made->units},
                               {"id", short_hex(made->report->id)},
                               {"kind", name(group->kind)},
                               {"lot", lot_text(*group)},
                               {"marks", made->marks.size()}});
  return true;
}

// ---- bringing ------------------------------------------------------------------------------------

// Reports that wait have their turn in the order of their rows and then from the first one on, so that one which is
// refused again and again stands in no other's way.
Status MarkReporter::bring(Time now) {
  std::erase_if(report_due_, [&](const auto& entry) { return entry.second <= now; });
  LM_ASSIGN(const auto given, store_.reports(ReportState::kGiven, 0, kOnTheWay));
  for (const auto& r : given) {
    LM_TRY(look_after(r, ReportState::kGiven, now));
    if (now < bring_due_) break;
  }
  const std::size_t room = kOnTheWay - std::min<std::size_t>(given.size(), kOnTheWay);
  LM_ASSIGN(const auto next, store_.reports(ReportState::kMade, turn_, kHandedOn));
  std::size_t handed_on = 0;
  bool all = next.size() < kHandedOn;
  for (const auto& r : next) {
    if (now < bring_due_ || handed_on >= room) {
      all = false;
      break;
    }
    turn_ = r.n;
    if (report_due_.contains(r.id)) continue;
    ++handed_on;
    LM_TRY(look_after(r, ReportState::kMade, now));
    if (now < bring_due_) turn_ = r.n - 1;  // its turn again
  }
  if (now < bring_due_) all = false;
  if (all) turn_ = 0;
  LM_ASSIGN(const auto waits, store_.count(ReportState::kMade));
  LM_ASSIGN(const auto on_the_way, store_.count(ReportState::kGiven));
  open_ = waits + on_the_way;
  return {};
}

Status MarkReporter::look_after(const MadeReport& report, ReportState state, Time now) {
  LM_ASSIGN(const auto block, chain_.block_of(report.id));
  if (block) {
    if (!chain_.is_final(*block)) return {};
    return store_.set_state(report.id, ReportState::kFinal, "", block);
  }
  const Status given = config_.submit(report.object, now);
  if (!given) return not_taken(report, state, given.error(), now);
  if (state == ReportState::kGiven && report.error.empty()) return {};
  return store_.set_state(report.id, ReportState::kGiven, "");
}

// For a while, or for good: its lot was cut first, or its signer's key is a member's no more. Not taken, a report is no
// longer on its way, where it would hold up others.
Status MarkReporter::not_taken(const MadeReport& report, ReportState before, const Error& why,
                               Time now) {
  auto state = ReportState::kMade;
  if (why.code == Errc::kUsageLotUnknown) {
    LM_ASSIGN(const bool gone, cut_for_good(chain_, report.group.gtin, report.group.lot));
    if (gone) state = ReportState::kRefused;
  }
  if (why.code == Errc::kCoseKid || why.code == Errc::kKeyRevoked) {
    LM_ASSIGN(const auto usage, open<Usage>(report.object, chain_.chain_id()));
    if (usage.kid != signer_.kid()) {
      log::warn("marks.reported_again", {{"error", why.message()}, {"id", short_hex(report.id)}});
      return store_.forget(report.id);
    }
  }
  if (holds_for_all(why.code)) bring_due_ = now + kAgain;
  else if (state != ReportState::kRefused) report_due_[report.id] = now + kAgain;
  if (report.error == why.message() && state == before) return {};
  log::warn("marks.report_refused", {{"error", why.message()},
                                     {"for_good", state == ReportState::kRefused ? "yes" : "no"},
                                     {"id", short_hex(report.id)},
                                     {"lot", lot_text(report.group)}});
  return store_.set_state(report.id, state, why.message());
}

// ---- letting go ----------------------------------------------------------------------------------

Status MarkReporter::forget_cut_lots() {
  LM_ASSIGN(const auto next, store_.lot_after(looked_at_.first, looked_at_.second));
  looked_at_ = next.value_or(std::pair<Gtin, LotNumber>{});
  if (!next) return {};
  LM_ASSIGN(const bool gone, cut_for_good(chain_, next->first, next->second));
  if (!gone) return {};
  log::info("marks.forgotten", {{"lot", next->first.text + " " + next->second.text}});
  return store_.forget_lot(next->first, next->second);
}

std::vector<std::pair<std::string, double>> MarkReporter::metrics() const {
  return {{"lotmark_mark_reports_waiting", static_cast<double>(open_)}};
}

}  // namespace lotmark::node
