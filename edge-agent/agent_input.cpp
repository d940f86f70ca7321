// What comes in: readings from the sources, answers and objects.
#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "edge-agent/agent.h"
#include "edge-agent/host.h"

namespace lotmark::agent {

namespace {

class InboxSink final : public Sink {
 public:
  // `alarms` may be null.
  InboxSink(Inbox& inbox, std::size_t source, AlarmDesk* alarms, bool recorded)
      : inbox_(inbox), source_(source), alarms_(alarms), recorded_(recorded) {}
  // Alarms act before anything waits for room; their record comes behind the readings that brought them.
  bool put(std::vector<Reading> readings) override {
    std::vector<SignedAlarm> raised;
    if (alarms_ != nullptr) raised = alarms_->note(readings, recorded_);
    if (!inbox_.put(source_, std::move(readings))) return false;
    for (auto& alarm : raised) inbox_.put(source_, std::move(alarm));
    return true;
  }
  bool put(DeviceObject object) override {
    inbox_.put(ObjectNews{source_, std::move(object)});
    return true;
  }

 private:
  Inbox& inbox_;
  std::size_t source_;
  AlarmDesk* alarms_;
  bool recorded_;
};

}  // namespace

void Agent::make_sources() {
  for (const auto& s : config_.sources) {
    Lane lane;
    lane.place = bundler_.add_lane(recorded(s));
    const auto kept = outbox_.source(s.name);
    lane.ended = kept.done;
    if (!kept.done) lane.source = make_source(s, {clock_, config_.chain, kept.position});
    lane.sink = std::make_unique<InboxSink>(inbox_, lanes_.size(), alarms_.get(), recorded(s));
    lanes_.push_back(std::move(lane));
  }
}

void Agent::start_sources() {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!lanes_[i].source) continue;
    lanes_[i].thread =
        std::thread([this, i, source = lanes_[i].source.get(), sink = lanes_[i].sink.get()] {
          auto end = run_guarded(*source, *sink);
          inbox_.put(i, end ? Ended{*end, std::nullopt} : Ended{std::nullopt, end.error()});
        });
  }
}

// Everything before the open window is in sealed bundles: from there the source goes on after a restart.
void Agent::note_place(std::size_t source) {
  if (!lanes_[source].source->recorded()) return;
  if (auto at = bundler_.open_from(lanes_[source].place)) {
    batch_.sources[config_.sources[source].name] = {*at, false};
  }
}

Status Agent::take_readings(std::size_t source, std::vector<Reading>& readings) {
  const Time now = clock_.now();
  const ClockState clock = clock_state(now);
  const std::size_t sealed = batch_.sealed.size();
  for (const auto& r : readings) {
    auto added = bundler_.add(lanes_[source].place, r, now, clock, batch_.sealed);
    if (!added && added.code() != Errc::kFieldRange) return added.error();
    count(source, r, added);
  }
  if (batch_.sealed.size() != sealed) note_place(source);
  return {};
}

// The first of each kind is in the log; counts say how many.
void Agent::count(std::size_t source, const Reading& reading, const Result<Added>& added) {
  const std::string& name = config_.sources[source].name;
  Lane& lane = lanes_[source];
  if (added && *added == Added::kTaken) {
    ++counts_.readings;
  } else if (added && *added == Added::kLate) {
    if (++lane.late == 1) {
      log::warn("reading.late", {{"source", name}, {"channel", reading.channel}});
    }
  } else {
    ++counts_.readings_refused;
    if (++lane.refused > 1) return;
    const Error ahead = fail(Errc::kFieldRange, "recorded later than now");
    const Error& error = added ? ahead : added.error();
    log::warn("reading.refused", {{"source", name}, {"error", error.message()}});
  }
}

