#include "api/accept.h"

#include <algorithm>
#include <string>

namespace lotmark::api {

namespace {

constexpr std::string_view kBlank = " \t";  // OWS of RFC 9110 section 5.6.3

std::string_view trim(std::string_view s) {
  const auto from = s.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return s.substr(from, s.find_last_not_of(kBlank) + 1 - from);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Types, subtypes and names of parameters have no case.
bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

// What stands before `mark`, trimmed; the rest is left after it. A mark within quotes is text.
std::string_view take(std::string_view& rest, char mark) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != mark); ++end) {
    if (rest[end] == '"') quoted = !quoted;
    else if (quoted && rest[end] == '\\') ++end;
  }
  end = std::min(end, rest.size());
  const std::string_view taken = trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

// A weight in thousandths: 0 to 1 with at most three decimals (section 12.4.2). What is none weighs
// nothing.
int weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  int value = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 0;
  int unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    value += (text[i] - '0') * unit;
  }
  return value <= 1000 ? value : 0;
}

// The q among the parameters of one element; 1000 without one.
int quality(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = take(parameters, ';');
    if (same(take(value, '='), "q")) return weight(trim(value));
  }
  return 1000;
}

// How well `type` is wanted, by elements at least this specific: 3 its name, 2 its kind, 1 anything.
int wanted(std::string_view accept, std::string_view type, int least) {
  int best = 0;
  int specific = least - 1;
  const std::string whole_kind = std::string(type.substr(0, type.find('/'))) + "/*";
  while (!accept.empty()) {
    std::string_view parameters = take(accept, ',');
    const std::string_view range = take(parameters, ';');
    const int fits = same(range, type) ? 3 : same(range, whole_kind) ? 2 : range == "*/*" ? 1 : 0;
    if (fits > specific) {
      specific = fits;
      best = quality(parameters);
    }
  }
  return best;
}

// Whether `tag` is `range` with more subtags behind it.
bool extends(std::string_view tag, std::string_view range) {
  return tag.size() > range.size() && tag[range.size()] == '-' &&
         same(tag.substr(0, range.size()), range);
}

// How closely a language range fits a tag; 0: not at all.
int closeness(std::string_view range, std::string_view tag) {
  if (same(range, tag)) return 4;
  if (!range.empty() && extends(tag, range)) return 3;
  if (extends(range, tag)) return 2;
  return range == "*" ? 1 : 0;
}

}  // namespace

int quality_of(std::string_view accept, std::string_view type) {
  return trim(accept).empty() ? 1000 : wanted(accept, type, 1);
}

int named_quality(std::string_view accept, std::string_view type) {
  return wanted(accept, type, 3);
}

int language_quality(std::string_view accept_language, std::string_view tag) {
  if (trim(accept_language).empty()) return 1000;
  int best = 0;
  int closest = 0;
  while (!accept_language.empty()) {
    std::string_view parameters = take(accept_language, ',');
    const int close = closeness(take(parameters, ';'), tag);
    if (close <= closest) continue;
    closest = close;
    best = quality(parameters);
  }
  return best;
}

std::optional<bool> wants_json(std::string_view accept) {
  if (trim(accept).empty()) return false;
  const int json = quality_of(accept, "application/json");
  const int html = quality_of(accept, "text/html");
  if (json == 0 && html == 0) return std::nullopt;
  return json > html;
}

}  // namespace lotmark::api
