// Judges what sources say the moment they say it, on their threads, before anything is stored: alarms act whatever
// disk and broker do. What was raised is also handed back, to be signed into the bundle.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "edge-agent/alarm/actions.h"
#include "edge-agent/alarm/watch.h"

namespace lotmark::agent {

struct AlarmConfig {
  AlarmRule rule;
  AlarmActions actions;
};

// What a bundle says of an alarm.
struct SignedAlarm {
  std::string rule;  // its name, "NAME/cleared" when it ended
  std::string channel;
  std::int64_t t = 0;
  std::optional<Reading> reading;  // the channel's last; its value is signed where it is a quantity
};

class AlarmDesk {
 public:
  // From the desk's thread, and within succeed(): an alarm that no reading brought.
  using OnAlarm = std::function<void(SignedAlarm)>;
  // `device` is named in notices. `clock` and `runner` outlive the desk.
  AlarmDesk(std::vector<AlarmConfig> alarms, std::string device, const Clock& clock,
            ActionRunner& runner, OnAlarm on_alarm);
  ~AlarmDesk();

  // Readings of one source; from any thread. Recorded ones are signed and act on nothing. What was raised or ended,
  // in the order of the readings.
  std::vector<SignedAlarm> note(const std::vector<Reading>& readings, bool recorded);
  // Goes on where `old`, which judges nothing from then on, stood in each rule that is unchanged. What is raised by a rule
  // that is gone or another now is ended, with its old actions. Nobody calls note() of either meanwhile.
  void succeed(AlarmDesk& old);
  std::uint64_t raised() const { return raised_; }

 private:
  void watch_time();
  void leave();
  SignedAlarm settle(const AlarmEvent& event, bool act);

  const std::vector<AlarmConfig> alarms_;
  const std::vector<AlarmRule> rules_;
  const std::string device_;
  const Clock& clock_;
  ActionRunner& runner_;
  const OnAlarm on_alarm_;
  std::atomic<std::uint64_t> raised_ = 0;
  std::mutex mutex_;  // of what follows
  std::condition_variable wake_;
  AlarmWatch watch_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lotmark::agent
