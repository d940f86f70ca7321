#include "core/gs1/ai_rules.h"

#include <algorithm>
#include <array>

#include "core/gs1/check.h"
#include "core/http/message.h"

namespace lotmark::gs1 {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool digits_only(std::string_view s) { return std::ranges::all_of(s, is_digit); }

// Of at most ten digits.
std::uint64_t number_of(std::string_view digits) {
  std::uint64_t n = 0;
  for (const char c : digits) n = n * 10 + static_cast<std::uint64_t>(c - '0');
  return n;
}

// Years of two digits are of the hundred around today (GenSpecs 7.12): the one that divides by 100 is 2000, a leap
// year.
bool is_leap(std::uint64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// "YYMMDD" or "YYYYMMDD"; day 00 is the whole month.
bool is_day(std::string_view part, bool month_alone) {
  const std::size_t n = part.size();
  const auto month = number_of(part.substr(n - 4, 2));
  const auto day = number_of(part.substr(n - 2));
  const auto year = n == 6 ? 2000 + number_of(part.substr(0, 2)) : number_of(part.substr(0, 4));
  constexpr std::array<std::uint64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return false;
  if (day == 0) return month_alone;
  return day <= kDays[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

bool is_percent_encoded(std::string_view part) { return http::percent_decode(part).has_value(); }

// "2/3": neither has zeros in front, the first is not above the second.
bool is_place_in_sequence(std::string_view part) {
  const auto slash = part.find('/');
  if (slash == std::string_view::npos) return false;
  const auto place = part.substr(0, slash);
  const auto of = part.substr(slash + 1);
  if (place.empty() || of.empty() || place[0] == '0' || of[0] == '0') return false;
  if (!digits_only(place) || !digits_only(of) || place.size() > 9 || of.size() > 9) return false;
  return number_of(place) <= number_of(of);
}

// The first half counts within the second.
bool is_piece_of_total(std::string_view part) {
  const auto piece = number_of(part.substr(0, part.size() / 2));
  return piece > 0 && piece <= number_of(part.substr(part.size() / 2));
}

// ISO 13616: the first four characters moved behind, letters as 10 to 35, leave 1 when divided by 97.
bool is_iban(std::string_view part) {
  if (part.size() < 11 || !is_upper(part[0]) || !is_upper(part[1])) return false;
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const char c = part[(i + 4) % part.size()];
    if (is_digit(c)) rest = (rest * 10 + static_cast<std::uint64_t>(c - '0')) % 97;
    else if (is_upper(c)) rest = (rest * 100 + 10 + static_cast<std::uint64_t>(c - 'A')) % 97;
    else return false;
  }
  return rest == 1;
}

bool has_check_pair(std::string_view part) {
  if (part.size() < 3) return false;
  return check_pair(part.substr(0, part.size() - 2)) == part.substr(part.size() - 2);
}

// Types of AIDC media that ICCBBA gave out, and those for use within a country.
bool is_media(std::string_view part) {
  const auto n = number_of(part);
  return (n >= 1 && n <= 10) || n >= 80;
}

bool is_importer(char c) {
  return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

bool is_package(std::string_view part) {
  return std::ranges::all_of(part, [](char c) { return is_digit(c) || is_upper(c); });
}

std::string_view unless(bool kept, std::string_view broken) {
  return kept ? std::string_view{} : broken;
}

}  // namespace

// One row a rule.
std::string_view broken_rule(AiRule rule, std::string_view part) {
  constexpr std::string_view kNoDay = "has a date that does not exist";
  constexpr std::string_view kNoTime = "has a time that does not exist";
  const std::size_t n = part.size();
  if (n == 0) return {};
  switch (rule) {
    case AiRule::kNone: return {};
    case AiRule::kCheck: return unless(mod10_holds(part), "has a wrong check digit");
    case AiRule::kCheckPair: return unless(has_check_pair(part), "has wrong check characters");
    case AiRule::kCode: return unless(part != "000", "has a code that nobody gave out");
    case AiRule::kDay: return unless(is_day(part, false), kNoDay);
    case AiRule::kAllDigits: return unless(digits_only(part), "has other characters than digits");
    case AiRule::kHour: return unless(number_of(part) < 24, kNoTime);
    case AiRule::kHyphen: return unless(part == "-", "ends in something else than a hyphen");
    case AiRule::kIban: return unless(is_iban(part), "is no IBAN");
    case AiRule::kImporter:
      return unless(is_importer(part[0]), "has a character no importer's index has");
    case AiRule::kLatitude: return unless(number_of(part) <= 1800000000, "is beyond the pole");
    case AiRule::kLetters: return unless(std::ranges::all_of(part, is_upper), "is no country code");
    case AiRule::kLongDay: return unless(is_day(part, false), kNoDay);
    case AiRule::kLongitude: return unless(number_of(part) <= 3600000000, "is beyond 360 degrees");
    case AiRule::kMedia: return unless(is_media(part), "has a media type that nobody gave out");
    case AiRule::kMonthOrDay: return unless(is_day(part, true), kNoDay);
    case AiRule::kNoLeadingZero: return unless(part[0] != '0', "begins with a zero");
    case AiRule::kNonzero:
      return unless(!part.starts_with(std::string(n, '0')), "has a part that is zero");
    case AiRule::kNotAllDigits: return unless(!digits_only(part), "has digits only");
    case AiRule::kPackage: return unless(is_package(part), "is no package code");
    case AiRule::kPercent:
      return unless(is_percent_encoded(part), "has a % without two hex digits");
    case AiRule::kPieceOfTotal: return unless(is_piece_of_total(part), "counts a piece beyond all");
    case AiRule::kPlaceInSequence: return unless(is_place_in_sequence(part), "is no place n/m");
    case AiRule::kPrefix:
      return unless(n >= 4 && digits_only(part.substr(0, 4)), "does not begin with four digits");
    case AiRule::kSex: return unless(part[0] <= '2' || part[0] == '9', "is not 0, 1, 2 or 9");
    case AiRule::kSixty: return unless(number_of(part) < 60, kNoTime);
    case AiRule::kTime:
      return unless(number_of(part.substr(0, 2)) < 24 && number_of(part.substr(2)) < 60, kNoTime);
    case AiRule::kWinding: return unless(part[0] <= '1' || part[0] == '9', "is not 0, 1 or 9");
    case AiRule::kYesNo: return unless(part[0] <= '1', "is not 0 or 1");
    case AiRule::kZero: return unless(part[0] == '0', "does not begin with a zero");
  }
  return {};
}

}  // namespace lotmark::gs1
