#include "core/epcis/door/forms.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace lotmark::epcis {

namespace {

constexpr std::array<std::pair<std::string_view, Form>, 8> kForms = {{
    {"uri", Form::kUri},
    {"date-time", Form::kTime},
    {"zone-offset", Form::kZoneOffset},
    {"version", Form::kVersion},
    {"hex", Form::kHex},
    {"unit-code", Form::kUnitCode},
    {"uri-not-of-cbv", Form::kUriNotOfCbv},
    {"uri-not-of-voc", Form::kUriNotOfVoc},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
// RFC 3986: unreserved, sub-delims.
bool stands_plain(char c) {
  return is_letter(c) || is_digit(c) ||
         std::string_view("-._~!$&'()*+,;=").find(c) != std::string_view::npos;
}

// Plain characters, those of `more`, and %XX.
bool is_spelled(std::string_view text, std::string_view more) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (stands_plain(text[i]) || more.find(text[i]) != std::string_view::npos) continue;
    if (text[i] != '%' || text.size() - i < 3) return false;
    if (!is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

// What stands between [ and ]: an IPv6 address, or "v1.…" of a later kind.
bool is_ip_literal(std::string_view text) {
  if (text.starts_with('v') || text.starts_with('V')) {
    const auto dot = text.find('.');
    return dot != std::string_view::npos && dot > 1 && dot + 1 < text.size() &&
           std::ranges::all_of(text.substr(1, dot - 1), is_hex_digit) &&
           text.find('%') == std::string_view::npos && is_spelled(text.substr(dot + 1), ":");
  }
  in6_addr address;
  return text.size() < INET6_ADDRSTRLEN && text.find('\0') == std::string_view::npos &&
         inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool is_authority(std::string_view text) {
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    if (!is_spelled(text.substr(0, at), ":")) return false;
    text.remove_prefix(at + 1);
  }
  std::size_t host = text.find(':');
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos || !is_ip_literal(text.substr(1, end - 1))) return false;
    host = end + 1;
    if (host < text.size() && text[host] != ':') return false;
  } else if (!is_spelled(text.substr(0, host), "")) {
    return false;
  }
  return host >= text.size() || std::ranges::all_of(text.substr(host + 1), is_digit);
}

// Reads fixed digits and signs off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  // The number of `digits` digits; -1 where there are not so many.
  int number(std::size_t digits) {
    if (rest_.size() < digits || !std::ranges::all_of(rest_.substr(0, digits), is_digit)) return -1;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) value = value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(digits);
    return value;
  }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool sign() { return skip('+') || skip('-'); }
  bool digits() {
    const auto end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(end);
    return end > 0;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool is_within(int value, int low, int high) { return value >= low && value <= high; }

int days_of(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool is_version(std::string_view text) {
  Reader in(text);
  do {
    if (!in.digits()) return false;
  } while (in.skip('.'));
  return in.at_end();
}

bool is_unit_code(std::string_view text) {
  return (text.size() == 2 || text.size() == 3) &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
}

// http or https, then `rest`.
bool is_web(std::string_view text, std::string_view rest) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme) && text.substr(scheme.size()).starts_with(rest)) return true;
  }
  return false;
}

bool is_of_cbv(std::string_view text) {
  return text.starts_with("urn:epcglobal:cbv") || is_web(text, "ns.gs1.org/cbv/");
}

bool is_of_voc(std::string_view text) {
  return is_web(text, "gs1.org/voc/") || is_web(text, "www.gs1.org/voc/");
}

}  // namespace

std::optional<Form> form_named(std::string_view format) {
  const auto found = std::ranges::find(kForms, format, [](const auto& row) { return row.first; });
  if (found == kForms.end()) return std::nullopt;
  return found->second;
}

bool has_form(Form form, std::string_view text) {
  switch (form) {
    case Form::kUri: return is_uri(text);
    case Form::kTime: return is_time(text);
    case Form::kZoneOffset: return is_zone_offset(text);
    case Form::kVersion: return is_version(text);
    case Form::kHex: return !text.empty() && std::ranges::all_of(text, is_hex_digit);
    case Form::kUnitCode: return is_unit_code(text);
    case Form::kUriNotOfCbv: return is_uri(text) && !is_of_cbv(text);
    case Form::kUriNotOfVoc: return is_uri(text) && !is_of_voc(text);
  }
  return false;
}

bool is_uri(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(text[0])) return false;
  for (const char c : text.substr(0, colon)) {
    if (!is_letter(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') return false;
  }
  text.remove_prefix(colon + 1);
  if (const auto hash = text.find('#'); hash != std::string_view::npos) {
    if (!is_spelled(text.substr(hash + 1), ":@/?")) return false;
    text = text.substr(0, hash);
  }
  if (const auto mark = text.find('?'); mark != std::string_view::npos) {
    if (!is_spelled(text.substr(mark + 1), ":@/?")) return false;
    text = text.substr(0, mark);
  }
  if (text.empty()) return false;
  if (!text.starts_with("//")) return is_spelled(text, ":@/");
  text.remove_prefix(2);
  const auto path = std::min(text.find('/'), text.size());
  return is_authority(text.substr(0, path)) && is_spelled(text.substr(path), ":@/");
}

bool is_time(std::string_view text) {
  Reader in(text);
  const int year = in.number(4);
  if (year < 0 || !in.skip('-')) return false;
  const int month = in.number(2);
  if (!is_within(month, 1, 12) || !in.skip('-')) return false;
  if (!is_within(in.number(2), 1, days_of(year, month)) || !in.skip('T')) return false;
  if (!is_within(in.number(2), 0, 23) || !in.skip(':')) return false;
  if (!is_within(in.number(2), 0, 59) || !in.skip(':')) return false;
  if (!is_within(in.number(2), 0, 59)) return false;
  if (in.skip('.') && !in.digits()) return false;
  if (in.skip('Z')) return in.at_end();
  if (!in.sign() || !is_within(in.number(2), 0, 23) || !in.skip(':')) return false;
  return is_within(in.number(2), 0, 59) && in.at_end();
}

bool is_zone_offset(std::string_view text) {
  Reader in(text);
  if (!in.sign()) return false;
  const int hours = in.number(2);
  if (!is_within(hours, 0, 14) || !in.skip(':')) return false;
  return is_within(in.number(2), 0, hours == 14 ? 0 : 59) && in.at_end();
}

}  // namespace lotmark::epcis