Status Agent::take_end(std::size_t source, const Ended& ended) {
  const std::string& name = config_.sources[source].name;
  if (ended.error) {
    log::error("source.failed", {{"source", name}, {"error", ended.error->message()}});
    failed_ = fail(ended.error->code, name + ": " + ended.error->text);
  }
  if (!ended.at && !ended.error) return {};  // stopped
  lanes_[source].ended = true;
  if (ended.error) return {};
  const Time now = clock_.now();
  LM_TRY(bundler_.seal(lanes_[source].place, now, clock_state(now), batch_.sealed));
  if (lanes_[source].source->recorded()) batch_.sources[name] = {*ended.at, true};
  log::info("source.done", {{"source", name}});
  return {};
}

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
    log::warn("answer.refused", {{"device", news.device}, {"error", answer.error().message()}});
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
  const auto& newest = batch_.ack ? batch_.ack : outbox_.ack();
  auto plan = plan_ack(ack, signer_->kid(), newest, outbox_);
  if (!plan) return log::error("outbox.failed", {{"error", plan.error().message()}});
  if (plan->kind == AckPlan::Kind::kIgnore) {
    ++counts_.acks_ignored;
    return log::debug("ack.ignored", {{"why", plan->why}, {"through", ack.body.through}});
  }
  ++counts_.acks;
  report_refused(ack.body);
  const auto now = std::chrono::steady_clock::now();
  if (plan->kind == AckPlan::Kind::kTake) batch_.ack = ack;
  if (*plan->why != '\0') uplink_->rewind_for(ack.body.through, now);
  if (plan->kind != AckPlan::Kind::kGap) return;
  if (auto s = seal_gap(*plan, ack.body); !s) {
    log::error("gap.failed", {{"error", s.error().message()}});
  }
}

void Agent::report_refused(const Ack& ack) {
  for (const auto& r : ack.refused) {
    if (r.error == static_cast<std::uint64_t>(Errc::kNeedSeq)) continue;
    ++counts_.refused;
    log::error("bundle.refused", {{"seq", r.seq}, {"error", name(static_cast<Errc>(r.error))}});
  }
}

Status Agent::seal_gap(const AckPlan& plan, const Ack& ack) {
  const auto& newest = outbox_.ack();
  if (!newest) return fail(Errc::kInternal, "no ack covers what was let go");
  Gap gap;
  gap.device = signer_->kid();
  gap.life = ack.life;
  gap.seq = plan.first;
  gap.last = plan.last;
  gap.prev = ack.id;
  if (newest->body.through == plan.last) gap.lost = newest->body.id;
  LM_ASSIGN(gap.readings, outbox_.readings_between(plan.first - 1, plan.last));
  gap.reason = GapReason::kReceiverLost;
  gap.ack = ObjectBytes{newest->bytes};
  LM_ASSIGN(auto sealed, seal(gap, *signer_, config_.chain));
  batch_.gap =
      Outgoing{plan.first, plan.last, gap.lost.value_or(Digest{}), std::move(sealed.bytes)};
  ++counts_.gaps_sealed;
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
    if (device_of(config_.sources[i]) == device && lanes_[i].source)
      lanes_[i].source->answer(object);
  }
}

void Agent::take_news(const ObjectNews& news) {
  const std::string device = device_of(config_.sources[news.source]);
  const auto& object = news.object.object;
  if (news.object.kind !=
      ObjectKind::kStart) {  // the device keeps these itself, and sends them again
    const bool state = news.object.kind == ObjectKind::kState;
    const bus::Topic topic{config_.organisation, device, state ? "state" : "bundle"};
    (void)buses_[0]->publish(to_string(topic), object, state, {});
    return;
  }
  auto start = relay_->take(device, object, config_.chain);
  if (!start) {
    log::warn("start.refused", {{"device", device}, {"error", start.error().message()}});
  } else if (*start) {
    ++counts_.starts;
    log::info("start.kept", {{"device", device}, {"id", short_hex((*start)->id)}});
    if (auto gone = relay_->makes_room(**start)) let_go(std::move(*gone), "room for another");
    store_start(std::move(**start));
  }
}

}  // namespace lotmark::agent
