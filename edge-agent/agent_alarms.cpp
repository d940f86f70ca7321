// Alarms on their way into bundles; what they set off is the desk's (edge-agent/alarm).
#include <algorithm>
#include <filesystem>

#include "core/base/log.h"
#include "edge-agent/agent.h"

namespace lotmark::agent {

namespace {

// A bundle that holds an alarm does not wait for its window's end, unless one just left for the same reason.
constexpr auto kSealEvery = std::chrono::seconds(5);

// The program beside this one.
std::string webhook_program() {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (self.parent_path() / "lotmark-edge-webhook").string();
}

}  // namespace

// Null where config_ names no broker for alarms, or no alarm ever was.
Result<std::unique_ptr<bus::Bus>> Agent::make_alarm_bus() {
  std::unique_ptr<bus::Bus> bus;
  if (!config_.alarm_broker || (config_.alarms.empty() && !alarms_.staff())) return bus;
  bus::PahoOptions o;
  o.url = config_.alarm_broker->url;
  o.client_id = config_.organisation + "-" + config_.device + "-alarms";
  o.ca_file = config_.alarm_broker->ca;
  o.cert_file = config_.alarm_broker->cert;
  o.key_file = config_.alarm_broker->key;
  o.user = config_.alarm_broker->user;
  o.password_file = config_.alarm_broker->password_file;
  o.least_time = [this] { return clock_.least_time(); };
  LM_ASSIGN(bus, make_bus_(o));
  LM_TRY(bus->start());
  return bus;
}

// The runner stays over reloads, so that what it was told is done. A desk without rules ends what the one before it raised.
void Agent::hire(std::unique_ptr<bus::Bus> bus) {
  const auto old = alarms_.staff();
  if (!old && config_.alarms.empty()) return;
  auto staff = std::make_shared<AlarmStaff>();
  if (old) {
    staff->runner = old->runner;
    staff->runner->use(config_.webhook_ca, std::move(bus));
  } else {
    staff->runner =
        std::make_shared<ActionRunner>(ActionRunner::Options{.webhook_program = webhook_program(),
                                                             .webhook_ca = config_.webhook_ca},
                                       std::move(bus));
  }
  staff->desk = std::make_unique<AlarmDesk>(
      config_.alarms, config_.organisation + "/" + config_.device, clock_, *staff->runner,
      [this](SignedAlarm a) { inbox_.put(SilenceNews{std::move(a)}); });
  alarms_.set(std::move(staff));
}

void Agent::dismiss() {
  if (const auto old = alarms_.staff()) {
    actions_before_ = old->runner->done();
    action_failures_before_ = old->runner->failed();
  }
  alarms_.set(nullptr);
}

// A channel's source is known by its configuration; of one that names its channels itself any live source will do, since
// the alarm names its channel.
void Agent::take_news(const SilenceNews& news) {
  std::optional<std::size_t> place;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const SourceConfig& source = lanes_[i].is;
    if (lanes_[i].free || recorded(source) || !device_of(source).empty()) continue;
    const auto channels = channels_of(source);
    const bool feeds = std::ranges::find(channels, news.alarm.channel) != channels.end();
    if (feeds || !place) place = i;
    if (feeds) break;
  }
  if (place) inbox_.put(*place, news.alarm);
}

Status Agent::take_alarm(std::size_t source, const SignedAlarm& alarm) {
  const Time now = clock_.now();
  const ClockState clock = clock_.state();
  Lane& lane = lanes_[source];
  const std::size_t sealed = batch_.sealed.size();
  const auto put =
      bundler_.alarm(lane.place, alarm.rule, alarm.t, alarm.reading, now, clock, batch_.sealed);
  if (!put && put.code() != Errc::kFieldRange) return put;
  if (batch_.sealed.size() != sealed) note_place(source);
  if (!put) log::warn("alarm.unsigned", {{"alarm", alarm.rule}, {"error", put.error().message()}});
  if (!alarm.rule.ends_with("/cleared")) ++counts_.alarms;
  const auto mono = std::chrono::steady_clock::now();
  if (recorded(lane.is) || mono - lane.alarm_sealed < kSealEvery) return {};
  lane.alarm_sealed = mono;
  const Status sealed_now = seal_at_once(lane);
  lane.seal_due = !sealed_now;  // it is in its window, and is not to be put there twice
  return but_for_the_key(sealed_now);
}

}  // namespace lotmark::agent
