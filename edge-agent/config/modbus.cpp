#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "edge-agent/config/polled.h"
#include "edge-agent/config/toml_text.h"
#include "edge-agent/source/modbus/modbus.h"

namespace lotmark::agent {

namespace {

constexpr std::array kTables = {"holding", "input", "coil",
                                "discrete"};  // in the order of ModbusTable
constexpr std::array kTypes = {"u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64"};
constexpr std::array kOrders = {"abcd", "cdab", "badc", "dcba"};

// The place of a word in a list that is in the order of an enumeration.
template <class Enum, std::size_t kSize>
void read_word(Section& s, std::string_view key, const std::array<const char*, kSize>& words,
               Enum& out, Need need = Need::kOptional) {
  std::string text;
  s.text(key, text, need, one_of({words.begin(), words.end()}));
  const auto at = std::ranges::find(words, text);
  if (at != words.end()) out = static_cast<Enum>(at - words.begin());
}

void read_channel(Section& s, ModbusOptions& o, PolledChannel is) {
  ModbusChannel c{std::move(is), 1, {}};
  auto& f = c.field;
  s.integer("slave", c.slave, 1, 255);
  if (c.slave > 247 && (c.slave != 255 || !o.line.serial.empty())) {
    s.fault("slave", "must be 1 to 247, or 255 over TCP");
  }
  read_word(s, "register", kTables, f.table, Need::kRequired);
  s.integer("address", f.address, 0, 65535, Need::kRequired);
  if (is_bit(f.table)) {
    f.type = ModbusType::kBit;
  } else {
    read_word(s, "type", kTypes, f.type);
    read_word(s, "order", kOrders, f.order);
  }
  if (f.address + width(f.type) > 65536) s.fault("address", "reaches beyond 65535");
  o.channels.push_back(std::move(c));
}

void read_line(Section& s, ModbusLineOptions& line) {
  s.text("address", line.address, Need::kOptional, check_not_empty);
  s.text("serial", line.serial, Need::kOptional, check_not_empty);
  if (line.address.empty() == line.serial.empty())
    s.fault("address", "give either address or serial");
  if (line.serial.empty()) {
    s.integer("port", line.port, 1, 65535);
  } else {
    s.integer("baud", line.baud, 300, 4000000);
    s.text("parity", line.parity, Need::kOptional, one_of({"none", "even", "odd"}));
    s.integer("stop_bits", line.stop_bits, 1, 2);
  }
  read_span<Millis>(s, "response_timeout_ms", line.response_timeout, 10, 10000);
  read_span<Millis>(s, "pause_between_requests_ms", line.pause, 0, 10000);
}

std::string print_channel(const ModbusChannel& c) {
  const auto& f = c.field;
  std::string out = fmt::format("{{slave = {}, register = \"{}\", address = {}", c.slave,
                                kTables[static_cast<std::size_t>(f.table)], f.address);
  if (!is_bit(f.table)) {
    out += fmt::format(", type = \"{}\", order = \"{}\"", kTypes[static_cast<std::size_t>(f.type)],
                       kOrders[static_cast<std::size_t>(f.order)]);
  }
  return out + ", " + print_polled(c.is) + "}";
}

}  // namespace

ModbusOptions read_modbus(const SourceSection& s) {
  ModbusOptions o;
  o.name = s.name;
  read_line(s.keys, o.line);
  s.keys.flag("one_request_per_field", o.one_request_per_field);
  read_turns(s.keys, o.timing);
  read_endurance(s.keys, o.timing);
  read_polled_channels(
      s, [&](Section& keys, PolledChannel c) { read_channel(keys, o, std::move(c)); });
  return o;
}

std::string print_options(const ModbusOptions& o) {
  const auto& l = o.line;
  const std::string line =
      l.serial.empty()
          ? toml_line("address", toml_text(l.address)) + toml_line("port", std::to_string(l.port))
          : toml_line("serial", toml_text(l.serial)) + toml_line("baud", std::to_string(l.baud)) +
                toml_line("parity", toml_text(l.parity)) +
                toml_line("stop_bits", std::to_string(l.stop_bits));
  return line + toml_line("response_timeout_ms", std::to_string(l.response_timeout.count())) +
         toml_line("pause_between_requests_ms", std::to_string(l.pause.count())) +
         toml_line("one_request_per_field", toml_flag(o.one_request_per_field)) +
         print_turns(o.timing) + print_endurance(o.timing) +
         toml_line("channels", toml_array(o.channels, print_channel));
}

}  // namespace lotmark::agent
