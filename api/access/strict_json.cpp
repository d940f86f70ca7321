#include "api/access/strict_json.h"

#include <nlohmann/json.hpp>
#include <set>

namespace lotmark::api::access {

namespace {

constexpr unsigned kDepthMax = 8;

// Looked at before the parser is, which would build a tree of any depth.
bool too_deep(std::string_view text) {
  unsigned depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      else if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDepthMax) return true;
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace

Result<nlohmann::json> read_object(ByteView bytes, std::size_t bytes_max) {
  using Json = nlohmann::json;
  if (bytes.size() > bytes_max)
    return fail(Errc::kTooLarge, "above " + std::to_string(bytes_max) + " bytes");
  if (too_deep(as_text(bytes))) return fail(Errc::kUsage, "nested too deep");
  std::vector<std::set<std::string>> names;  // of each object that is open
  bool twice = false;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key)
      twice = !names.back().insert(parsed.get<std::string>()).second || twice;
    return true;
  };
  try {
    Json out = Json::parse(bytes.begin(), bytes.end(), watch, /*allow_exceptions=*/false);
    if (out.is_discarded()) return fail(Errc::kUsage, "no JSON");
    if (twice) return fail(Errc::kUsage, "a name stands twice in one object");
    if (!out.is_object()) return fail(Errc::kUsage, "no JSON object");
    return out;
  } catch (const Json::exception&) {
    return fail(Errc::kUsage, "no JSON");
  }
}

}  // namespace lotmark::api::access
