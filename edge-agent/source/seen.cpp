#include "edge-agent/source/seen.h"

#include <algorithm>

#include "core/wire/limits.h"

namespace lotmark::agent {

namespace {
constexpr std::int64_t kAgainMs = 1000;
}

void Seen::note(const std::vector<Reading>& readings) {
  for (const auto& r : readings) {
    const auto at = channels_.find(r.channel);
    if (at != channels_.end()) {
      at->second = {r, std::nullopt};
    } else if (channels_.size() < limits::kSources) {
      channels_.emplace(r.channel, Channel{r, std::nullopt});
    }
  }
}

std::vector<Reading> Seen::lost(GapReason reason, std::int64_t t) {
  std::vector<Reading> out;
  for (auto& [name, c] : channels_) {
    Reading gap = as_gap(c.last, reason);
    gap.t = std::max(gap.t, t);
    const bool told = c.gap && c.gap->value == gap.value && gap.t < c.gap->t + kAgainMs;
    if (told) continue;
    c.gap = gap;
    out.push_back(std::move(gap));
  }
  return out;
}

}  // namespace lotmark::agent
