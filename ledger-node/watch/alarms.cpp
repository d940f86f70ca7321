#include "ledger-node/watch/alarms.h"

#include <fmt/format.h>

#include <set>

#include "core/base/log.h"

namespace lotmark::node {

namespace {
constexpr Millis kLook{1000};
constexpr const char* kAll[] = {"chain-stands", "finality-lags", "quorum-lost"};
}  // namespace

std::vector<Outgoing> Alarms::tick(Time now) {
  if (now < due_) return {};
  due_ = now + kLook;
  look(now);
  return {};
}

void Alarms::look(Time now) {
  const bool first = size_ == 0;
  if (chain_.size() != size_ || first) grew_ = now;
  if (chain_.final_size() != final_ || chain_.final_size() >= chain_.size()) unfinal_.reset();
  if (chain_.final_size() < chain_.size() && !unfinal_) unfinal_ = now;
  if (chain_.size() > size_) count_missing_heads();
  size_ = chain_.size();
  final_ = chain_.final_size();
  // The genesis block alone waits for nobody.
  const bool lags = size_ > 1 && unfinal_ && now - *unfinal_ > config_.finality;
  const std::size_t heard = lags ? voters_heard() : 0;
  const std::uint64_t quorum = chain_.statements().newest().quorum;
  const auto patience = std::max<Millis>(3 * config_.period, config_.finality);
  set("chain-stands", now - grew_ > patience,
      fmt::format("no block for {} s", (now - grew_).count() / 1000));
  set("finality-lags", lags,
      fmt::format("{} blocks wait for a quorum, the oldest for {} s", size_ - final_,
                  lags ? (now - *unfinal_).count() / 1000 : 0));
  set("quorum-lost", lags && heard < quorum,
      fmt::format("{} supervisory nodes vote, {} are needed", heard, quorum));
}

// Who voted for anything that is not final yet.
std::size_t Alarms::voters_heard() const {
  std::set<KeyId> heard;
  const auto votes = chain_.votes(chain_.final_size() + 1);
  if (!votes) return 0;
  for (const auto& bytes : *votes) {
    if (const auto vote = read_vote(bytes, chain_.chain_id(), false)) heard.insert(vote->kid);
  }
  return heard.size();
}

// A line when it is raised and one when it is over: a filter need not count.
void Alarms::set(const std::string& alarm, bool holds, const std::string& why) {
  const auto at = raised_.find(alarm);
  if (holds && at == raised_.end()) {
    log::error("alarm.raised", {{"alarm", alarm}, {"why", why}});
    ++raised_total_[alarm];
  }
  if (!holds && at != raised_.end()) {
    log::info("alarm.over", {{"alarm", alarm}});
    raised_.erase(at);
  }
  if (holds) raised_[alarm] = why;
}

// Members whose log no period block of the last ones logged.
void Alarms::count_missing_heads() {
  const std::uint64_t from = std::max(periods_seen_ + 1, size_ == 0 ? chain_.size() : size_);
  for (std::uint64_t n = from; n < chain_.size(); ++n) {
    const auto bytes = chain_.block(n);
    if (!bytes) return;
    const auto block = lotmark::open<Block>(*bytes, chain_.chain_id());
    periods_seen_ = n;
    if (!block || block->body.kind != BlockKind::kPeriod) continue;
    for (const auto& kid : std::get<PeriodBody>(block->body.body).missing) {
      const Member* m = chain_.member(kid);
      if (m != nullptr) ++heads_late_[m->organisation];
    }
  }
}

std::vector<std::pair<std::string, double>> Alarms::metrics() const {
  std::vector<std::pair<std::string, double>> out;
  for (const char* alarm : kAll) {
    out.emplace_back(fmt::format("lotmark_alarm{{alarm=\"{}\"}}", alarm),
                     raised_.contains(alarm) ? 1 : 0);
    const auto total = raised_total_.find(alarm);
    out.emplace_back(fmt::format("lotmark_alarms_total{{alarm=\"{}\"}}", alarm),
                     total == raised_total_.end() ? 0 : static_cast<double>(total->second));
  }
  for (const auto& [organisation, n] : heads_late_) {
    out.emplace_back(
        fmt::format("lotmark_heads_missing_total{{organisation=\"{}\"}}", organisation),
        static_cast<double>(n));
  }
  return out;
}

}  // namespace lotmark::node
