#include "edge-agent/operate/figures.h"

#include <fmt/format.h>

#include <array>

namespace lotmark::agent {

namespace {

constexpr auto kStands = std::chrono::seconds(30);

struct Metric {
  const char* key;   // in Figures
  const char* name;  // what a scrape sees
  const char* help;
};
constexpr std::array kCounters = {
    Metric{"readings", "lotmark_agent_readings_total", "Readings taken into bundles."},
    Metric{"readings_refused", "lotmark_agent_readings_refused_total", "No bundle can hold them."},
    Metric{"late_dropped", "lotmark_agent_late_readings_total", "Dropped and declared: clock-set."},
    Metric{"bad_records", "lotmark_agent_bad_records_total", "Passed over by sources."},
    Metric{"bundles", "lotmark_agent_bundles_total", "Bundles sealed and on disk."},
    Metric{"gaps", "lotmark_agent_gap_records_total", "Signed gaps over bundles that went."},
    Metric{"sent", "lotmark_agent_sent_total", "Objects handed to the broker."},
    Metric{"resent", "lotmark_agent_resent_total", "Of them, sent before."},
    Metric{"acks", "lotmark_agent_acks_total", "Acks of nodes that count."},
    Metric{"answers_refused", "lotmark_agent_answers_refused_total", "Of no key that is trusted."},
    Metric{"bundles_refused", "lotmark_agent_bundles_refused_total", "By a node."},
    Metric{"commit_errors", "lotmark_agent_commit_errors_total", "Commits that failed."},
    Metric{"stalls", "lotmark_agent_stalls_total", "Times that nothing was acked for too long."},
    Metric{"clock_steps", "lotmark_agent_clock_steps_total", "Times that somebody set the clock."},
    Metric{"rejected", "lotmark_agent_rejected_total", "Refused bundles set aside in rejected/."},
    Metric{"commands", "lotmark_agent_commands_total", "Signed commands obeyed."},
    Metric{"commands_refused", "lotmark_agent_commands_refused_total",
           "Not genuine, not ours, repeated, expired or not possible."},
    Metric{"starts", "lotmark_agent_starts_total", "Start signals taken."},
    Metric{"alarms", "lotmark_agent_alarms_total", "Alarms raised."},
    Metric{"alarm_actions", "lotmark_agent_alarm_actions_total", "Actions of alarms done."},
    Metric{"alarm_failures", "lotmark_agent_alarm_failures_total", "Actions given up."},
    Metric{"reloads_refused", "lotmark_agent_reloads_refused_total", "Configurations refused."},
};
constexpr std::array kGauges = {
    Metric{"generation", "lotmark_agent_config_generation", "1 at the start, one more a reload."},
    Metric{"connected", "lotmark_agent_connected", "1 while the devices' broker is connected."},
    Metric{"unacked", "lotmark_agent_unacked_objects", "Bundles and gaps that wait for an ack."},
    Metric{"outbox_bytes", "lotmark_agent_outbox_bytes", "Of those that wait."},
    Metric{"outbox_limit", "lotmark_agent_outbox_limit_bytes", "[outbox] max_bytes."},
    Metric{"oldest", "lotmark_agent_oldest_unacked_age_seconds",
           "Running time since it was sealed."},
    Metric{"receipt_lag", "lotmark_agent_receipt_lag_seconds", "Since an ack let something go."},
    Metric{"clock_error", "lotmark_agent_clock_error_seconds", "The kernel's bound of the error."},
    Metric{"sources", "lotmark_agent_sources", "That run."},
    Metric{"life_conflict", "lotmark_agent_life_conflict",
           "1: the node holds other bundles of this life."},
    Metric{"dropping", "lotmark_agent_dropping_seconds",
           "Until live readings are taken again that a clock which was ahead forbids."},
};

std::string head(const char* name, const char* help, const char* type) {
  return fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

// A channel's name is any text.
std::string label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string by_channel(const char* name, const char* help,
                       const std::map<std::string, double>& values) {
  std::string out = head(name, help, "gauge");
  for (const auto& [channel, days] : values)
    out += fmt::format("{}{{channel=\"{}\"}} {:.0f}\n", name, label(channel), days);
  return out;
}

template <class Values>
std::string plain(const auto& metrics, const Values& values, const char* type) {
  std::string out;
  for (const auto& m : metrics) {
    const auto at = values.find(m.key);
    if (at == values.end()) continue;
    out += head(m.name, m.help, type) + fmt::format("{} {}\n", m.name, at->second);
  }
  return out;
}

}  // namespace

std::string figures_text(const Figures& f) {
  std::string out = plain(kCounters, f.counters, "counter") + plain(kGauges, f.gauges, "gauge");
  out += head("lotmark_agent_clock", "1 for the state the clock is in.", "gauge");
  for (const char* state : {"synchronised", "free-running", "unset"}) {
    out += fmt::format("lotmark_agent_clock{{state=\"{}\"}} {}\n", state, f.clock == state ? 1 : 0);
  }
  out += head("lotmark_agent_cert_expiry_seconds", "Until the TLS certificate ends.", "gauge");
  for (const auto& [broker, left] : f.certificates) {
    out += fmt::format("lotmark_agent_cert_expiry_seconds{{broker=\"{}\"}} {:.0f}\n", broker, left);
  }
  out += by_channel("lotmark_agent_calibration_age_days", "Since the certificate's day.",
                    f.calibration_age);
  out +=
      by_channel("lotmark_agent_calibration_due_days", "Until it is overdue.", f.calibration_due);
  out += head("lotmark_agent_source_records_total", "Lines, frames, values understood.", "counter");
  for (const auto& s : f.sources) {
    out +=
        fmt::format("lotmark_agent_source_records_total{{source=\"{}\"}} {}\n", s.name, s.records);
  }
  out += head("lotmark_agent_source_bad_total", "Passed over.", "counter");
  for (const auto& s : f.sources) {
    out += fmt::format("lotmark_agent_source_bad_total{{source=\"{}\"}} {}\n", s.name, s.bad);
  }
  out += head("lotmark_agent_sign_seconds", "Time in the record key's signatures.", "summary");
  return out +
         fmt::format("lotmark_agent_sign_seconds_sum {}\nlotmark_agent_sign_seconds_count {}\n",
                     f.sign_seconds, f.signatures);
}

void FigureBoard::set(Figures figures) {
  std::lock_guard lock(mutex_);
  figures_ = std::move(figures);
}

void FigureBoard::turned(Monotonic now) {
  std::lock_guard lock(mutex_);
  turned_ = now;
}

std::string FigureBoard::text() const {
  std::lock_guard lock(mutex_);
  return figures_text(figures_);
}

std::string FigureBoard::trouble(Monotonic now) const {
  std::lock_guard lock(mutex_);
  if (now - turned_ > kStands) return "the working thread stands";
  if (figures_.commits_fail) return "commits fail";
  if (figures_.conflict)
    return "the node holds other bundles of this life: state_dir is an old copy, or one of two";
  if (figures_.closed) return "the node has another life of this key open, and this one is over";
  if (figures_.no_key) return "the record key does not sign";
  if (figures_.dropping)
    return "live readings are dropped: the clock was ahead, and their time has not come yet";
  if (figures_.stalled) return "nothing is acked";
  return {};
}

}  // namespace lotmark::agent
