#include <algorithm>

#include "core/wire/limits.h"
#include "edge-agent/config/rules.h"
#include "edge-agent/config/sources.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

namespace {

// + and # stand for whole levels, # for the last one.
std::string check_filter(const std::string& s) {
  if (s.empty() || s.size() > limits::kText) return "must have 1 to 256 bytes";
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '+' && s[i] != '#') continue;
    const bool alone = (i == 0 || s[i - 1] == '/') && (i + 1 == s.size() || s[i + 1] == '/');
    if (!alone || (s[i] == '#' && i + 1 != s.size()))
      return "+ or # in a place where it means nothing";
  }
  return "";
}
std::string check_pointer(const std::string& s) {
  const auto pointer = JsonPointer::read(s);
  return pointer ? "" : pointer.error().text;
}

// A broker ends the older connection of a client id: gateways that share a drop-in must not share one, or each throws the
// other off for ever.
void read_broker(const SourceSection& section, bus::PahoOptions& out) {
  Section& s = section.keys;
  out.client_id = "lotmark-" + section.agent + "_" + section.name;
  s.text("url", out.url, Need::kRequired, check_url);
  s.text("client_id", out.client_id, Need::kOptional, check_text);
  s.text("ca", out.ca_file, Need::kOptional, check_not_empty);
  s.text("cert", out.cert_file, Need::kOptional, check_not_empty);
  s.text("key", out.key_file, Need::kOptional, check_not_empty);
  s.text("user", out.user, Need::kOptional, check_not_empty);
  s.text("password_file", out.password_file, Need::kOptional, check_not_empty);
  if (out.user.empty() && !out.password_file.empty())
    s.fault("user", "is needed with password_file");
  if (out.cert_file.empty() != out.key_file.empty())
    s.fault("cert", "cert and key belong together");
  if (out.url.starts_with("ssl://") && out.ca_file.empty()) s.fault("ca", "is needed with ssl://");
}

void read_channels(const SourceSection& s, std::vector<MqttChannel>& out) {
  s.keys.tables("channels", Need::kOptional, [&](const toml::table& table, std::size_t place) {
    Section c(s.faults, table, s.where + ".channels[" + std::to_string(place) + "]");
    MqttChannel m;
    c.text("topic", m.topic, Need::kRequired, check_filter);
    c.text("channel", m.channel, Need::kRequired, check_channel);
    if (c.has("pointer")) {
      c.text("pointer", m.pointer_text, Need::kRequired, check_pointer);
      m.pointer = JsonPointer();
      if (auto pointer = JsonPointer::read(m.pointer_text)) m.pointer = std::move(*pointer);
    }
    c.flag("text", m.value.text);
    if (!m.value.text) {
      c.text("unit", m.unit, Need::kOptional);
      c.integer("exp", m.value.exp, -18, 18, Need::kRequired);
      c.flag("round", m.value.round);
    }
    if (std::ranges::count(out, m.channel, &MqttChannel::channel) > 0)
      return c.fault("channel", "\"" + m.channel + "\" is named twice");
    out.push_back(std::move(m));
  });
  if (out.size() > limits::kChannels) s.keys.fault("channels", "at most 32");
}

}  // namespace

MqttOptions read_mqtt(const SourceSection& section) {
  Section& s = section.keys;
  MqttOptions o;
  o.name = section.name;
  read_broker(section, o.broker);
  read_channels(section, o.channels);
  s.texts("senml", o.senml_topics, Need::kOptional, check_filter);
  if (!o.senml_topics.empty()) read_senml_keys(section, o.senml);
  if (o.channels.empty() && o.senml_topics.empty())
    s.fault("channels", "channels or senml is needed");
  s.flag("retained", o.retained);
  s.integer("max_bytes", o.max_bytes, 1, 1 << 20);
  s.integer("max_rate", o.max_rate, 1, 100000);
  s.text("offline_topic", o.offline_topic, Need::kOptional, check_filter);
  s.text("offline_payload", o.offline_payload, Need::kOptional, check_text);
  return o;
}

std::string print_options(const MqttOptions& o) {
  std::string out = toml_line("url", toml_text(o.broker.url)) +
                    toml_line("client_id", toml_text(o.broker.client_id));
  if (!o.broker.ca_file.empty()) out += toml_line("ca", toml_text(o.broker.ca_file));
  if (!o.broker.cert_file.empty()) {
    out += toml_line("cert", toml_text(o.broker.cert_file)) +
           toml_line("key", toml_text(o.broker.key_file));
  }
  if (!o.broker.user.empty()) out += toml_line("user", toml_text(o.broker.user));
  if (!o.broker.password_file.empty())
    out += toml_line("password_file", toml_text(o.broker.password_file));
  out += toml_line(
      "channels", toml_array(o.channels, [](const MqttChannel& c) {
        std::string t = "{topic = " + toml_text(c.topic) + ", channel = " + toml_text(c.channel);
        if (c.pointer) t += ", pointer = " + toml_text(c.pointer_text);
        if (c.value.text) return t + ", text = true}";
        return t + ", unit = " + toml_text(c.unit) + ", exp = " + std::to_string(c.value.exp) +
               ", round = " + toml_flag(c.value.round) + "}";
      }));
  if (!o.senml_topics.empty())
    out += toml_line("senml", toml_array(o.senml_topics, toml_text)) + print_senml(o.senml);
  out += toml_line("retained", toml_flag(o.retained)) +
         toml_line("max_bytes", std::to_string(o.max_bytes)) +
         toml_line("max_rate", std::to_string(o.max_rate));
  if (!o.offline_topic.empty()) {
    out += toml_line("offline_topic", toml_text(o.offline_topic)) +
           toml_line("offline_payload", toml_text(o.offline_payload));
  }
  return out;
}

}  // namespace lotmark::agent
