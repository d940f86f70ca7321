#include "edge-agent/agent.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "edge-agent/host.h"
#include "edge-agent/outbox/aside.h"

namespace lotmark::agent {

namespace {

using Steady = std::chrono::steady_clock;
constexpr auto kCountsEvery = std::chrono::seconds(60);
constexpr const char* kReserve = "reserve";
constexpr std::size_t kCommandMax = 1024;  // bytes; a signed one has some 250

std::string topic_of(const Config& c, const std::string& device, const char* kind) {
  return to_string(bus::Topic{c.organisation, device, kind});
}

bus::PahoOptions paho_options(const Config& c, const BrokerConfig& broker) {
  bus::PahoOptions o;
  o.url = broker.url;
  o.client_id = c.organisation + "-" + c.device;
  o.ca_file = broker.ca;
  o.cert_file = broker.cert;
  o.key_file = broker.key;
  o.window =
      static_cast<unsigned>(c.window) + 16;  // births and start signals go beside the bundles
  return o;
}

BundlerOptions bundler_options(const Config& c) { return {c.chain, c.bundle_s * 1000}; }

ChainState chain_of(const Config& c, const Outbox& outbox) {
  ChainState s = outbox.chain();
  if (!s.anchor) s.anchor = c.anchor;
  return s;
}

std::optional<Calibration> calibration(const Config& c, const std::string& channel) {
  const auto at = c.calibrations.find(channel);
  return at == c.calibrations.end() ? std::nullopt : std::optional(at->second);
}

const char* name_of(ClockState state) {
  switch (state) {
    case ClockState::kSynchronised: return "synchronised";
    case ClockState::kFreeRunning: return "free-running";
    case ClockState::kUnset: return "unset";
    case ClockState::kRecorded: break;
  }
  return "recorded";
}

}  // namespace

Result<std::unique_ptr<Agent>> Agent::make(Config config, const Clock& clock,
                                           const MakeBus& make_bus) {
  LM_ASSIGN(auto signer, open_record_key(config.key));
  LM_ASSIGN(auto answers, AnswerReader::from(config.chain, config.keys));
  LM_ASSIGN(auto lock, store::FolderLock::take(config.state_dir));
  LM_TRY(recover_certificates(config));  // under the lock: another agent may be renewing
  const KeyId device = signer->kid();
  const OutboxOptions place{config.state_dir / "outbox.db", device, config.chain, boot_id()};
  auto outbox = Outbox::open(place);
  if (!outbox && outbox.code() == Errc::kDiskFull &&
      Reserve(config.state_dir / kReserve).give()) {  // opening counts a session
    outbox = Outbox::open(place);
  }
  if (!outbox && outbox.code() == Errc::kCorrupt) {
    LM_TRY(set_outbox_aside(place.file, outbox.error()));
    outbox = Outbox::open(place);
  }
  if (!outbox) return outbox.error();
  std::unique_ptr<Agent> agent(new Agent(std::move(config), clock, std::move(signer),
                                         std::move(answers), std::move(*outbox)));
  if (agent->outbox_.conflict()) {
    const auto& ack = agent->outbox_.ack();
    agent->tell_conflict(0, ack ? ack->body.through : 0);
  }
  (void)agent->outbox_.write_back();
  (void)agent->reserve_.take();
  agent->lock_.emplace(std::move(lock));
  agent->make_bus_ = make_bus;
  LM_ASSIGN(auto alarm_bus, agent->make_alarm_bus());
  agent->hire(std::move(alarm_bus));
  agent->owners_.set(agent->config_.sources);
  agent->owners_.know(agent->outbox_.chain().last);
  for (const auto& s : agent->config_.sources) agent->add_lane(s);
  LM_ASSIGN(auto buses, agent->make_buses());
  agent->use_buses(std::move(buses));
  agent->watch_certificates(make_bus);
  return agent;
}

Agent::Agent(Config config, const Clock& clock, std::unique_ptr<Signer> signer,
             AnswerReader answers, Outbox outbox)
    : config_(std::move(config)),
      clock_({clock, boottime, clock_disciplined}, outbox.floor_ms()),
      signer_(std::make_unique<TimedSigner>(std::move(signer))),
      answers_(std::move(answers)),
      outbox_(std::move(outbox)),
      rejected_(config_.state_dir / "rejected"),
      reserve_(config_.state_dir / kReserve),
      bundler_(bundler_options(config_), *signer_, chain_of(config_, outbox_)),
      ran_before_ms_(outbox_.ran_ms()) {}

Agent::~Agent() {
  buses_.clear();  // they call into the rest
}

void Agent::listen(bus::Bus& bus, std::size_t place) {
  std::vector<std::string> devices = {config_.device};
  for (const auto& s : config_.sources) {
    if (auto behind = device_of(s); !behind.empty()) devices.push_back(std::move(behind));
  }
  for (const auto& device : devices) {
    bus.subscribe(topic_of(config_, device, "ack"), [this, device](const bus::Message& m) {
      inbox_.put(AnswerNews{device, m.payload});
    });
  }
  if (place == 0) {
    bus.subscribe(topic_of(config_, config_.device, "command"), [this](const bus::Message& m) {
      const bool fits = m.payload.size() <= kCommandMax;
      inbox_.put(CommandNews{fits ? m.payload : Bytes{}});
    });
  }
  bus.on_state([this, place](bool connected) { inbox_.put(BusNews{place, connected}); });
}

Result<Agent::Buses> Agent::make_buses() {
  auto options = paho_options(config_, config_.broker);
  options.least_time = [this] { return clock_.least_time(); };
  options.will_topic = topic_of(config_, config_.device, "state");
  LM_ASSIGN(options.will, birth(true));
  Buses out;
  LM_ASSIGN(auto bus, make_bus_(options));
  out.push_back(std::move(bus));
  if (config_.consortium) {
    auto there = paho_options(config_, *config_.consortium);
    there.least_time = options.least_time;
    LM_ASSIGN(auto consortium, make_bus_(there));
    out.push_back(std::move(consortium));
  }
  for (std::size_t i = 0; i < out.size(); ++i) listen(*out[i], i);
  return out;
}

void Agent::use_buses(Buses buses) {
  if (uplink_) {
    sent_before_ += uplink_->sent();
    resent_before_ += uplink_->resends();
  }
  buses_.clear();  // before another one has the same client id
  buses_ = std::move(buses);
  std::vector<bus::Bus*> all;
  for (auto& b : buses_) all.push_back(b.get());
  const std::chrono::seconds resend(config_.resend_s);
  std::set<KeyId> reviewers;
  for (const auto& key : config_.keys.reviewers) reviewers.insert(key_id(key));
  uplink_ = std::make_unique<Uplink>(UplinkOptions{topic_of(config_, config_.device, "bundle"),
                                                   config_.window, resend, config_.backlog_rate},
                                     *buses_[0], outbox_, [this] { inbox_.wake(); });
  relay_ = std::make_unique<StartRelay>(config_.organisation, all, outbox_, std::move(reviewers),
                                        resend);
  uplink_->progress(acked(), Steady::now());
}

Result<Bytes> Agent::birth(bool gone) const {
  Birth b;
  b.device = signer_->kid();
  b.life = outbox_.chain().life;
  b.boot = outbox_.chain().boot;
  b.session = outbox_.session();
  b.gone = gone;
  b.program = "lotmark-edge-agent " LOTMARK_VERSION;
  b.config = config_.hash;
  for (const auto& s : config_.sources) {
    for (auto& channel : channels_of(s))
      b.sources.push_back({s.name, channel, calibration(config_, channel)});
  }
  // What a reviewer needs first, where there are more than a birth holds.
  std::ranges::stable_partition(b.sources, [](const auto& s) { return s.calibration.has_value(); });
  if (b.sources.size() > limits::kSources) b.sources.resize(limits::kSources);
  b.clock = clock_.state();
  b.unacked = outbox_.chain().seq == acked() ? 0 : acked() + 1;
  LM_ASSIGN(auto sealed, seal(b, *signer_, config_.chain));
  return std::move(sealed.bytes);
}

void Agent::publish_birth(bool gone) {
  auto object = birth(gone);
  if (!object) return log::error("birth.failed", {{"error", object.error().message()}});
  (void)buses_[0]->publish(topic_of(config_, config_.device, "state"), *object, true, {});
}

void Agent::stop() {
  stop_ = true;
  inbox_.wake();
}

Status Agent::run() {
  for (auto& bus : buses_) LM_TRY(bus->start());
  for (std::size_t i = 0; i < lanes_.size(); ++i) start_lane(i);
  const SetWaiter set([this] { inbox_.wake(); });
  counts_at_ = Steady::now() + kCountsEvery;
  inbox_.wake();  // the first turn waits for nothing: it says that the agent is up
  Status status;
  while (!stop_ && !done() && status) status = turn();
  for (auto& lane : lanes_) {
    if (lane.source) lane.source->stop();
  }
  inbox_.close();
  for (auto& lane : lanes_) {
    if (lane.thread.joinable()) lane.thread.join();
  }
  dismiss();  // nothing is silent that was told to stop
  if (status) status = finish();
  log_counts();
  if (status && failed_) return *failed_;
  return status;
}

// What live sources said is sealed and kept for the next run; replays will be read again from their place. Where the key does
// not sign, what is sealed already is kept all the same.
Status Agent::finish() {
  key_failed_ = false;
  LM_TRY(take(inbox_.take_all()));
  for (auto& lane : lanes_) {
    if (lane.source && lane.source->recorded()) continue;
    if (!key_failed_) LM_TRY(but_for_the_key(seal_at_once(lane)));
  }
  retry_at_ = {};
  ack_came_ = {};
  seals_due_.emplace();  // now
  if (!commit()) return fail(Errc::kStore, "the last readings could not be kept");
  LM_TRY(uplink_->pump(Steady::now()));
  if (key_failed_)
    return fail(Errc::kCrypto,
                "the record key does not sign: readings of the open windows are lost");
  publish_birth(true);
  return {};
}

void Agent::look_at_clock() {
  if (const auto by = clock_.stepped()) {
    ++counts_.clock_steps;
    log::warn("clock.stepped", {{"by_ms", by->count()}});
  }
  if (const Time until = bundler_.dropping_until(); until > told_dropping_) {
    log::error("clock.was_ahead", {{"until", to_iso(until)}, {"now", to_iso(clock_.now())}});
    told_dropping_ = until;
  }
  const ClockState state = clock_.state();
  if (state == told_clock_) return;
  told_clock_ = state;
  log::info("clock.state", {{"state", name_of(state)}});
}

std::chrono::steady_clock::time_point Agent::deadline() const {
  auto until = std::min(counts_at_, Steady::now() + std::chrono::seconds(5));
  if (!batch_.empty_but_ack()) {
    until = std::min(until, std::max(seals_due_.value_or(retry_at_), retry_at_));
  } else if (batch_.ack) {
    until = std::min(until, std::max(ack_due(), retry_at_));
  }
  if (key_failed_) until = std::min(until, std::max(Steady::now(), key_retry_at_));
  if (auto t = uplink_->deadline()) until = std::min(until, *t);
  if (auto t = relay_->deadline()) until = std::min(until, *t);
  if (auto t = bundler_.deadline(); t && !key_failed_) {
    until = std::min(until, Steady::now() + std::max(Millis(0), *t - clock_.now()));
  }
  return until;
}

Status Agent::turn() {
  take_reload();
  LM_TRY(try_key());
  if (!key_failed_) LM_TRY(but_for_the_key(start_waiting()));
  const std::size_t waiting = batch_.sealed.size();
  LM_TRY(take(inbox_.take(deadline(), wanted())));
  look_at_clock();
  const Time now = clock_.now();
  if (!stuck_ && !key_failed_)
    LM_TRY(but_for_the_key(bundler_.tick(now, clock_.state(), batch_.sealed)));
  note_load(batch_.sealed.size() - waiting);
  const bool durable = commit();
  if (durable && !key_failed_) LM_TRY(but_for_the_key(make_room()));
  LM_TRY(uplink_->pump(Steady::now()));  // what the outbox holds, whatever became of the commit
  relay_->pump(Steady::now());
  if (durable) {
    for (auto& start : relay_->expired(Steady::now())) {
      const bool answered = start.answered();
      let_go(std::move(start),
             answered ? "a reviewer did not answer for a day" : "unanswered for 60 days");
    }
  }
  watch_progress(Steady::now());
  show_figures();
  if (on_turn_) on_turn_();
  if (Steady::now() >= counts_at_) {
    log_counts();
    counts_at_ = Steady::now() + kCountsEvery;
  }
  return {};
}

Status Agent::take(Taken taken) {
  for (auto& news : taken.news) {
    std::visit([this](const auto& n) { take_news(n); }, news);
  }
  std::ranges::move(taken.readings, std::back_inserter(unbundled_));
  while (!unbundled_.empty() && !key_failed_) {
    auto& [source, item] = unbundled_.front();
    const Status done = take(source, item);
    if (!done) return but_for_the_key(done);
    unbundled_.pop_front();
  }
  return {};
}

// What is taken in is gone from a list of readings, also where the rest has to wait.
Status Agent::take(std::size_t source, FromSource& item) {
  if (auto* readings = std::get_if<std::vector<Reading>>(&item))
    return take_readings(source, *readings);
  if (const auto* alarm = std::get_if<SignedAlarm>(&item)) return take_alarm(source, *alarm);
  if (const auto* paused = std::get_if<Paused>(&item)) return take_pause(source, *paused);
  return take_end(source, std::get<Ended>(item));
}

bool Agent::done() const {
  if (!config_.exit_when_done || !batch_.empty() || !waiting_.empty() || !unbundled_.empty())
    return false;
  for (const auto& lane : lanes_) {
    if (!lane.free && recorded(lane.is) && !lane.ended) return false;
  }
  return outbox_.unacked() == 0 && relay_->unanswered() == 0;
}

// What others count, beside what this thread does.
void Agent::count_up() {
  counts_.bad_records = bad_before_;
  for (const auto& lane : lanes_) {
    if (lane.source) counts_.bad_records += lane.source->counts().bad;
  }
  const auto staff = alarms_.staff();
  counts_.alarm_actions = actions_before_ + (staff ? staff->runner->done() : 0);
  counts_.alarm_failures = action_failures_before_ + (staff ? staff->runner->failed() : 0);
}

void Agent::log_counts() {
  count_up();
  log::info("agent.counts", {{"readings", counts_.readings},
                             {"readings_refused", counts_.readings_refused + owners_.refused()},
                             {"bad_records", counts_.bad_records},
                             {"bundles", counts_.bundles},
                             {"seq", outbox_.chain().seq},
                             {"unacked", outbox_.chain().seq - acked()},
                             {"outbox_bytes", outbox_.bytes()},
                             {"sent", sent_before_ + uplink_->sent()},
                             {"resent", resent_before_ + uplink_->resends()},
                             {"acks", counts_.acks},
                             {"answers_refused", counts_.answers_refused},
                             {"acks_ignored", counts_.acks_ignored},
                             {"bundles_refused", counts_.refused},
                             {"starts", counts_.starts},
                             {"starts_let_go", counts_.starts_let_go},
                             {"starts_waiting", relay_->unanswered()},
                             {"starts_repeated", outbox_.starts().size() - relay_->unanswered()},
                             {"arrivals", counts_.arrivals},
                             {"late_dropped", bundler_.dropped()},
                             {"gaps_sealed", counts_.gaps_sealed},
                             {"rejected", rejected_.kept()},
                             {"rejected_dropped", rejected_.dropped()},
                             {"stalls", counts_.stalls},
                             {"clock_steps", counts_.clock_steps},
                             {"commands", counts_.commands},
                             {"commands_refused", counts_.commands_refused},
                             {"alarms", counts_.alarms},
                             {"alarm_actions", counts_.alarm_actions},
                             {"alarm_failures", counts_.alarm_failures},
                             {"commit_errors", counts_.commit_errors}});
}

}  // namespace lotmark::agent
