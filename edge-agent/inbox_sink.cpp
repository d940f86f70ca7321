#include "edge-agent/inbox_sink.h"

#include "core/base/log.h"

namespace lotmark::agent {

InboxSink::InboxSink(Inbox& inbox, const AlarmPost& alarms, const ChannelOwners& owners,
                     std::size_t place, const SourceConfig& source)
    : inbox_(inbox),
      alarms_(alarms),
      owners_(owners),
      place_(place),
      source_(source.name),
      recorded_(recorded(source)),
      names_channels_(names_channels(source)) {}

// Of what is another source's nothing is left.
void InboxSink::keep_own(std::vector<Reading>& readings) {
  if (!names_channels_) return;
  const auto foreign = owners_.keep_own(source_, readings);
  if (foreign && !std::exchange(told_, true))
    log::warn("reading.foreign",
              {{"source", source_}, {"channel", foreign->channel}, {"owner", foreign->owner}});
}

// An alarm's record comes behind the readings that brought it.
bool InboxSink::put(std::vector<Reading> readings) {
  keep_own(readings);
  auto raised = alarms_.note(readings, recorded_);
  if (!inbox_.put(place_, std::move(readings))) return false;
  for (auto& alarm : raised) inbox_.put(place_, std::move(alarm));
  return true;
}

Sink::Offer InboxSink::offer(std::vector<Reading>& readings, Millis patience) {
  auto raised = alarms_.note(readings, recorded_);
  const Offer done = inbox_.offer(place_, readings, patience);
  for (auto& alarm : raised) inbox_.put(place_, std::move(alarm));
  return done;
}

bool InboxSink::put(DeviceObject object) {
  inbox_.put(ObjectNews{place_, std::move(object)});
  return true;
}

}  // namespace lotmark::agent
