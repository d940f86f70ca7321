#include "edge-agent/start/relay.h"

#include <algorithm>

namespace lotmark::agent {

namespace {

constexpr std::size_t kKeptMax = 400;
constexpr std::size_t kOfOneSigner = 100;

std::optional<KeyId> signer_of(const StoredStart& start) {
  const auto label = peek(start.object);
  return label ? std::optional(label->kid) : std::nullopt;
}

}  // namespace

std::size_t StartRelay::unanswered() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(outbox_.starts(), [](const auto& s) { return !s.second.answered(); }));
}

std::size_t StartRelay::unanswered_of(const std::optional<KeyId>& signer) const {
  return static_cast<std::size_t>(std::ranges::count_if(outbox_.starts(), [&](const auto& s) {
    return !s.second.answered() && signer_of(s.second) == signer;
  }));
}

Result<std::optional<StoredStart>> StartRelay::take(const std::string& device, ByteView object,
                                                    const Digest& chain) const {
  LM_ASSIGN(auto start, open<Start>(object, chain));
  if (outbox_.starts().contains(start.id)) return std::optional<StoredStart>();
  const std::size_t of_signer = unanswered_of(start.kid);
  if (of_signer >= kOfOneSigner)
    return fail(Errc::kTooLarge, "too many start signals of that key wait for an answer");
  if (outbox_.starts().size() >= kKeptMax && !room_for(of_signer))
    return fail(Errc::kTooLarge, "too many start signals wait for an answer");
  return std::optional(StoredStart{start.id, device, to_bytes(object), false, false});
}

// What only a reviewer that stays away has not heard.
const StoredStart* StartRelay::answered_first() const {
  const StoredStart* first = nullptr;
  auto since = Monotonic::max();
  for (const auto& [id, start] : outbox_.starts()) {
    const auto seen = since_.find(id);
    if (!start.answered() || seen == since_.end()) continue;
    const Monotonic at = seen->second.answered.value_or(seen->second.kept);
    if (at < since) {
      since = at;
      first = &start;
    }
  }
  return first;
}

// What nobody knows may fill the outbox: whose key has the most waiting there, more than the one that asks, gives way with
// a signal that nobody answered.
const StoredStart* StartRelay::of_most(std::size_t of_signer) const {
  std::map<KeyId, std::pair<std::size_t, const StoredStart*>> waiting;
  for (const auto& [id, start] : outbox_.starts()) {
    if (start.answered()) continue;
    auto& [count, unanswered] = waiting[signer_of(start).value_or(KeyId{})];
    ++count;
    if (!start.by_enterprise && !start.by_reviewer) unanswered = &start;
  }
  std::pair<std::size_t, const StoredStart*> most{of_signer + 1, nullptr};
  for (const auto& [kid, w] : waiting) {
    if (w.second != nullptr && w.first > most.first) most = w;
  }
  return most.second;
}

std::optional<StoredStart> StartRelay::room_for(std::size_t of_signer) const {
  const StoredStart* start = answered_first();
  if (start == nullptr) start = of_most(of_signer);
  if (start == nullptr) return std::nullopt;
  StoredStart gone = *start;
  gone.let_go = true;
  return gone;
}

std::optional<StoredStart> StartRelay::makes_room(const StoredStart& start) const {
  if (outbox_.starts().size() < kKeptMax) return std::nullopt;
  return room_for(unanswered_of(signer_of(start)));
}

void StartRelay::note(Monotonic now) {
  const auto gone = [this](const auto& s) { return !outbox_.starts().contains(s.first); };
  std::erase_if(since_, gone);
  std::erase_if(sent_, gone);
  std::erase_if(heard_, gone);
  for (const auto& [id, start] : outbox_.starts()) {
    Since& since = since_.emplace(id, Since{now, {}}).first->second;
    if (start.answered() && !since.answered) since.answered = now;
  }
}

std::vector<StoredStart> StartRelay::expired(Monotonic now) {
  note(now);
  std::vector<StoredStart> out;
  for (const auto& [id, start] : outbox_.starts()) {
    const Since& since = since_.at(id);
    const bool over =
        since.answered ? now - *since.answered >= kOthersMax : now - since.kept >= kUnansweredMax;
    if (!over) continue;
    out.push_back(start);
    out.back().let_go = true;
  }
  return out;
}

std::optional<StoredStart> StartRelay::answered(const KeptArrival& arrival) {
  const auto at = outbox_.starts().find(arrival.body.object);
  if (at == outbox_.starts().end()) return std::nullopt;
  Heard& heard = heard_[at->first];
  heard.enterprise = heard.enterprise || arrival.by_enterprise;
  if (arrival.by_reviewer) heard.reviewers.insert(arrival.kid);
  StoredStart s = at->second;
  s.let_go =
      (s.by_enterprise || heard.enterprise) && std::ranges::includes(heard.reviewers, reviewers_);
  const bool news =
      (arrival.by_enterprise && !s.by_enterprise) || (arrival.by_reviewer && !s.by_reviewer);
  if (!news && !s.let_go) return std::nullopt;
  s.by_enterprise = s.by_enterprise || arrival.by_enterprise;
  s.by_reviewer = s.by_reviewer || arrival.by_reviewer;
  return s;
}

// A quarter of the time that the others have been away.
std::chrono::milliseconds StartRelay::pause(const Digest& id, Monotonic now) const {
  const auto& answered = since_.at(id).answered;
  if (!answered) return resend_;
  const auto away = std::chrono::duration_cast<std::chrono::milliseconds>(now - *answered);
  return std::max(resend_, std::min<std::chrono::milliseconds>(away / 4, kOthersPauseMax));
}

void StartRelay::pump(Monotonic now) {
  note(now);
  for (const auto& [id, start] : outbox_.starts()) {
    const auto due = sent_.find(id);
    if (due != sent_.end() && now < due->second) continue;
    const std::string topic = to_string(bus::Topic{organisation_, start.device, "start"});
    for (auto* bus : buses_) (void)bus->publish(topic, start.object, false, {});
    sent_[id] = now + pause(id, now);
  }
}

std::optional<Monotonic> StartRelay::deadline() const {
  std::optional<Monotonic> next;
  for (const auto& [id, due] : sent_) {
    if (!next || due < *next) next = due;
  }
  return next;
}

}  // namespace lotmark::agent
