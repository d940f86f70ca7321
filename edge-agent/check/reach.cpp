// What lies outside this machine: certificates and brokers.
#include <fmt/format.h>

#include <set>

#include "core/base/private_file.h"
#include "core/bus/bus.h"
#include "edge-agent/check/broker_trial.h"
#include "edge-agent/check/check.h"
#include "edge-agent/tls/certificate.h"

namespace lotmark::agent {

namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kWarnDays = 30;

struct NamedBroker {
  const char* name;
  const BrokerConfig* broker;
};
std::vector<NamedBroker> brokers_of(const Config& c) {
  std::vector<NamedBroker> out = {{"broker", &c.broker}};
  if (c.consortium) out.push_back({"consortium", &*c.consortium});
  if (c.alarm_broker) out.push_back({"alarms", &*c.alarm_broker});
  return out;
}

void check_file(const std::string& name, const std::string& file, Time now, Findings& out) {
  const auto dates = read_certificate_file(file);
  if (!dates) {
    out.push_back({name, Mark::kFault, dates.error().message()});
    return;
  }
  const std::int64_t days = (dates->to - now).count() / kDay;
  const std::string until = file + ": good until " + to_iso(dates->to);
  if (now >= dates->to) {
    out.push_back({name, Mark::kFault, until + ": it has ended"});
  } else if (now < dates->from) {
    out.push_back({name, Mark::kFault, file + ": not good before " + to_iso(dates->from)});
  } else {
    out.push_back({name, days < kWarnDays ? Mark::kWarn : Mark::kOk,
                   fmt::format("{}, {} days left", until, days)});
  }
}

}  // namespace

void check_certificates(const Config& c, const Clock& clock, Findings& out) {
  std::set<std::string> seen;  // brokers often share one
  for (const auto& [name, b] : brokers_of(c)) {
    if (!b->url.starts_with("ssl://")) continue;
    const std::string of(name);
    if (seen.insert(b->ca).second) check_file(of + ".ca", b->ca, clock.now(), out);
    if (b->cert.empty()) continue;  // known by its name and password
    if (seen.insert(b->cert).second) check_file(of + ".cert", b->cert, clock.now(), out);
    const auto cert = read_certificate_file(b->cert);
    if (const auto own = c.organisation + "/" + c.device; cert && cert->common_name != own)
      out.push_back({of + ".cert", Mark::kWarn,
                     fmt::format("is made out to {}, and [agent] says {}: what the broker lets "
                                 "through goes by the name in it",
                                 cert->common_name, own)});
    if (auto pair = check_key_pair(b->cert, b->key); !pair) {
      out.push_back({of + ".key", Mark::kFault, pair.error().message()});
    } else if (auto own = check_private_file(b->key); !own) {
      out.push_back({of + ".key", Mark::kFault, own.error().message()});  // the agent takes no such
    }
  }
}

void check_brokers(const Config& c, const CheckOptions& options, Findings& out) {
  const auto answers = AnswerReader::from(c.chain, c.keys);
  const std::string ack = to_string(bus::Topic{c.organisation, c.device, "ack"});
  const BrokerConfig* alarms = c.alarm_broker ? &*c.alarm_broker : nullptr;
  for (const auto& [name, broker] : brokers_of(c)) {
    const bool devices = broker == &c.broker;
    TrialOptions o;
    o.broker = *broker;
    o.client_id = c.organisation + "-" + c.device + "-check";
    if (broker != alarms) o.topic = ack;  // there the agent only publishes, and may do no more
    if (devices) o.listen = options.wait;
    const auto report = try_broker(o, [&](ByteView object) {
      const auto read = answers ? answers->read(object)
                                : Result<std::variant<KeptAck, KeptArrival>>(answers.error());
      return read && std::holds_alternative<KeptAck>(*read);
    });
    if (!report) {
      out.push_back({name, Mark::kFault, report.error().message()});
      continue;
    }
    out.push_back(
        {name, Mark::kOk,
         report->protocol + ", connected" + (o.topic.empty() ? "" : ", subscribed to " + o.topic)});
    if (!devices || options.wait.count() == 0) continue;
    out.push_back({"ack.live", report->heard ? Mark::kOk : Mark::kWarn,
                   report->heard ? "a node's signed ack came while listening"
                                 : fmt::format("none came within {} s", options.wait.count())});
  }
}

}  // namespace lotmark::agent
