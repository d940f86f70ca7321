#include "ledger-node/intake/intake_gate.h"

#include "core/base/log.h"

namespace lotmark::node {

void IntakeGate::set(const std::string& whole, const std::map<std::string, std::string>& topics) {
  const std::lock_guard guard(lock_);
  if (whole != whole_) {
    if (whole.empty()) log::info("intake.goes_on");
    else log::error("intake.stopped", {{"error", whole}});
  }
  for (const auto& [topic, why] : topics) {
    if (!topics_.contains(topic))
      log::error("intake.device_stopped", {{"topic", topic}, {"why", why}});
  }
  whole_ = whole;
  topics_ = topics;
}

bool IntakeGate::admits(const std::string& topic) {
  const std::lock_guard guard(lock_);
  if (whole_.empty() && !topics_.contains(topic)) return true;
  ++left_;
  return false;
}

std::string IntakeGate::stopped() const {
  const std::lock_guard guard(lock_);
  return whole_;
}

std::vector<std::pair<std::string, double>> IntakeGate::metrics() const {
  const std::lock_guard guard(lock_);
  return {{"lotmark_intake_stopped", whole_.empty() ? 0 : 1},
          {"lotmark_intake_devices_stopped", static_cast<double>(topics_.size())},
          {"lotmark_intake_not_taken_total", static_cast<double>(left_)}};
}

}  // namespace lotmark::node
