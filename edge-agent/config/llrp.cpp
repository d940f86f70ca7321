#include "core/wire/limits.h"
#include "edge-agent/config/sources.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

namespace {

constexpr std::int64_t kDayS = 24 * 3600;

std::string check_host(const std::string& s) {
  return s.empty() || s.size() > 253 ? "must be an address or a name" : "";
}

void read_antennas(const SourceSection& s, LlrpOptions& out) {
  s.keys.tables("antennas", Need::kOptional, [&](const toml::table& table, std::size_t place) {
    Section a(s.faults, table, s.where + ".antennas[" + std::to_string(place) + "]");
    std::uint16_t antenna = 0;
    std::string channel;
    a.integer("antenna", antenna, 1, 255, Need::kRequired);
    a.text("channel", channel, Need::kRequired, check_channel);
    if (!out.tags.antennas.emplace(antenna, channel).second) {
      a.fault("antenna", std::to_string(antenna) + " is named twice");
    }
  });
  for (const auto& [antenna, channel] : out.tags.antennas) {
    out.session.rospec.antennas.push_back(antenna);
  }
  if (out.tags.antennas.size() > limits::kChannels) s.keys.fault("antennas", "at most 32");
  if (!out.tags.antennas.empty() && s.keys.has("channel")) {
    s.keys.fault("channel", "give either channel or antennas");
  }
}

template <class Duration>
void read_time(Section& keys, std::string_view key, Duration& out, std::int64_t min,
               std::int64_t max, Millis unit) {
  std::int64_t count = std::chrono::duration_cast<Millis>(out) / unit;
  keys.integer(key, count, min, max);
  out = count * unit;
}

}  // namespace

LlrpOptions read_llrp(const SourceSection& s) {
  constexpr Millis kSecond{1000};
  LlrpOptions o;
  o.name = s.name;
  s.keys.text("host", o.host, Need::kRequired, check_host);
  s.keys.integer("port", o.port, 1, 65535);
  o.tags.channel = s.name;
  s.keys.text("channel", o.tags.channel, Need::kOptional, check_channel);
  read_antennas(s, o);
  if (s.keys.has("session")) {
    std::uint8_t session = 0;
    s.keys.integer("session", session, 0, 3);
    o.session.rospec.session = session;
  }
  s.keys.integer("population", o.session.rospec.population, 1, 65535);
  if (s.keys.has("min_rssi_dbm")) {
    int rssi = 0;
    s.keys.integer("min_rssi_dbm", rssi, -128, 127);
    o.tags.min_rssi_dbm = rssi;
  }
  read_time(s.keys, "quiet_s", o.tags.quiet, 0, kDayS, kSecond);
  read_time(s.keys, "repeat_s", o.tags.repeat, 0, kDayS, kSecond);
  read_time(s.keys, "keepalive_s", o.session.keepalive, 1, 3600, kSecond);
  read_time(s.keys, "clock_bound_ms", o.clock_bound, 10, 60000, Millis(1));
  std::string form = "urn";
  s.keys.text("form", form, Need::kOptional, one_of({"urn", "link"}));
  o.tags.form = form == "link" ? gs1::EpcForm::kLink : gs1::EpcForm::kUrn;
  return o;
}

std::string print_options(const LlrpOptions& o) {
  const auto seconds = [](Millis t) { return std::to_string(t.count() / 1000); };
  std::string out =
      toml_line("host", toml_text(o.host)) + toml_line("port", std::to_string(o.port));
  if (o.tags.antennas.empty()) {
    out += toml_line("channel", toml_text(o.tags.channel));
  } else {
    out += toml_line("antennas", toml_array(o.tags.antennas, [](const auto& a) {
                       return "{antenna = " + std::to_string(a.first) +
                              ", channel = " + toml_text(a.second) + "}";
                     }));
  }
  const auto& rospec = o.session.rospec;
  if (rospec.session) out += toml_line("session", std::to_string(*rospec.session));
  out += toml_line("population", std::to_string(rospec.population));
  if (o.tags.min_rssi_dbm) {
    out += toml_line("min_rssi_dbm", std::to_string(*o.tags.min_rssi_dbm));
  }
  return out + toml_line("quiet_s", seconds(o.tags.quiet)) +
         toml_line("repeat_s", seconds(o.tags.repeat)) +
         toml_line("keepalive_s", seconds(o.session.keepalive)) +
         toml_line("clock_bound_ms", std::to_string(o.clock_bound.count())) +
         toml_line("form", o.tags.form == gs1::EpcForm::kLink ? "\"link\"" : "\"urn\"");
}

}  // namespace lotmark::agent
