#include "edge-agent/start/relay.h"

#include <algorithm>

namespace lotmark::agent {

namespace {
constexpr std::size_t kWaitingMax = 100;
}

Result<std::optional<StoredStart>> StartRelay::take(const std::string& device, ByteView object,
                                                    const Digest& chain) const {
  LM_ASSIGN(auto start, open<Start>(object, chain));
  if (outbox_.starts().contains(start.id)) return std::optional<StoredStart>();
  if (outbox_.starts().size() >= kWaitingMax) {
    return fail(Errc::kTooLarge, "too many start signals wait for an answer");
  }
  return std::optional(StoredStart{start.id, device, to_bytes(object), false, false});
}

std::optional<StoredStart> StartRelay::answered(const KeptArrival& arrival) const {
  const auto at = outbox_.starts().find(arrival.body.object);
  if (at == outbox_.starts().end()) return std::nullopt;
  StoredStart s = at->second;
  const bool news =
      (arrival.by_enterprise && !s.by_enterprise) || (arrival.by_reviewer && !s.by_reviewer);
  if (!news) return std::nullopt;
  s.by_enterprise = s.by_enterprise || arrival.by_enterprise;
  s.by_reviewer = s.by_reviewer || arrival.by_reviewer;
  return s;
}

void StartRelay::pump(Monotonic now) {
  std::erase_if(sent_, [&](const auto& s) { return !outbox_.starts().contains(s.first); });
  for (const auto& [id, start] : outbox_.starts()) {
    const auto last = sent_.find(id);
    if (last != sent_.end() && now - last->second < resend_) continue;
    const std::string topic = to_string(bus::Topic{organisation_, start.device, "start"});
    for (auto* bus : buses_) (void)bus->publish(topic, start.object, false, {});
    sent_[id] = now;
  }
}

std::optional<Monotonic> StartRelay::deadline() const {
  std::optional<Monotonic> next;
  for (const auto& [id, at] : sent_) {
    if (!next || at + resend_ < *next) next = at + resend_;
  }
  return next;
}

}  // namespace lotmark::agent
