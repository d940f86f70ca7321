#include "edge-agent/config/toml_text.h"

#include <fmt/format.h>

namespace lotmark::agent {

std::string toml_text(std::string_view s) {
  std::string out = "\"";
  for (char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_line(std::string_view key, const std::string& value) {
  return fmt::format("{} = {}\n", key, value);
}

}  // namespace lotmark::agent
