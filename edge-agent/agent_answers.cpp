// What comes in from buses and devices: answers and objects.
#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "edge-agent/agent.h"

namespace lotmark::agent {

namespace {
constexpr std::size_t kStartsACommit = 64;  // the others come again from their devices
}  // namespace

void Agent::take_news(const BusNews& news) {
  if (news.connected) relay_->rewind();
  if (news.bus != 0) return;
  uplink_->set_online(news.connected, std::chrono::steady_clock::now());
  if (news.connected) publish_birth(false);
}

void Agent::take_news(const AnswerNews& news) {
  auto answer = answers_.read(news.object);
  if (!answer) {
    ++counts_.answers_refused;
    if (const auto more = answers_told_.due(std::chrono::steady_clock::now()))
      log::warn(
          "answer.refused",
          {{"device", news.device}, {"error", answer.error().message()}, {"left_out", *more}});
    return;
  }
  if (const auto* ack = std::get_if<KeptAck>(&*answer)) {
    take_ack(*ack, news.device);
  } else {
    take_arrival(std::get<KeptArrival>(*answer), news.device);
  }
}

void Agent::take_ack(const KeptAck& ack, const std::string& device) {
  if (device != config_.device) return hand_down(device, ack.bytes);
  note_closed(ack.body);
  if (ack.body.time < fell_back_at_ || contradicts(ack.body)) {
    ++counts_.acks_ignored;
    return;
  }
  const auto& newest = batch_.ack ? batch_.ack : outbox_.ack();
  auto plan = plan_ack(ack, signer_->kid(), newest, outbox_);
  if (!plan) return log::error("outbox.failed", {{"error", plan.error().message()}});
  if (plan->kind == AckPlan::Kind::kIgnore) {
    ++counts_.acks_ignored;
    return log::debug("ack.ignored", {{"why", plan->why}, {"through", ack.body.through}});
  }
  ++counts_.acks;
  const auto now = std::chrono::steady_clock::now();
  if (plan->kind == AckPlan::Kind::kTake) {
    // Inside a gap the next ack names its end: until then nothing says that what lies below is what the node took.
    const auto inside = outbox_.in_a_gap(ack.body.through);
    if (inside && !*inside) let_go_to(ack, now);
  } else {  // the node fell back: what is still here is wanted again, whatever it said before
    batch_.ack.reset();
    fell_back_at_ = ack.body.time;
    acked_ = std::min(acked_, ack.body.through);
  }
  if (*plan->why != '\0') uplink_->rewind_for(ack.body.through, now);
  take_refusals(ack);
  if (plan->kind != AckPlan::Kind::kGap) return;
  if (auto s = seal_lost(*plan, ack.body); !s) {
    log::error("gap.failed", {{"error", s.error().message()}});
  }
}

// Nothing is lost if this ack is not kept over a crash: it waits for a commit that comes anyway.
void Agent::let_go_to(const KeptAck& ack, std::chrono::steady_clock::time_point now) {
  closed_ = false;
  if (!batch_.ack) ack_came_ = now;
  batch_.ack = ack;
  const auto names = outbox_.names(ack.body);
  const std::uint64_t through = ack.body.through;
  const std::uint64_t gone = names && *names ? through : std::max<std::uint64_t>(through, 1) - 1;
  if (gone > acked_) progress_at_ = now;
  acked_ = gone;
  uplink_->progress(gone, now);
  clock_.heard(from_ms(static_cast<std::int64_t>(ack.body.time)));
  if (ack.body.checkpoint) bundler_.set_anchor(*ack.body.checkpoint);
}

Status Agent::seal_lost(const AckPlan& plan, const Ack& ack) {
  const auto& newest = outbox_.ack();
  if (!newest) return fail(Errc::kInternal, "no ack covers what was let go");
  Gap gap;
  gap.life = ack.life;
  gap.seq = plan.first;
  gap.last = plan.last;
  gap.prev = ack.id;
  if (newest->body.through == plan.last) gap.lost = newest->body.id;
  LM_ASSIGN(gap.readings, outbox_.readings_between(plan.first - 1, plan.last));
  gap.reason = GapReason::kReceiverLost;
  gap.ack = ObjectBytes{newest->bytes};
  LM_TRY(add_gap(std::move(gap), false));
  log::error("node.lost_bundles", {{"first", plan.first}, {"last", plan.last}});
  return {};
}

void Agent::take_arrival(const KeptArrival& arrival, const std::string& device) {
  ++counts_.arrivals;
  hand_down(device, arrival.bytes);
  if (auto start = relay_->answered(arrival)) store_start(std::move(*start));
}

// Answers of one turn add up.
void Agent::store_start(StoredStart start) {
  const auto same = std::ranges::find(batch_.starts, start.id, &StoredStart::id);
  if (same == batch_.starts.end()) return batch_.starts.push_back(std::move(start));
  same->by_enterprise = same->by_enterprise || start.by_enterprise;
  same->by_reviewer = same->by_reviewer || start.by_reviewer;
  same->let_go = same->let_go || start.let_go;
}

void Agent::let_go(StoredStart start, std::string_view why) {
  ++counts_.starts_let_go;
  log::warn("start.let_go", {{"device", start.device}, {"id", short_hex(start.id)}, {"why", why}});
  store_start(std::move(start));
}

void Agent::hand_down(const std::string& device, ByteView object) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (device_of(lanes_[i].is) == device && lanes_[i].source) lanes_[i].source->answer(object);
  }
}

void Agent::take_news(const ObjectNews& news) {
  const std::string device = device_of(lanes_[news.source].is);
  const auto& object = news.object.object;
  if (news.object.kind !=
      ObjectKind::kStart) {  // the device keeps these itself, and sends them again
    const bool state = news.object.kind == ObjectKind::kState;
    const bus::Topic topic{config_.organisation, device, state ? "state" : "bundle"};
    (void)buses_[0]->publish(to_string(topic), object, state, {});
    return;
  }
  auto start = batch_.starts.size() < kStartsACommit
                   ? relay_->take(device, object, config_.chain)
                   : fail(Errc::kTooLarge, "too many start signals at once");
  if (!start) {
    if (const auto more = starts_told_.due(std::chrono::steady_clock::now()))
      log::warn("start.refused",
                {{"device", device}, {"error", start.error().message()}, {"left_out", *more}});
  } else if (*start) {
    ++counts_.starts;
    log::info("start.kept", {{"device", device}, {"id", short_hex((*start)->id)}});
    if (auto gone = relay_->makes_room(**start)) let_go(std::move(*gone), "room for another");
    store_start(std::move(**start));
  }
}

}  // namespace lotmark::agent
