#include <algorithm>

#include "edge-agent/config/polled.h"
#include "edge-agent/config/toml_text.h"
#include "edge-agent/source/serial/serial.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kPatternsMax = 16;

std::string check_send(const std::string& text) {
  return text.empty() || text.size() > 256 ? "must have 1 to 256 bytes" : "";
}

void read_port(Section& s, SerialPortOptions& port) {
  s.text("path", port.path, Need::kRequired, check_not_empty);
  s.integer("baud", port.baud, 300, 921600);
  if (!valid_baud(port.baud)) s.fault("baud", "is none of the usual speeds");
  s.integer("data_bits", port.data_bits, 7, 8);
  s.text("parity", port.parity, Need::kOptional, one_of({"none", "even", "odd"}));
  s.integer("stop_bits", port.stop_bits, 1, 2);
}

// Names of all numbers in the patterns.
std::set<std::string> read_patterns(Section& s, std::string_view key, bool comma,
                                    std::vector<std::string>& out, Need need) {
  std::set<std::string> names;
  s.texts(key, out, need, [&](const std::string& text) {
    const auto pattern = LinePattern::read(text, comma);
    if (!pattern) return pattern.error().text;
    names.insert(pattern->names().begin(), pattern->names().end());
    return std::string();
  });
  if (out.size() > kPatternsMax) s.fault(key, "at most 16");
  return names;
}

}  // namespace

SerialOptions read_serial(const SourceSection& section) {
  Section& s = section.keys;
  SerialOptions o;
  o.name = section.name;
  read_port(s, o.port);
  s.text("send", o.send, Need::kOptional, check_send);
  if (o.send.empty()) {
    read_span<std::chrono::seconds>(s, "silent_after_s", o.silent_after, 0, 86400);
  } else {
    read_span<Millis>(s, "response_timeout_ms", o.response_timeout, 10, 10000);
    read_turns(s, o.timing);
  }
  read_endurance(s, o.timing);
  s.flag("decimal_comma", o.decimal_comma);
  const auto names = read_patterns(s, "patterns", o.decimal_comma, o.patterns, Need::kRequired);
  const auto none = read_patterns(s, "ignore", o.decimal_comma, o.ignore, Need::kOptional);
  if (!none.empty())
    s.fault("ignore", "{" + *none.begin() + "} has a name: what is ignored has {}");
  read_polled_channels(section, [&](Section& keys, PolledChannel c) {
    if (!names.contains(c.channel)) keys.fault("channel", "{" + c.channel + "} is in no pattern");
    o.channels.push_back(std::move(c));
  });
  for (const auto& name : names) {
    const bool known = std::ranges::count(o.channels, name, &PolledChannel::channel) > 0;
    if (!known) s.fault("patterns", "{" + name + "} is no channel");
  }
  return o;
}

std::string print_options(const SerialOptions& o) {
  std::string out = toml_line("path", toml_text(o.port.path)) +
                    toml_line("baud", std::to_string(o.port.baud)) +
                    toml_line("data_bits", std::to_string(o.port.data_bits)) +
                    toml_line("parity", toml_text(o.port.parity)) +
                    toml_line("stop_bits", std::to_string(o.port.stop_bits));
  if (o.send.empty()) {
    out += toml_line("silent_after_s", std::to_string(o.silent_after.count() / 1000));
  } else {
    out += toml_line("send", toml_text(o.send)) +
           toml_line("response_timeout_ms", std::to_string(o.response_timeout.count())) +
           print_turns(o.timing);
  }
  return out + print_endurance(o.timing) + toml_line("decimal_comma", toml_flag(o.decimal_comma)) +
         toml_line("patterns", toml_array(o.patterns, toml_text)) +
         toml_line("ignore", toml_array(o.ignore, toml_text)) +
         toml_line("channels", toml_array(o.channels, [](const PolledChannel& c) {
                     return "{" + print_polled(c) + "}";
                   }));
}

}  // namespace lotmark::agent
