#include "edge-agent/uplink/uplink.h"

#include <algorithm>

namespace lotmark::agent {

namespace {

bool needs_seq(const Ack& ack) {
  return std::ranges::any_of(ack.refused, [](const AckRefusal& r) {
    return r.error == static_cast<std::uint64_t>(Errc::kNeedSeq);
  });
}

AckPlan ignore(const char* why) { return {AckPlan::Kind::kIgnore, why, 0, 0}; }

}  // namespace

Result<AckPlan> plan_ack(const KeptAck& kept, const KeyId& device,
                         const std::optional<KeptAck>& newest, Outbox& outbox) {
  const Ack& ack = kept.body;
  if (ack.device != device) return ignore("another device");
  if (ack.life != outbox.chain().life) return ignore("another life");
  if (ack.through > outbox.chain().seq) return ignore("beyond what was sealed");
  // A node's time never falls: what is older was overtaken, or is played back by somebody.
  if (newest && ack.time < newest->body.time) return ignore("older than the newest");
  if (newest && kept.bytes == newest->bytes) return ignore("the newest itself");
  const bool falls = newest && ack.through < newest->body.through;
  if (falls && ack.time == newest->body.time) return ignore("older than the newest");
  // A standby may lag without having lost anything: it falls back only if it says what it needs.
  if (falls && kept.kid != newest->kid && !needs_seq(ack)) return ignore("a lagging node");
  if (!falls && !needs_seq(ack)) return AckPlan{AckPlan::Kind::kTake, "", 0, 0};
  if (ack.through + 1 >= outbox.first()) {
    return AckPlan{falls ? AckPlan::Kind::kResend : AckPlan::Kind::kTake, "need-seq", 0, 0};
  }
  if (!falls) return AckPlan{AckPlan::Kind::kTake, "need-seq", 0, 0};
  // The node lost what it had acked, and it is gone here too. A gap that was sealed for this before is widened; one over
  // bundles that gave way lies above every ack, and stays.
  LM_ASSIGN(auto rows, outbox.from(0, 1));
  std::uint64_t last = outbox.first() - 1;
  const bool before = !rows.empty() && rows[0].first < rows[0].seq;
  if (before && rows[0].seq <= newest->body.through) last = rows[0].seq;
  return AckPlan{AckPlan::Kind::kGap, "receiver-lost", ack.through + 1, last};
}

Uplink::Uplink(UplinkOptions options, bus::Bus& bus, Outbox& outbox, std::function<void()> wake)
    : options_(std::move(options)),
      bus_(bus),
      outbox_(outbox),
      blocked_(std::make_shared<std::atomic<bool>>(false)),
      wake_(std::move(wake)) {}

void Uplink::set_online(bool online, Monotonic now) {
  online_ = online;
  if (!online) return;
  backlog_ = outbox_.chain().seq;
  tokens_ = static_cast<double>(std::min<std::size_t>(options_.window, options_.backlog_rate));
  filled_at_ = now;
  rewind(now);
}

void Uplink::rewind(Monotonic now) {
  under_way_.clear();
  next_ = acked_ + 1;
  since_ = now;
}

void Uplink::rewind_to(std::uint64_t seq, Monotonic now) {
  rewind(now);
  next_ = std::clamp<std::uint64_t>(seq, 1, next_);
}

void Uplink::rewind_for(std::uint64_t through, Monotonic now) {
  if (asked_ == through && now - asked_at_ < std::chrono::seconds(1)) return;
  asked_ = through;
  asked_at_ = now;
  acked_ = through;
  rewind(now);
}

void Uplink::progress(std::uint64_t through, Monotonic now) {
  since_ = now;
  acked_ = through;
  while (!under_way_.empty() && under_way_.front() <= through) under_way_.pop_front();
}

// How many may be sent now. A token bucket for what waited while there was no connection: a fleet that comes back at once
// does not drown its node.
std::size_t Uplink::allowed(Monotonic now) {
  const std::size_t room = options_.window - std::min(options_.window, under_way_.size());
  if (options_.backlog_rate == 0 || next_ > backlog_) return room;
  const double most = std::max<double>(
      1, std::min<double>(static_cast<double>(options_.window), options_.backlog_rate));
  const double seconds = std::chrono::duration<double>(now - filled_at_).count();
  tokens_ = std::min(most, tokens_ + seconds * options_.backlog_rate);
  filled_at_ = now;
  return std::min(room, static_cast<std::size_t>(tokens_));
}

Status Uplink::pump(Monotonic now) {
  if (!online_) return {};
  if (!under_way_.empty() && now - since_ >= options_.resend) rewind(now);
  const std::size_t most = allowed(now);
  if (most == 0) return {};
  LM_ASSIGN(auto rows, outbox_.from(next_, most));
  for (const auto& row : rows) {
    *blocked_ = true;  // before the try, so that a `done` in between is not missed
    auto put =
        bus_.publish(options_.topic, row.object, false, [blocked = blocked_, wake = wake_](bool) {
          if (blocked->exchange(false)) wake();
        });
    if (!put) return {};
    *blocked_ = false;
    if (under_way_.empty()) since_ = now;
    under_way_.push_back(row.seq);
    if (row.seq <= backlog_) tokens_ -= 1;
    next_ = row.seq + 1;
    ++sent_;
    if (row.seq <= farthest_) ++resends_;
    farthest_ = std::max(farthest_, row.seq);
  }
  return {};
}

std::optional<Monotonic> Uplink::deadline() const {
  if (!online_) return std::nullopt;
  std::optional<Monotonic> until;
  if (!under_way_.empty()) until = since_ + options_.resend;
  const bool paced = options_.backlog_rate != 0 && next_ <= backlog_ && tokens_ < 1 &&
                     under_way_.size() < options_.window;
  if (!paced) return until;
  const std::chrono::duration<double> wait((1 - tokens_) / options_.backlog_rate);
  const auto token = filled_at_ + std::chrono::ceil<std::chrono::milliseconds>(wait);
  return until ? std::min(*until, token) : token;
}

}  // namespace lotmark::agent
