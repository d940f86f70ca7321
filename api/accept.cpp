#include <cstdlib>

#include "api/routes.h"

namespace lotmark::api {

namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// The q of one element of an Accept header, in thousandths; 1000 without one.
int quality(std::string_view element) {
  const auto at = element.find("q=");
  if (at == std::string_view::npos) return 1000;
  const std::string number(trim(element.substr(at + 2)));
  const double q = std::strtod(number.c_str(), nullptr);
  return q >= 0 && q <= 1 ? static_cast<int>(q * 1000) : 0;
}

// How well `type` is wanted: the most specific element that fits decides (RFC 9110 section 12.5.1).
int wanted(std::string_view accept, std::string_view type) {
  int best = 0;
  int specific = 0;
  while (!accept.empty()) {
    const auto end = std::min(accept.find(','), accept.size());
    const std::string_view element = trim(accept.substr(0, end));
    accept.remove_prefix(std::min(end + 1, accept.size()));
    const std::string_view range = trim(element.substr(0, element.find(';')));
    const int fits = range == type                                                 ? 3
                     : range == std::string(type.substr(0, type.find('/'))) + "/*" ? 2
                     : range == "*/*"                                              ? 1
                                                                                   : 0;
    if (fits > specific) {
      specific = fits;
      best = quality(element);
    }
  }
  return best;
}

}  // namespace

std::optional<bool> wants_json(std::string_view accept) {
  if (accept.empty()) return false;
  const int json = wanted(accept, "application/json");
  const int html = wanted(accept, "text/html");
  if (json == 0 && html == 0) return std::nullopt;
  return json > html;
}

}  // namespace lotmark::api
