// Values as TOML that loads again.
#pragma once

#include <string>
#include <string_view>

namespace lotmark::agent {

std::string toml_text(std::string_view s);
inline std::string toml_flag(bool b) { return b ? "true" : "false"; }

template <class List, class Text>
std::string toml_array(const List& list, const Text& text) {
  std::string out = "[";
  for (const auto& e : list) out += (out.size() == 1 ? "" : ", ") + text(e);
  return out + "]";
}

// "key = value\n"
std::string toml_line(std::string_view key, const std::string& value);

}  // namespace lotmark::agent
