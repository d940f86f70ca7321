// A broker by its address.
#pragma once

#include <memory>
#include <string>

#include "core/bus/bus.h"

namespace lotmark::agent {

// "ssl://host:port", "tcp://[::1]:port"; without a port MQTT's own.
struct BrokerUrl {
  std::string host;  // without brackets
  int port = 0;
  bool tls = false;
};
BrokerUrl read_broker_url(const std::string& url);

// A bus of Paho's that looks the broker's name up before each try, for 5 s at most. Errors of make_paho.
Result<std::unique_ptr<bus::Bus>> make_bus(bus::PahoOptions options);

}  // namespace lotmark::agent
