// What a source says, on its way to the inbox: its alarms act before anything waits for room.
#pragma once

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
  Offer offer(std::vector<Reading>& readings, Millis patience) override;
  void last(std::vector<Reading> gaps) override { inbox_.put_last(place_, std::move(gaps)); }
  bool pause(Position at) override { return inbox_.put(place_, Paused{at}); }
  bool put(DeviceObject object) override;

 private:
  void keep_own(std::vector<Reading>& readings);

  Inbox& inbox_;
  const AlarmPost& alarms_;
  const ChannelOwners& owners_;
  const std::size_t place_;
  const std::string source_;
  const bool recorded_;
  const bool names_channels_;
  bool told_ = false;  // of a channel of another's
};

}  // namespace lotmark::agent
