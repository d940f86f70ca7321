// What the agent shows who watches it, once a second.
#include <sys/timex.h>

#include "core/base/log.h"
#include "edge-agent/agent.h"
#include "edge-agent/check/calibration.h"
#include "edge-agent/tls/certificate.h"

namespace lotmark::agent {

namespace {

using Steady = std::chrono::steady_clock;
constexpr auto kShowEvery = std::chrono::seconds(1);
constexpr auto kReadEvery = std::chrono::hours(1);

double seconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

const char* text(ClockState state) {
  switch (state) {
    case ClockState::kSynchronised: return "synchronised";
    case ClockState::kFreeRunning: return "free-running";
    default: return "unset";
  }
}

// The kernel's own bound; it grows while nobody disciplines the clock.
double clock_error_seconds() {
  timex t{};
  return ::adjtimex(&t) < 0 ? 0 : static_cast<double>(t.maxerror) / 1e6;
}

}  // namespace

void Agent::read_certificates(Steady::time_point now) {
  certificates_at_ = now + kReadEvery;
  certificates_until_.clear();
  const auto note = [this](const std::string& broker, const std::string& file) {
    if (file.empty()) return;
    if (const auto c = read_certificate_file(file)) certificates_until_[broker] = to_ms(c->to);
  };
  note("devices", config_.broker.cert);
  if (config_.consortium) note("consortium", config_.consortium->cert);
  if (config_.alarm_broker && !config_.alarm_broker->cert.empty())
    note("alarms", config_.alarm_broker->cert);
}

void Agent::show_figures() {
  const auto now = Steady::now();
  board_.turned(now);
  if (now < figures_at_) return;
  figures_at_ = now + kShowEvery;
  if (now >= certificates_at_) read_certificates(now);
  board_.set(figures(now));
}

Figures Agent::figures(Steady::time_point now) {
  Figures f;
  count_up();
  const auto& c = counts_;
  f.counters = {{"readings", c.readings},
                {"readings_refused", c.readings_refused + owners_.refused()},
                {"late_dropped", bundler_.dropped()},
                {"bad_records", c.bad_records},
                {"bundles", c.bundles},
                {"gaps", c.gaps_sealed},
                {"sent", sent_before_ + uplink_->sent()},
                {"resent", resent_before_ + uplink_->resends()},
                {"acks", c.acks},
                {"answers_refused", c.answers_refused},
                {"bundles_refused", c.refused},
                {"commit_errors", c.commit_errors},
                {"stalls", c.stalls},
                {"clock_steps", c.clock_steps},
                {"rejected", rejected_.kept()},
                {"commands", c.commands},
                {"commands_refused", c.commands_refused},
                {"starts", c.starts},
                {"alarms", c.alarms},
                {"alarm_actions", c.alarm_actions},
                {"alarm_failures", c.alarm_failures},
                {"reloads_refused", reloads_refused_.load()}};
  const auto oldest = outbox_.oldest_ms();
  const bool waits = outbox_.chain().seq > acked();
  const double age =
      waits && oldest && ran_ms() > *oldest ? static_cast<double>(ran_ms() - *oldest) / 1000 : 0;
  std::size_t running = 0;
  for (const auto& lane : lanes_) running += lane.running ? 1 : 0;
  f.gauges = {{"generation", static_cast<double>(generation_)},
              {"connected", uplink_->online() ? 1 : 0},
              {"unacked", static_cast<double>(outbox_.chain().seq - acked())},
              {"outbox_bytes", static_cast<double>(outbox_.bytes())},
              {"outbox_limit", static_cast<double>(config_.outbox_max_bytes)},
              {"oldest", age},
              {"receipt_lag", waits ? seconds(now - progress_at_) : 0},
              {"clock_error", clock_error_seconds()},
              {"sources", static_cast<double>(running)},
              {"life_conflict", outbox_.conflict() ? 1.0 : 0.0},
              {"dropping", std::max(0.0, seconds(bundler_.dropping_until() - clock_.now()))}};
  for (const auto& [broker, until] : certificates_until_) {
    f.certificates[broker] = static_cast<double>(until - to_ms(clock_.now())) / 1000;
  }
  if (clock_.state() != ClockState::kUnset) {
    for (const auto& a : calibration_ages(config_, clock_.now())) {
      f.calibration_age[a.channel] = static_cast<double>(a.days);
      if (a.due) f.calibration_due[a.channel] = static_cast<double>(*a.due);
    }
  }
  f.clock = text(clock_.state());
  for (const auto& lane : lanes_) {
    if (!lane.source) continue;
    f.sources.push_back({lane.is.name, lane.source->counts().records, lane.source->counts().bad});
  }
  f.signatures = signer_->count();
  f.sign_seconds = signer_->seconds();
  f.stalled = stalled_;
  f.conflict = outbox_.conflict();
  f.dropping = bundler_.dropping_until() > clock_.now();
  f.no_key = key_failed_;
  f.closed = closed_;
  f.commits_fail = now < retry_at_;
  return f;
}

}  // namespace lotmark::agent
