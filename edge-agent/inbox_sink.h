// What a source says, on its way to the inbox: its alarms act before anything waits for room.
#pragma once

#include <map>
#include <utility>

#include "edge-agent/alarm/post.h"
#include "edge-agent/channel_owners.h"
#include "edge-agent/inbox.h"

namespace lotmark::agent {

class InboxSink final : public Sink {
 public:
  // All outlive the sink but `source`. `place` is the inbox's.
  InboxSink(Inbox& inbox, const AlarmPost& alarms, const ChannelOwners& owners, std::size_t place,
            const SourceConfig& source);

  bool put(std::vector<Reading> readings) override;
  bool pause(Position at) override { return inbox_.put(place_, Paused{at}); }
  bool put(DeviceObject object) override;

 private:
  bool hand_over(std::vector<Reading> readings);

  Inbox& inbox_;
  const AlarmPost& alarms_;
  const ChannelOwners& owners_;
  const std::size_t place_;
  const std::string source_;
  const bool recorded_;
  const bool names_channels_;
  const bool polled_;
  bool told_ = false;                                        // of a channel of another's
  std::map<std::string, std::pair<Reading, Reading>> lost_;  // first and last, by channel
};

}  // namespace lotmark::agent
