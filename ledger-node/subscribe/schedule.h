// When a scheduled subscription reports (EPCIS 2.0, query schedules): seconds, minutes, hours, days of the month, months
// and days of the week, each a list of numbers and ranges. All in UTC. No I/O.
#pragma once

#include <array>

#include "core/base/clock.h"
#include "core/epcis/context.h"

namespace lotmark::node {

class Schedule {
 public:
  // The `schedule` object of a subscription: second, minute, hour, dayOfMonth, month, dayOfWeek (1 is Monday), each
  // "5", "5,10", "[5-10]" or, as GS1's own example has it, "0/30" (from 0 on every 30), or a JSON number. At least one is
  // there. A time has to match all; where a part is left out, any value of it matches if a smaller one is given, else
  // only the least: {"hour":"1"} is 01:00:00. usage, naming the part; also for what no day of any year matches.
  static Result<Schedule> read(const epcis::Json& schedule);

  // The first time behind `after` that matches, in whole seconds; nothing where there is none within 41 years.
  std::optional<Time> next(Time after) const;

 private:
  enum Part : std::size_t { kSecond, kMinute, kHour, kDayOfMonth, kMonth, kDayOfWeek, kParts };
  struct Form;
  static const std::array<Form, kParts> kForms;
  static Result<std::uint64_t> read_part(const Form& form, const epcis::Json& value);
  bool has(Part part, unsigned value) const { return (bits_[part] >> value & 1) != 0; }
  bool has_day(std::chrono::sys_days day) const;
  std::optional<std::chrono::seconds> next_in_day(std::chrono::seconds from) const;

  std::array<std::uint64_t, kParts> bits_{};  // of each part, the values that match
};

}  // namespace lotmark::node
