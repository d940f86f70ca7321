#include "edge-agent/alarm/desk.h"

#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "core/wire/values.h"

namespace lotmark::agent {

namespace {

using Steady = std::chrono::steady_clock;

std::vector<AlarmRule> rules_of(const std::vector<AlarmConfig>& alarms) {
  std::vector<AlarmRule> out;
  for (const auto& a : alarms) out.push_back(a.rule);
  return out;
}

std::string value_text(const std::optional<Reading>& reading) {
  if (!reading) return {};
  if (const auto* v = std::get_if<std::int64_t>(&reading->value))
    return to_decimal(*v, reading->exp);
  const auto* text = std::get_if<std::string>(&reading->value);
  return text != nullptr ? *text : std::string();
}

std::shared_ptr<const AlarmNotice> notice_of(const AlarmRule& rule, const AlarmEvent& event,
                                             const std::string& device) {
  const std::string state = event.raised ? "raised" : "cleared";
  const std::string value = value_text(event.reading);
  const std::string unit = event.reading ? event.reading->unit : "";
  const std::string time = to_iso(from_ms(event.t));
  nlohmann::json j = {{"alarm", rule.name},
                      {"state", state},
                      {"device", device},
                      {"channel", rule.channel},
                      {"time", time}};
  if (!value.empty()) j["value"] = value;
  if (!unit.empty()) j["unit"] = unit;
  auto notice = std::make_shared<AlarmNotice>();
  notice->environment = {{"LOTMARK_ALARM", rule.name},     {"LOTMARK_ALARM_STATE", state},
                         {"LOTMARK_ALARM_DEVICE", device}, {"LOTMARK_ALARM_CHANNEL", rule.channel},
                         {"LOTMARK_ALARM_TIME", time},     {"LOTMARK_ALARM_VALUE", value},
                         {"LOTMARK_ALARM_UNIT", unit}};
  // A text reading may hold bytes that are no UTF-8: they are replaced in what people read.
  notice->json = j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return notice;
}

}  // namespace

AlarmDesk::AlarmDesk(std::vector<AlarmConfig> alarms, std::string device, const Clock& clock,
                     ActionRunner& runner, OnAlarm on_alarm)
    : alarms_(std::move(alarms)),
      rules_(rules_of(alarms_)),
      device_(std::move(device)),
      clock_(clock),
      runner_(runner),
      on_alarm_(std::move(on_alarm)),
      watch_(rules_, Steady::now()),
      thread_([this] { watch_time(); }) {}

AlarmDesk::~AlarmDesk() { leave(); }

void AlarmDesk::leave() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// The old thread has told all it found before anything is told here: no end overtakes what it ends.
void AlarmDesk::succeed(AlarmDesk& old) {
  old.leave();
  std::vector<AlarmEvent> ended;
  {
    std::lock_guard lock(mutex_);
    watch_.succeed(old.watch_, clock_.now(), ended);
  }
  wake_.notify_one();
  for (const auto& e : ended) on_alarm_(old.settle(e, true));
}

std::vector<SignedAlarm> AlarmDesk::note(const std::vector<Reading>& readings, bool recorded) {
  std::vector<AlarmEvent> events;
  {
    std::lock_guard lock(mutex_);
    for (const auto& r : readings) watch_.note(r, !recorded, Steady::now(), events);
  }
  wake_.notify_one();
  std::vector<SignedAlarm> out;
  for (const auto& e : events) out.push_back(settle(e, !recorded));
  return out;
}

void AlarmDesk::watch_time() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    const auto until = watch_.deadline();
    if (!until) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, *until);
    }
    if (stop_) return;
    std::vector<AlarmEvent> events;
    watch_.tick(clock_.now(), Steady::now(), events);
    lock.unlock();
    for (const auto& e : events) on_alarm_(settle(e, true));
    lock.lock();
  }
}

SignedAlarm AlarmDesk::settle(const AlarmEvent& event, bool act) {
  const auto& [rule, actions] = alarms_[event.rule];
  if (event.raised) ++raised_;
  const std::string value = value_text(event.reading);
  log::warn(event.raised ? "channel.alarm" : "channel.alarm_ended",
            {{"alarm", rule.name}, {"channel", rule.channel}, {"value", value}});
  if (act) runner_.tell(rule.name, actions, notice_of(rule, event, device_));
  return {event.raised ? rule.name : rule.name + "/cleared", rule.channel, event.t, event.reading};
}

}  // namespace lotmark::agent
