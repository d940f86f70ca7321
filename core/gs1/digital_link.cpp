#include "core/gs1/digital_link.h"

#include <vector>

#include "core/http/message.h"

namespace lotmark::gs1 {

namespace {

bool all_digits(std::string_view s) {
  for (const char c : s) {
    if (c < '0' || c > '9') return false;
  }
  return !s.empty();
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Error no_link(std::string_view why) { return fail(Errc::kUsage, std::string(why)); }

Status take_gtin(std::string_view value, DigitalLink& out) {
  out.gtin.text = pad_gtin(value);
  if (valid(out.gtin)) return {};
  return fail(Errc::kGtin, "a GTIN is 14 digits (or 8, 12, 13) with a right check digit");
}

Status take_lot(std::string value, DigitalLink& out) {
  out.lot = LotNumber{std::move(value)};
  if (valid(*out.lot)) return {};
  return fail(Errc::kLot, "a lot is 1 to 20 characters of GS1's set 82");
}

Status take_serial(std::string value, DigitalLink& out) {
  out.serial = std::move(value);
  if (valid_serial(*out.serial)) return {};
  return fail(Errc::kFieldRange, "a serial is 1 to 20 characters of GS1's set 82");
}

Status check_query(std::string_view query) {
  if (query.empty()) return {};
  for (const std::string_view pair : split(query, '&')) {
    const auto eq = pair.find('=');
    const std::string_view key = pair.substr(0, eq);
    if (!all_digits(key)) continue;  // not GS1's: passes
    const auto value =
        eq == std::string_view::npos ? std::nullopt : http::percent_decode(pair.substr(eq + 1));
    if (!value || value->empty()) return no_link("attribute " + std::string(key) + " has no value");
    if (key.size() < 2 || key.size() > 4)
      return no_link("attribute " + std::string(key) + " does not exist");
    if (key == "01" || key == "10" || key == "21" || key == "22") {
      return no_link("attribute " + std::string(key) + " belongs into the path");
    }
  }
  return {};
}

Result<DigitalLink> parse_segments(const std::vector<std::string_view>& s) {
  DigitalLink out;
  if (s.size() < 2 || s.size() % 2 != 0 || s[0] != "01")
    return no_link("no /01/GTIN with its qualifiers");
  for (std::size_t i = 0; i + 1 < s.size(); i += 2) {
    auto value = http::percent_decode(s[i + 1]);
    if (!value) return no_link("a percent sign is not followed by two hex digits");
    if (i == 0) {
      LM_TRY(take_gtin(*value, out));
    } else if (s[i] == "10" && !out.lot && !out.serial) {
      LM_TRY(take_lot(std::move(*value), out));
    } else if (s[i] == "21" && !out.serial) {
      LM_TRY(take_serial(std::move(*value), out));
    } else {
      return no_link("after the GTIN come /10/LOT and /21/SERIAL, in this order");
    }
  }
  return out;
}

std::vector<std::string_view> segments_of(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.starts_with('/')) path.remove_prefix(1);
  return split(path, '/');
}

}  // namespace

std::optional<char> check_digit(std::string_view first13) {
  if (first13.size() != 13 || !all_digits(first13)) return std::nullopt;
  int sum = 0;
  for (std::size_t i = 0; i < 13; ++i) sum += (first13[i] - '0') * (i % 2 == 0 ? 3 : 1);
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string pad_gtin(std::string_view digits) {
  const std::size_t n = digits.size();
  if (n != 8 && n != 12 && n != 13) return std::string(digits);
  return std::string(14 - n, '0').append(digits);
}

bool valid_serial(std::string_view serial) { return valid(LotNumber{std::string(serial)}); }

Result<DigitalLink> parse_path(std::string_view path, std::string_view query) {
  if (!path.starts_with('/')) return no_link("a path begins with a slash");
  LM_TRY(check_query(query));
  return parse_segments(segments_of(path));
}

Result<DigitalLink> parse_uri(std::string_view uri) {
  const auto scheme_end = uri.find("://");
  if (scheme_end == std::string_view::npos) return no_link("no URI");
  const std::string_view scheme = uri.substr(0, scheme_end);
  if (scheme != "https" && scheme != "http" && scheme != "HTTPS" && scheme != "HTTP") {
    return no_link("the scheme is http or https");
  }
  uri.remove_prefix(scheme_end + 3);
  uri = uri.substr(0, uri.find('#'));
  if (uri.find_first_of("<>{}|\\^`\" ") != std::string_view::npos)
    return no_link("a character must be encoded");
  const auto mark = uri.find('?');
  const std::string_view place = uri.substr(0, mark);
  const auto slash = place.find('/');
  if (slash == 0 || slash == std::string_view::npos) return no_link("host or path is missing");
  LM_TRY(check_query(mark == std::string_view::npos ? std::string_view{} : uri.substr(mark + 1)));
  auto s = segments_of(place.substr(slash));
  // The last key counts: what stands before it is the way to the resolver.
  for (std::size_t i = s.size(); i-- > 0;) {
    if (s[i] == "01" && (s.size() - i) % 2 == 0) {
      return parse_segments({s.begin() + static_cast<std::ptrdiff_t>(i), s.end()});
    }
  }
  return no_link("no /01/GTIN with its qualifiers");
}

std::string path_of(const DigitalLink& link) {
  std::string path = "/01/" + link.gtin.text;
  if (link.lot) path += "/10/" + http::percent_encode(link.lot->text);
  if (link.serial) path += "/21/" + http::percent_encode(*link.serial);
  return path;
}

std::string digital_link(std::string_view origin, const Gtin& gtin, const LotNumber& lot) {
  if (origin.ends_with('/')) origin.remove_suffix(1);
  const bool bare = origin.find("://") == std::string_view::npos;
  return (bare ? "https://" : "") + std::string(origin) + path_of({gtin, lot, std::nullopt});
}

std::string element_string(const Gtin& gtin, const LotNumber& lot, const Expiry& expires) {
  const std::string day = std::to_string(expires.yyyymmdd);
  return "(01)" + gtin.text + "(10)" + lot.text + "(17)" + (day.size() == 8 ? day.substr(2) : day);
}

}  // namespace lotmark::gs1
