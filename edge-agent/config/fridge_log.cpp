#include <algorithm>

#include "core/base/hex.h"
#include "edge-agent/config/rules.h"
#include "edge-agent/config/sources.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kKeysMax = 16;

struct ChannelKey {
  const char* key;
  std::string fridge::Channels::*name;
};
constexpr ChannelKey kChannels[] = {
    {"min", &fridge::Channels::min},         {"max", &fridge::Channels::max},
    {"average", &fridge::Channels::average}, {"below", &fridge::Channels::below},
    {"above", &fridge::Channels::above},     {"file", &fridge::Channels::file}};

std::string check_serial(const std::string& s) {
  const bool digits = s.find_first_not_of("0123456789") == std::string::npos;
  return s.empty() || s.size() > 20 || !digits ? "must be 1 to 20 digits" : "";
}
std::string check_key(const std::string& s) {
  const auto bytes = from_hex(s);
  return bytes && bytes->size() == 64 ? "" : "must be 128 hex digits";
}

// "+05:30" in minutes.
std::optional<int> minutes_of(const std::string& s) {
  const bool form =
      s.size() == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':' &&
      (s.substr(1, 2) + s.substr(4)).find_first_not_of("0123456789") == std::string::npos;
  if (!form) return std::nullopt;
  const int hours = std::stoi(s.substr(1, 2));
  const int minutes = std::stoi(s.substr(4));
  if (hours > 14 || minutes > 59) return std::nullopt;
  return (s[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}
std::string check_offset(const std::string& s) {
  return minutes_of(s) ? "" : "must be hours and minutes, such as \"+02:00\"";
}
std::string offset_text(std::chrono::minutes offset) {
  const auto size = std::abs(offset.count());
  const auto two = [](std::int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return (offset.count() < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60);
}

// All by default; with the table, those that it names. That of the file is always there.
void read_channels(const SourceSection& s, fridge::Channels& out) {
  const auto* table = s.keys.table("channels", Need::kOptional);
  if (table == nullptr) {
    for (const auto& c : kChannels) out.*c.name = s.name + "-" + c.key;
    if (s.name.size() + std::string_view("-average").size() > 32)
      s.keys.fault("channels", "is needed: the source's name is too long for default names");
    return;
  }
  Section t(s.faults, *table, s.where + ".channels");
  for (const auto& c : kChannels) {
    const bool file = c.name == &fridge::Channels::file;
    t.text(c.key, out.*c.name, file ? Need::kRequired : Need::kOptional, check_channel);
  }
}

}  // namespace

FridgeLogOptions read_fridge_log(const SourceSection& section) {
  Section& s = section.keys;
  FridgeLogOptions o;
  o.name = section.name;
  s.text("folder", o.folder, Need::kRequired, check_not_empty);
  o.kept = o.folder + "/kept";
  o.rejected = o.folder + "/rejected";
  s.text("kept", o.kept, Need::kOptional, check_not_empty);
  s.text("rejected", o.rejected, Need::kOptional, check_not_empty);
  s.text("serial", o.serial, Need::kRequired, check_serial);
  std::vector<std::string> keys;
  s.texts("keys", keys, Need::kOptional, check_key);
  if (keys.size() > kKeysMax) s.fault("keys", "at most 16");
  for (const auto& key : keys) o.keys.push_back(*from_hex(key));
  std::string offset = "+00:00";
  s.text("utc_offset", offset, Need::kOptional, check_offset);
  o.days.utc_offset = std::chrono::minutes(*minutes_of(offset));
  s.integer("max_bytes", o.max_bytes, 4096, 4 << 20);
  read_channels(section, o.days.channels);
  return o;
}

std::string print_options(const FridgeLogOptions& o) {
  std::string channels;
  for (const auto& c : kChannels) {
    const std::string& name = o.days.channels.*c.name;
    if (name.empty()) continue;
    channels += (channels.empty() ? "" : ", ") + std::string(c.key) + " = " + toml_text(name);
  }
  return toml_line("folder", toml_text(o.folder)) + toml_line("kept", toml_text(o.kept)) +
         toml_line("rejected", toml_text(o.rejected)) + toml_line("serial", toml_text(o.serial)) +
         toml_line("keys",
                   toml_array(o.keys, [](const Bytes& k) { return toml_text(to_hex(k)); })) +
         toml_line("utc_offset", toml_text(offset_text(o.days.utc_offset))) +
         toml_line("max_bytes", std::to_string(o.max_bytes)) +
         toml_line("channels", "{" + channels + "}");
}

}  // namespace lotmark::agent
