#include "core/epcis/hash/event_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace lotmark::epcis {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 1440 * kMinuteMs;
constexpr int kOffsetMinutesMax = 14 * 60;  // XML Schema 1.1 part 2, 3.3.7

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `count` digits off the front.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count || !std::ranges::all_of(text.substr(0, count), is_decimal))
    return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) value = value * 10 + (c - '0');
  text.remove_prefix(count);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "2020-03-04T" as milliseconds.
std::optional<std::int64_t> take_day(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take_char(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take_char(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !(take_char(text, 'T') || take_char(text, 't'))) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDayMs;
}

// ".1415" as 142; nothing taken is 0. May be 1000.
std::optional<int> take_decimals(std::string_view& text) {
  if (!take_char(text, '.')) return 0;
  const auto end = std::ranges::find_if_not(text, is_decimal) - text.begin();
  if (end == 0) return std::nullopt;
  const auto digit = [&](std::ptrdiff_t at) {
    return at < end ? text[static_cast<std::size_t>(at)] - '0' : 0;
  };
  const int ms = digit(0) * 100 + digit(1) * 10 + digit(2) + (digit(3) >= 5 ? 1 : 0);
  text.remove_prefix(static_cast<std::size_t>(end));
  return ms;
}

// "11:00:30.1415" as milliseconds of the day.
std::optional<std::int64_t> take_clock(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take_char(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take_char(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *second > 59) return std::nullopt;
  const auto ms = take_decimals(text);
  if (!ms) return std::nullopt;
  return (*hour * 60 + *minute) * kMinuteMs + *second * 1000 + *ms;
}

// "+01:00" as milliseconds, with nothing behind it.
std::optional<std::int64_t> read_zone(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  const bool west = text.starts_with('-');
  if (!take_char(text, '+') && !take_char(text, '-')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || !take_char(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  if (offset > kOffsetMinutesMax) return std::nullopt;
  return (west ? -offset : offset) * kMinuteMs;
}

}  // namespace

std::optional<std::int64_t> event_time_ms(std::string_view text) {
  if (text.size() > kEventTimeTextMax) return std::nullopt;
  const auto day = take_day(text);
  if (!day) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const auto zone = read_zone(text);
  if (!zone) return std::nullopt;
  const std::int64_t ms = *day + *clock - *zone;
  if (ms < kEventTimeMin || ms > kEventTimeMax) return std::nullopt;
  return ms;
}

std::string event_time_text(std::int64_t ms) {
  using std::chrono::milliseconds;
  const std::chrono::sys_time<milliseconds> point(
      milliseconds(std::clamp(ms, kEventTimeMin, kEventTimeMax)));
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace lotmark::epcis
