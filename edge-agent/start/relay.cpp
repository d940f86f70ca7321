#include "edge-agent/start/relay.h"

#include <algorithm>

namespace lotmark::agent {

namespace {

constexpr std::size_t kWaitingMax = 400;
constexpr std::size_t kOfOneSigner = 100;

std::optional<KeyId> signer_of(const StoredStart& start) {
  const auto label = peek(start.object);
  return label ? std::optional(label->kid) : std::nullopt;
}

}  // namespace

Result<std::optional<StoredStart>> StartRelay::take(const std::string& device, ByteView object,
                                                    const Digest& chain) const {
  LM_ASSIGN(auto start, open<Start>(object, chain));
  if (outbox_.starts().contains(start.id)) return std::optional<StoredStart>();
  std::size_t of_signer = 0;
  for (const auto& [id, waiting] : outbox_.starts())
    of_signer += signer_of(waiting) == start.kid ? 1 : 0;
  if (of_signer >= kOfOneSigner)
    return fail(Errc::kTooLarge, "too many start signals of that key wait for an answer");
  if (outbox_.starts().size() >= kWaitingMax && !room_for(of_signer))
    return fail(Errc::kTooLarge, "too many start signals wait for an answer");
  return std::optional(StoredStart{start.id, device, to_bytes(object), false, false});
}

// What nobody knows may fill the outbox: whose key has the most waiting there, more than the one that asks, gives way with
// a signal that nobody answered.
std::optional<StoredStart> StartRelay::room_for(std::size_t of_signer) const {
  std::map<KeyId, std::pair<std::size_t, const StoredStart*>> waiting;
  for (const auto& [id, start] : outbox_.starts()) {
    auto& [count, unanswered] = waiting[signer_of(start).value_or(KeyId{})];
    ++count;
    if (!start.by_enterprise && !start.by_reviewer) unanswered = &start;
  }
  std::pair<std::size_t, const StoredStart*> most{of_signer + 1, nullptr};
  for (const auto& [kid, w] : waiting) {
    if (w.second != nullptr && w.first > most.first) most = w;
  }
  if (most.second == nullptr) return std::nullopt;
  StoredStart gone = *most.second;
  gone.let_go = true;
  return gone;
}

std::optional<StoredStart> StartRelay::makes_room(const StoredStart& start) const {
  if (outbox_.starts().size() < kWaitingMax) return std::nullopt;
  const auto signer = signer_of(start);
  std::size_t of_signer = 0;
  for (const auto& [id, waiting] : outbox_.starts())
    of_signer += signer_of(waiting) == signer ? 1 : 0;
  return room_for(of_signer);
}

std::vector<StoredStart> StartRelay::expired(Monotonic now) {
  std::vector<StoredStart> out;
  std::erase_if(since_, [&](const auto& s) { return !outbox_.starts().contains(s.first); });
  for (const auto& [id, start] : outbox_.starts()) {
    const auto since = since_.emplace(id, now).first->second;
    if (now - since < kUnansweredMax) continue;
    out.push_back(start);
    out.back().let_go = true;
  }
  return out;
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
