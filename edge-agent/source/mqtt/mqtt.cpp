#include "edge-agent/source/mqtt/mqtt.h"

#include <algorithm>

#include "core/base/log.h"
#include "edge-agent/source/broker.h"
#include "edge-agent/source/setback.h"

namespace lotmark::agent {

namespace {

constexpr auto kTurn = std::chrono::seconds(1);
constexpr std::size_t kQueuedMax = 4096;
constexpr std::size_t kQueuedBytesMax = 4u << 20;

}  // namespace

MqttSource::MqttSource(MqttOptions options, const Clock& clock, MakeBus make_bus)
    : options_(std::move(options)), clock_(clock), make_bus_(std::move(make_bus)) {
  const auto add = [this](const std::string& filter) {
    if (std::ranges::find(filters_, filter) == filters_.end()) filters_.push_back(filter);
  };
  std::vector<Reading> known;
  for (const auto& c : options_.channels) {
    add(c.topic);
    Reading r{c.channel, c.unit, c.value.exp, 0, std::int64_t{0}, {}};
    if (c.value.text) r.value = std::string();
    known.push_back(std::move(r));
  }
  for (const auto& topic : options_.senml_topics) add(topic);
  for (const auto& c : options_.senml.columns)
    known.push_back(
        {c.channel.empty() ? c.column : c.channel, c.unit, c.exp, 0, std::int64_t{0}, {}});
  seen_.note(known);
}

// A key file that is not there, or that others may read, is mended while the agent runs.
Result<std::optional<Position>> MqttSource::run(Sink& sink) {
  Setback setback(options_.name);
  for (;;) {
    const auto bus = connect();
    if (bus) {
      const bool lost = setback.lasts();
      setback.over();
      serve(sink, lost);
      return std::optional<Position>();
    }
    if (!wait_out(sink, setback.failed(bus.error()))) return std::optional<Position>();
  }
}

Result<std::unique_ptr<bus::Bus>> MqttSource::connect() {
  LM_ASSIGN(auto bus, make_bus_());
  for (std::size_t i = 0; i < filters_.size(); ++i)
    bus->subscribe(filters_[i], [this, i](const bus::Message& m) { on_message(i, m); });
  if (!options_.offline_topic.empty())
    bus->subscribe(options_.offline_topic, [this](const bus::Message& m) { on_status(m); });
  bus->on_state([this](bool connected) {
    std::lock_guard lock(mutex_);
    connected_ = connected;
    wake_.notify_all();
  });
  LM_TRY(bus->start());
  return bus;
}

bool MqttSource::wait_out(Sink& sink, Millis pause) {
  const auto until = std::chrono::steady_clock::now() + pause;
  while (std::chrono::steady_clock::now() < until) {
    if (!declare(sink, GapReason::kSensorLost)) return false;
    const auto turn = std::min(until, std::chrono::steady_clock::now() + kTurn);
    std::unique_lock lock(mutex_);
    if (wake_.wait_until(lock, turn, [&] { return stop_; })) return false;
  }
  return true;
}

void MqttSource::serve(Sink& sink, bool lost) {
  {  // no gap for the time that connecting takes
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kTurn, [&] { return stop_ || connected_; });
  }
  bool was_there = !lost;
  for (;;) {
    std::deque<Arrived> messages;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kTurn, [&] {
      return stop_ || !queue_.empty() || (connected_ && !offline_) != was_there;
    });
    if (stop_) return;
    messages.swap(queue_);
    queued_bytes_ = 0;
    const bool overflow = std::exchange(overflow_, false);
    const bool too_large = std::exchange(too_large_, false);
    const bool there = connected_ && !offline_;
    lock.unlock();
    for (const auto& m : messages) {
      if (!take(sink, m)) return;
    }
    if (overflow && !declare(sink, GapReason::kOutboxFull)) return;
    if (too_large && !take_bad(sink, fail(Errc::kTooLarge, "a message above max_bytes"))) return;
    if ((!there || !was_there) && !declare(sink, GapReason::kSensorLost)) return;
    was_there = there;
  }
}

