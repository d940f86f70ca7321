// The one source behind all polled devices. The devices of a source share its thread: each has its own turns and its own
// quarantine, so that one that is dead costs the others a timeout now and then and no more.
#pragma once

#include <functional>
#include <memory>

#include "edge-agent/source/poll/channel.h"
#include "edge-agent/source/poll/pace.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

struct PolledDevice {
  std::string name;  // in the log
  std::vector<PolledChannel> channels;
  std::unique_ptr<Probe> probe;
};

class Sampler final : public Source {
 public:
  using Ticks = std::function<Tick()>;
  // At least one device. `clock` outlives the sampler; `ticks` only in tests.
  Sampler(std::string name, const PollTiming& timing, std::vector<PolledDevice> devices,
          const Clock& clock, Ticks ticks = std::chrono::steady_clock::now);

  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override { stop_.set(); }

  // When the next device has its turn.
  Tick due() const { return devices_[next()].pace.due(); }
  // Gives that device its turn: readings and gaps to hand on, if any.
  std::vector<Reading> turn();
  // What to declare after the agent took nothing from `from` on (outbox-full), if that was long.
  std::vector<Reading> held_back(Time from, Millis lasted);

 private:
  struct Device {
    PolledDevice is;
    Pace pace;
    std::vector<ChannelFilter> filters;
    bool open = false;
    Tick lost_at;  // since when it fails
  };
  std::size_t next() const;
  Status ask(Device& device, std::vector<Sample>& samples);
  void told(Device& device, const Status& status);
  bool hand_on(Sink& sink, std::vector<Reading> readings);

  const std::string name_;
  const PollTiming timing_;
  const Clock& clock_;
  const Ticks ticks_;
  StopEvent stop_;
  std::vector<Device> devices_;
};

}  // namespace lotmark::agent
