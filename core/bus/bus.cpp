#include "core/bus/bus.h"

namespace lotmark::bus {

namespace {

constexpr std::string_view kPrefix = "lotmark/v1/";
constexpr std::size_t kNameMax = 32;

// Cuts the first level off `rest`; `more` tells whether another one follows.
std::string_view next_level(std::string_view& rest, bool& more) {
  const auto slash = rest.find('/');
  more = slash != std::string_view::npos;
  const auto level = rest.substr(0, slash);
  rest = more ? rest.substr(slash + 1) : std::string_view{};
  return level;
}

}  // namespace

bool valid_name(std::string_view name) {
  if (name.empty() || name.size() > kNameMax) return false;
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string to_string(const Topic& t) {
  return std::string(kPrefix) + t.organisation + '/' + t.device + '/' + t.kind;
}

std::optional<Topic> parse_topic(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  Topic t;
  bool more = false;
  t.organisation = next_level(text, more);
  if (!more) return std::nullopt;
  t.device = next_level(text, more);
  if (!more) return std::nullopt;
  t.kind = next_level(text, more);
  if (more || !valid_name(t.organisation) || !valid_name(t.device) || !valid_name(t.kind)) {
    return std::nullopt;
  }
  return t;
}

bool matches(std::string_view filter, std::string_view topic) {
  // MQTT 3.1.1 section 4.7.2: a wildcard in front does not reach the broker's own topics.
  if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) return false;
  bool more_filter = true;
  bool more_topic = true;
  while (more_filter) {
    const auto f = next_level(filter, more_filter);
    if (f == "#") return !more_filter;  // also covers the level above: a/# covers a
    if (!more_topic) return false;
    const auto t = next_level(topic, more_topic);
    if (f != "+" && f != t) return false;
    if (more_filter && !more_topic) return filter == "#";
  }
  return !more_topic;
}

}  // namespace lotmark::bus
