// --print-config: what is in force, as TOML that loads again.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "edge-agent/config/alarms.h"
#include "edge-agent/config/config.h"
#include "edge-agent/config/sources.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

std::string print_broker(std::string_view name, const BrokerConfig& b) {
  std::string out = fmt::format("\n[{}]\n", name) + toml_line("url", toml_text(b.url));
  if (!b.user.empty()) out += toml_line("user", toml_text(b.user));
  if (!b.password_file.empty()) out += toml_line("password_file", toml_text(b.password_file));
  if (b.url.starts_with("tcp://")) return out;
  out += toml_line("ca", toml_text(b.ca));
  if (b.cert.empty() && !b.user.empty()) return out;
  return out + toml_line("cert", toml_text(b.cert)) + toml_line("key", toml_text(b.key));
}

std::string print_config(const Config& c) {
  const auto point = [](const PublicKey& k) { return toml_text(to_hex(k)); };
  std::string out = "[agent]\n" + toml_line("organisation", toml_text(c.organisation)) +
                    toml_line("device", toml_text(c.device)) +
                    toml_line("state_dir", toml_text(c.state_dir.string())) +
                    toml_line("chain", toml_text(to_hex(c.chain))) +
                    toml_line("bundle_s", std::to_string(c.bundle_s)) +
                    toml_line("exit_when_done", toml_flag(c.exit_when_done)) +
                    toml_line("log_level", toml_text(c.log_level));
  if (c.anchor) {
    out += toml_line("anchor", fmt::format("{{size = {}, root = {}}}", c.anchor->size,
                                           toml_text(to_hex(c.anchor->root))));
  }
  out += "\n[key]\n" +
         (c.key.uri.empty() ? toml_line("file", toml_text(c.key.file.string()))
                            : toml_line("uri", toml_text(c.key.uri))) +
         print_broker("broker", c.broker);
  if (c.consortium) out += print_broker("consortium", *c.consortium);
  out += "\n[outbox]\n" + toml_line("max_bytes", std::to_string(c.outbox_max_bytes)) +
         toml_line("max_age_s", std::to_string(c.outbox_max_age_s)) +
         toml_line("backlog_rate", std::to_string(c.backlog_rate)) +
         toml_line("alarm_s", std::to_string(c.alarm_s)) +
         toml_line("resend_s", std::to_string(c.resend_s)) +
         toml_line("window", std::to_string(c.window));
  if (c.metrics_port) {
    out += "\n[metrics]\n" +
           toml_line("listen", toml_text(fmt::format("127.0.0.1:{}", *c.metrics_port)));
  }
  if (!c.renewal_command.empty()) {
    out += "\n[renewal]\n" + toml_line("command", toml_array(c.renewal_command, toml_text)) +
           toml_line("at_percent", std::to_string(c.renewal_percent));
  }
  out += "\n[node]\n" + toml_line("enterprise", toml_array(c.keys.enterprise, point));
  out += toml_line("reviewers", toml_array(c.keys.reviewers, point));
  for (const auto& s : c.sources) out += print_source(s);
  return out + print_alarms(c);
}

}  // namespace lotmark::agent
