// The one source behind all polled devices. The devices of a source share its thread: each has its own turns and its own
// quarantine, so that one that is dead costs the others a timeout now and then and no more. One that hangs (a read that the
// kernel does not come back from) costs them its patience once, and has gaps until it is back; it does not hold up the end.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "edge-agent/source/poll/asker.h"
#include "edge-agent/source/poll/channel.h"
#include "edge-agent/source/poll/pace.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

struct PolledDevice {
  std::string name;  // in the log
  std::vector<PolledChannel> channels;
  std::shared_ptr<Probe> probe;
  int line = 0;            // devices with the same one are never asked at the same time
  Millis patience{20000};  // who takes longer hangs
};

class Sampler final : public Source {
 public:
  using Ticks = std::function<Tick()>;
  // At least one device. `clock` outlives the sampler; `ticks` only in tests.
  Sampler(std::string name, const PollTiming& timing, std::vector<PolledDevice> devices,
          const Clock& clock, Ticks ticks = std::chrono::steady_clock::now);
  ~Sampler() override { lent_->take_back(); }

  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override { stop_->set(); }

  // When the next device has its turn.
  Tick due() const { return devices_[next()].pace.due(); }
  // Gives that device its turn: readings and gaps to hand on, if any.
  std::vector<Reading> turn();
  // Hands on what a turn gave, and before it what found no room earlier. False once stopped.
  bool hand_on(Sink& sink, const std::vector<Reading>& readings);

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
  // Is somebody still out on the device's line? Who came back late is made ready to be asked again.
  bool hangs(const Device& device);
  void told(Device& device, const Status& status);
  void count(const std::vector<Sample>& samples);
  std::vector<Reading> lost() const;

  const std::string name_;
  const PollTiming timing_;
  const Clock& clock_;
  const Ticks ticks_;
  const std::shared_ptr<StopEvent> stop_ = std::make_shared<StopEvent>();
  const std::shared_ptr<LentClock> lent_;
  std::vector<Device> devices_;
  std::map<int, std::shared_ptr<const Asker::Answer>> hung_;  // by line
  Asker asker_;
  std::map<std::string, std::pair<Reading, Reading>> lost_;  // first and last, by channel
};

}  // namespace lotmark::agent
