// One line an event: `event.name key=value key="two words"`. Names are listed in docs/operate/events.md.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lotmark::log {

enum class Level { kDebug, kInfo, kWarn, kError };

struct Field {
  std::string key;
  std::string value;
  template <class T>
  Field(std::string_view k, const T& v) : key(k), value(fmt::format("{}", v)) {}
};

// Lines go to standard error; `program` stands in each. Call once, before any thread starts.
void setup(std::string_view program, Level level);
// debug, info, warn or error; false for anything else, and nothing changes.
bool level_from(std::string_view text, Level& out);

void event(Level level, std::string_view name, const std::vector<Field>& fields = {});
inline void debug(std::string_view name, const std::vector<Field>& f = {}) {
  event(Level::kDebug, name, f);
}
inline void info(std::string_view name, const std::vector<Field>& f = {}) {
  event(Level::kInfo, name, f);
}
inline void warn(std::string_view name, const std::vector<Field>& f = {}) {
  event(Level::kWarn, name, f);
}
inline void error(std::string_view name, const std::vector<Field>& f = {}) {
  event(Level::kError, name, f);
}

}  // namespace lotmark::log
