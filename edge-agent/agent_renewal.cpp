// The agent's certificates, kept alive (edge-agent/tls).
#include <future>

#include "edge-agent/agent.h"

namespace lotmark::agent {

namespace {

constexpr auto kTrial = std::chrono::seconds(20);

// A connection of its own, beside the agent's, with nothing but the new pair.
Status connect_once(const Agent::MakeBus& make_bus, bus::PahoOptions options,
                    const TlsFiles& files) {
  options.client_id += "-renewal";
  options.will_topic.clear();
  options.cert_file = files.cert;
  options.key_file = files.key;
  auto let_in = std::make_shared<std::promise<void>>();
  auto answer = let_in->get_future();
  LM_ASSIGN(auto bus, make_bus(options));
  bus->on_state([let_in, told = false](bool connected) mutable {
    if (connected && !told) let_in->set_value();
    told = told || connected;
  });
  LM_TRY(bus->start());
  if (answer.wait_for(kTrial) == std::future_status::ready) return {};
  return fail(Errc::kUnavailable, options.url + " does not let it in");
}

}  // namespace

Status Agent::recover_certificates(const Config& config) {
  for (const auto* broker : {&config.broker, config.consortium ? &*config.consortium : nullptr}) {
    if (broker != nullptr && !broker->cert.empty())
      LM_TRY(Renewal::recover({broker->cert, broker->key}));
  }
  return {};
}

// One watch a pair of files: both brokers may share one.
void Agent::watch_certificates(const MakeBus& make_bus) {
  if (config_.renewal_command.empty()) return;
  std::set<std::string> seen;
  for (const auto* broker :
       {&config_.broker, config_.consortium ? &*config_.consortium : nullptr}) {
    if (broker == nullptr || broker->cert.empty() || !seen.insert(broker->cert).second) continue;
    RenewalOptions options;
    options.files = {broker->cert, broker->key};
    options.command = config_.renewal_command;
    options.percent = config_.renewal_percent;
    bus::PahoOptions paho;
    paho.url = broker->url;
    paho.client_id = config_.organisation + "-" + config_.device;
    paho.ca_file = broker->ca;
    Renewal renewal(std::move(options), [make_bus, paho](const TlsFiles& files) {
      return connect_once(make_bus, paho, files);
    });
    renewals_.push_back(std::make_unique<RenewalWatch>(std::move(renewal), clock_));
  }
}

}  // namespace lotmark::agent
