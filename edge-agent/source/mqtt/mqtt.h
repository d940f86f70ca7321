// Readings from a broker of the site: ESPHome, Zigbee2MQTT, BLE gateways. A connection of its own. While there is none, or a
// device's last will says it is gone, its channels have declared gaps (sensor-lost).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "core/bus/bus.h"
#include "edge-agent/source/mqtt/payload.h"
#include "edge-agent/source/seen.h"
#include "edge-agent/source/senml.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

struct MqttChannel {
  std::string topic;                   // an MQTT filter: + and # as usual
  std::optional<JsonPointer> pointer;  // nothing: the payload is the value
  std::string pointer_text;
  std::string channel;
  std::string unit;
  PayloadValue value;
};

struct MqttOptions {
  std::string name;
  bus::PahoOptions broker;
  std::vector<MqttChannel> channels;
  std::vector<std::string> senml_topics;  // filters of messages that are SenML
  SenmlOptions senml;
  bool retained =
      false;  // else what the broker kept, of which nobody knows the age, is passed over
  std::size_t max_bytes = 64 * 1024;  // of a payload
  unsigned max_rate = 1000;           // messages a second
  std::string offline_topic;          // of the devices' last will; empty: none
  std::string offline_payload = "offline";
};

class MqttSource final : public Source {
 public:
  using MakeBus = std::function<Result<std::unique_ptr<bus::Bus>>()>;
  // `clock` outlives the source.
  MqttSource(MqttOptions options, const Clock& clock, MakeBus make_bus);

  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override;

 private:
  struct Arrived {
    std::size_t filter = 0;
    Time time;
    Bytes payload;
  };
  // A connection that is being made, and what listens on it.
  Result<std::unique_ptr<bus::Bus>> connect();
  // Hands on what comes. `lost`: its channels were until now.
  void serve(Sink& sink, bool lost);
  // Its channels are lost meanwhile. False if the agent stops.
  bool wait_out(Sink& sink, Millis pause);
  void on_message(std::size_t filter, const bus::Message& message);
  void on_status(const bus::Message& message);
  bool has_room(std::size_t bytes);
  // False if the agent stops.
  bool take(Sink& sink, const Arrived& message);
  bool take_bad(Sink& sink, const Error& error);
  bool declare(Sink& sink, GapReason reason);
  Result<std::vector<Reading>> read(const Arrived& message) const;

  const MqttOptions options_;
  const Clock& clock_;
  const MakeBus make_bus_;
  std::vector<std::string> filters_;  // one of each
  Seen seen_;

  std::mutex mutex_;  // what follows
  std::condition_variable wake_;
  std::deque<Arrived> queue_;
  std::size_t queued_bytes_ = 0;
  bool overflow_ = false;  // messages were dropped
  bool too_large_ = false;
  bool stop_ = false;
  bool connected_ = false;
  bool offline_ = false;
  std::chrono::steady_clock::time_point second_;  // since when `in_second_` counts
  unsigned in_second_ = 0;
};

std::vector<std::string> channels_of(const MqttOptions& options);
std::unique_ptr<Source> make_source(const MqttOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