void MqttSource::stop() {
  std::lock_guard lock(mutex_);
  stop_ = true;
  wake_.notify_all();
}

// Under the lock: a flood is cut here, before it costs memory.
bool MqttSource::has_room(std::size_t bytes) {
  const auto now = std::chrono::steady_clock::now();
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    in_second_ = 0;
  }
  return ++in_second_ <= options_.max_rate && queue_.size() < kQueuedMax &&
         queued_bytes_ + bytes <= kQueuedBytesMax;
}

void MqttSource::on_message(std::size_t filter, const bus::Message& message) {
  if (message.retained && !options_.retained) return;
  std::lock_guard lock(mutex_);
  wake_.notify_all();
  if (message.payload.size() > options_.max_bytes) {
    too_large_ = true;
  } else if (!has_room(message.payload.size())) {
    overflow_ = true;
  } else {
    queued_bytes_ += message.payload.size();
    queue_.push_back({filter, clock_.now(), message.payload});
  }
}

// A last will is retained by custom: it is heeded all the same.
void MqttSource::on_status(const bus::Message& message) {
  std::lock_guard lock(mutex_);
  offline_ = as_text(message.payload) == options_.offline_payload;
  wake_.notify_all();
}

bool MqttSource::take(Sink& sink, const Arrived& message) {
  auto readings = read(message);
  if (!readings) return take_bad(sink, readings.error());
  ++counts_.records;
  std::vector<Reading> values;
  std::ranges::copy_if(*readings, std::back_inserter(values), [](const Reading& r) {
    return !std::holds_alternative<GapReason>(r.value);
  });
  seen_.note(values);
  return readings->empty() || sink.put(std::move(*readings));
}

Result<std::vector<Reading>> MqttSource::read(const Arrived& message) const {
  const std::string& filter = filters_[message.filter];
  const auto text = as_text(message.payload);
  std::vector<Reading> out;
  if (std::ranges::find(options_.senml_topics, filter) != options_.senml_topics.end()) {
    LM_ASSIGN(out, read_senml(text, options_.senml, message.time));
  }
  std::vector<const MqttChannel*> channels;
  std::vector<JsonPointer> pointers;
  for (const auto& c : options_.channels) {
    if (c.topic != filter) continue;
    channels.push_back(&c);
    if (c.pointer) pointers.push_back(*c.pointer);
  }
  std::vector<std::optional<Leaf>> leaves;
  if (!pointers.empty()) {
    LM_ASSIGN(leaves, read_json(text, pointers));
  }
  std::size_t next = 0;
  for (const auto* c : channels) {
    const auto leaf = c->pointer ? std::move(leaves[next++]) : plain_leaf(text);
    if (!leaf) continue;  // a device says only what has changed
    const std::int64_t t = std::max<std::int64_t>(0, to_ms(message.time));
    Reading r{c->channel, c->unit, c->value.exp, t, value_of(*leaf, c->value), {}};
    if (c->value.text) r.gap_kind = ChannelKind::kEpc;
    out.push_back(std::move(r));
  }
  return out;
}

bool MqttSource::take_bad(Sink& sink, const Error& error) {
  if (++counts_.bad == 1) {
    log::warn("source.bad_record", {{"source", options_.name}, {"error", error.message()}});
  }
  return declare(sink, GapReason::kNotANumber);
}

bool MqttSource::declare(Sink& sink, GapReason reason) {
  auto gaps = seen_.lost(reason, to_ms(clock_.now()));
  return gaps.empty() || sink.put(std::move(gaps));
}

std::vector<std::string> channels_of(const MqttOptions& options) {
  std::vector<std::string> out;
  for (const auto& c : options.channels) out.push_back(c.channel);
  for (auto& c : channels_of(options.senml.columns)) out.push_back(std::move(c));
  return out;
}

std::unique_ptr<Source> make_source(const MqttOptions& options, const SourcePlace& place) {
  return std::make_unique<MqttSource>(options, place.clock,
                                      [broker = options.broker] { return make_bus(broker); });
}

}  // namespace lotmark::agent
