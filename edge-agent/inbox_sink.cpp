#include "edge-agent/inbox_sink.h"

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr Millis kPatience{500};  // a commit that takes long is no full outbox
}  // namespace

InboxSink::InboxSink(Inbox& inbox, const AlarmPost& alarms, const ChannelOwners& owners,
                     std::size_t place, const SourceConfig& source)
    : inbox_(inbox),
      alarms_(alarms),
      owners_(owners),
      place_(place),
      source_(source.name),
      recorded_(recorded(source)),
      names_channels_(names_channels(source)),
      polled_(polled(source)) {}

// An alarm's record comes behind the readings that brought it.
bool InboxSink::put(std::vector<Reading> readings) {
  if (names_channels_) {
    const auto foreign = owners_.keep_own(source_, readings);
    if (foreign && !std::exchange(told_, true))
      log::warn("reading.foreign",
                {{"source", source_}, {"channel", foreign->channel}, {"owner", foreign->owner}});
  }
  auto raised = alarms_.note(readings, recorded_);
  if (!hand_over(std::move(readings))) return false;
  for (auto& alarm : raised) inbox_.put(place_, std::move(alarm));
  return true;
}

bool InboxSink::put(DeviceObject object) {
  inbox_.put(ObjectNews{place_, std::move(object)});
  return true;
}

// A file or a pipe waits. A sensor cannot: it is read on, for its alarms, and what finds no room is declared once there is
// some.
bool InboxSink::hand_over(std::vector<Reading> readings) {
  if (!polled_) return inbox_.put(place_, std::move(readings));
  std::vector<Reading> all;
  for (const auto& [channel, lost] : lost_) {
    all.push_back(lost.first);
    if (lost.first.t != lost.second.t) all.push_back(lost.second);
  }
  all.insert(all.end(), readings.begin(), readings.end());
  const auto done = inbox_.offer(place_, all, lost_.empty() ? kPatience : Millis(0));
  if (done == Inbox::Offer::kTaken) lost_.clear();
  if (done != Inbox::Offer::kFull) return done == Inbox::Offer::kTaken;
  for (auto& r : readings) {
    const Reading gap = as_gap(std::move(r), GapReason::kOutboxFull);
    lost_.try_emplace(gap.channel, gap, gap).first->second.second = gap;
  }
  return true;
}

}  // namespace lotmark::agent
