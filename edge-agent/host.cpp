#include "edge-agent/host.h"

#include <sys/timex.h>

#include <fstream>

namespace lotmark::agent {

namespace {
constexpr std::int64_t kBeforeUs = 1735689600000;  // 2025-01-01
}

std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id.empty() ? "unknown" : id;
}

ClockState clock_state(Time now) {
  if (to_ms(now) < kBeforeUs) return ClockState::kUnset;
  timex t{};
  const int state = ::adjtimex(&t);
  const bool disciplined = state >= 0 && state != TIME_ERROR && (t.status & STA_UNSYNC) == 0;
  return disciplined ? ClockState::kSynchronised : ClockState::kFreeRunning;
}

}  // namespace lotmark::agent
