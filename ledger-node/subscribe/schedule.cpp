#include "ledger-node/subscribe/schedule.h"

#include <algorithm>
#include <charconv>

namespace lotmark::node {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year_month_day;

namespace {

constexpr std::size_t kScheduleTextMax = 256;
constexpr int kYearsMax = 41;  // 29 February on a given weekday, over a year 2100

// Takes a number off the front.
std::optional<unsigned> take_number(std::string_view& text) {
  unsigned value = 0;
  const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || at == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()));
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

struct Steps {
  unsigned from = 0, to = 0, by = 1;
};

// "5", "[5-10]", "5/10"; what is left of the text behind it stays.
std::optional<Steps> take_element(std::string_view& text, unsigned most) {
  if (take_char(text, '[')) {
    const auto from = take_number(text);
    const bool dash = take_char(text, '-');
    const auto to = take_number(text);
    if (!from || !dash || !to || *from > *to || !take_char(text, ']')) return std::nullopt;
    return Steps{*from, *to, 1};
  }
  const auto from = take_number(text);
  if (!from) return std::nullopt;
  if (!take_char(text, '/')) return Steps{*from, *from, 1};
  const auto by = take_number(text);
  if (!by || *by == 0) return std::nullopt;
  return Steps{*from, most, *by};
}

}  // namespace

struct Schedule::Form {
  const char* name;
  unsigned least, most;
};

const std::array<Schedule::Form, Schedule::kParts> Schedule::kForms = {{{"second", 0, 59},
                                                                        {"minute", 0, 59},
                                                                        {"hour", 0, 23},
                                                                        {"dayOfMonth", 1, 31},
                                                                        {"month", 1, 12},
                                                                        {"dayOfWeek", 1, 7}}};

Result<std::uint64_t> Schedule::read_part(const Form& form, const epcis::Json& value) {
  const auto bad = [&] {
    return fail(Errc::kUsage, "schedule." + std::string(form.name) +
                                  " is a list of numbers and ranges [a-b] from " +
                                  std::to_string(form.least) + " to " + std::to_string(form.most));
  };
  if (!value.is_string() && !value.is_number_integer()) return bad();
  const std::string whole = value.is_string() ? value.get<std::string>() : value.dump();
  if (whole.size() > kScheduleTextMax) return bad();
  std::string_view text = whole;
  std::uint64_t bits = 0;
  do {
    const auto e = take_element(text, form.most);
    if (!e || e->from < form.least || e->from > form.most || e->to > form.most) return bad();
    for (std::uint64_t v = e->from; v <= e->to; v += e->by) bits |= std::uint64_t{1} << v;
  } while (take_char(text, ','));
  if (!text.empty()) return bad();
  return bits;
}

Result<Schedule> Schedule::read(const epcis::Json& schedule) {
  if (!schedule.is_object() || schedule.empty())
    return fail(Errc::kUsage, "schedule is an object that gives at least one part of a time");
  Schedule out;
  for (const auto& [name, value] : schedule.items()) {
    const auto* form = std::ranges::find_if(kForms, [&](const Form& f) { return f.name == name; });
    if (form == kForms.end()) return fail(Errc::kUsage, "schedule has no part " + name);
    LM_ASSIGN(out.bits_[static_cast<std::size_t>(form - kForms.begin())], read_part(*form, value));
  }
  const bool of_week = out.bits_[kDayOfWeek] != 0;
  bool smaller = false;  // one below this part is given
  for (const Part part : {kSecond, kMinute, kHour, kDayOfMonth, kMonth, kDayOfWeek}) {
    auto& bits = out.bits_[part];
    if (bits != 0) {
      smaller = true;
      continue;
    }
    const Form& form = kForms[part];
    // A day of the week stands for a day as one of the month does.
    const bool any = smaller || part == kMonth || (part == kDayOfMonth && of_week);
    for (unsigned v = form.least; v <= (any ? form.most : form.least); ++v)
      bits |= std::uint64_t{1} << v;
  }
  if (!out.next(Time{})) return fail(Errc::kUsage, "schedule: no day is ever like that");
  return out;
}

bool Schedule::has_day(sys_days day) const {
  const year_month_day date(day);
  return has(kDayOfMonth, static_cast<unsigned>(date.day())) &&
         has(kMonth, static_cast<unsigned>(date.month())) &&
         has(kDayOfWeek, weekday(day).iso_encoding());
}

std::optional<seconds> Schedule::next_in_day(seconds from) const {
  for (auto t = from; t < hours(24);) {
    const hh_mm_ss at(t);
    const auto hour = static_cast<unsigned>(at.hours().count());
    const auto minute = static_cast<unsigned>(at.minutes().count());
    const auto second = static_cast<unsigned>(at.seconds().count());
    if (!has(kHour, hour)) t = at.hours() + hours(1);
    else if (!has(kMinute, minute)) t = at.hours() + at.minutes() + minutes(1);
    else if (!has(kSecond, second)) t += seconds(1);
    else return t;
  }
  return std::nullopt;
}

std::optional<Time> Schedule::next(Time after) const {
  const auto first = floor<seconds>(after) + seconds(1);
  sys_days day = floor<days>(first);
  seconds from = first - day;
  for (int left = kYearsMax * 366; left > 0; --left, day += days(1), from = seconds(0)) {
    if (!has_day(day)) continue;
    if (const auto t = next_in_day(from)) return Time(day + *t);
  }
  return std::nullopt;
}

}  // namespace lotmark::node
