// One connection to an MQTT broker, step by step, so that it can be said which step fails: name, TCP, TLS, CONNECT,
// SUBSCRIBE. MQTT 3.1.1 by hand: the bus that the agent runs on connects and reconnects by itself, and tells too little.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "core/base/bytes.h"
#include "edge-agent/config/config.h"

namespace lotmark::agent {

struct TrialOptions {
  BrokerConfig broker;
  std::string
      client_id;      // another than the agent's: a broker ends the older session of a client id
  std::string topic;  // subscribed to at QoS 0; empty: not at all
  std::chrono::milliseconds timeout{5000};  // of each step
  std::chrono::milliseconds listen{0};      // for messages, once subscribed
};
struct TrialReport {
  std::string protocol;  // TLSv1.3, or plain
  bool heard = false;    // `on_message` was satisfied
};
// network, with the step and why; denied if the broker refused the client or the subscription. `on_message` says
// whether it heard enough.
Result<TrialReport> try_broker(const TrialOptions& options,
                               const std::function<bool(ByteView payload)>& on_message);

}  // namespace lotmark::agent
