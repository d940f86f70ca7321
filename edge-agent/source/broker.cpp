#include "edge-agent/source/broker.h"

#include <charconv>

#include "edge-agent/source/address.h"

namespace lotmark::agent {

namespace {
constexpr std::chrono::seconds kLookUp{5};
}  // namespace

BrokerUrl read_broker_url(const std::string& url) {
  BrokerUrl out;
  out.tls = url.starts_with("ssl://");
  const auto rest = url.substr(std::min<std::size_t>(6, url.size()));
  out.port = out.tls ? 8883 : 1883;
  const auto colon = rest.rfind(':');
  const bool names_port = colon != std::string::npos && rest.find(']', colon) == std::string::npos;
  out.host = names_port ? rest.substr(0, colon) : rest;
  if (names_port) std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), out.port);
  if (out.host.starts_with("[") && out.host.ends_with("]"))
    out.host = out.host.substr(1, out.host.size() - 2);
  return out;
}

Result<std::unique_ptr<bus::Bus>> make_bus(bus::PahoOptions options) {
  options.before_connect = [url = options.url]() -> Status {
    const auto broker = read_broker_url(url);
    const StopEvent never;
    const auto found = find_addresses(broker.host, broker.port, kLookUp, never);
    return found ? Status() : Status(found.error());
  };
  return bus::make_paho(options);
}

}  // namespace lotmark::agent
