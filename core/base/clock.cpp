#include "core/base/clock.h"

#include <fmt/format.h>

namespace lotmark {

Time SystemClock::now() const {
  return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
}

std::string to_iso(Time t) {
  constexpr auto kFirst = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
  constexpr auto kEnd = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};
  if (t < kFirst || t >= kEnd) return fmt::format("{} ms since 1970", to_ms(t));
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day ymd{day};
  const std::chrono::hh_mm_ss hms{t - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(ymd.year()),
                     static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                     hms.hours().count(), hms.minutes().count(), hms.seconds().count(),
                     hms.subseconds().count());
}

namespace {

// Reads exactly `digits` digits from the front and drops them.
std::optional<int> number(std::string_view& s, std::size_t digits) {
  if (s.size() < digits) return std::nullopt;
  int v = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (s[i] < '0' || s[i] > '9') return std::nullopt;
    v = v * 10 + (s[i] - '0');
  }
  s.remove_prefix(digits);
  return v;
}

bool skip(std::string_view& s, char c) {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

struct TimeOfDay {
  int h = 0, m = 0, s = 0, ms = 0;
};

std::optional<TimeOfDay> take_time(std::string_view& text) {
  TimeOfDay t;
  auto h = number(text, 2);
  if (!h || !skip(text, ':')) return std::nullopt;
  auto m = number(text, 2);
  if (!m) return std::nullopt;
  t.h = *h;
  t.m = *m;
  if (skip(text, ':')) {
    auto s = number(text, 2);
    if (!s) return std::nullopt;
    t.s = *s;
    if (skip(text, '.')) {
      auto ms = number(text, 3);
      if (!ms) return std::nullopt;
      t.ms = *ms;
    }
  }
  if (t.h > 23 || t.m > 59 || t.s > 59) return std::nullopt;
  return t;
}

}  // namespace

std::optional<Time> from_iso(std::string_view text) {
  auto y = number(text, 4);
  if (!y || !skip(text, '-')) return std::nullopt;
  auto mo = number(text, 2);
  if (!mo || !skip(text, '-')) return std::nullopt;
  auto d = number(text, 2);
  if (!d) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year{*y},
                                        std::chrono::month{static_cast<unsigned>(*mo)},
                                        std::chrono::day{static_cast<unsigned>(*d)}};
  if (!ymd.ok()) return std::nullopt;
  TimeOfDay t;
  if (skip(text, 'T') || skip(text, ' ')) {
    auto read = take_time(text);
    if (!read) return std::nullopt;
    t = *read;
  }
  skip(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return Time{std::chrono::sys_days{ymd}} + std::chrono::hours{t.h} + std::chrono::minutes{t.m} +
         std::chrono::seconds{t.s} + Millis{t.ms};
}

}  // namespace lotmark
