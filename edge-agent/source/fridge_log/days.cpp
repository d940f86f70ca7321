#include "edge-agent/source/fridge_log/days.h"

#include <algorithm>

#include "core/base/hex.h"

namespace lotmark::agent::fridge {

namespace {

constexpr std::int64_t kMissingDaysMax = 3660;  // more is no absence, but another use of the logger

class Teller {
 public:
  Teller(const DayOptions& options, std::optional<std::int64_t> told)
      : options_(options), told_(told) {}

  void day(const Day& d, std::int64_t end) {
    const auto& c = options_.channels;
    put(c.min, d.lowest ? std::optional(d.lowest->tenths) : std::nullopt,
        d.lowest ? d.lowest->minute : end);
    put(c.max, d.highest ? std::optional(d.highest->tenths) : std::nullopt,
        d.highest ? d.highest->minute : end);
    put(c.average, d.average_tenths, end);
    put_seconds(c.below, d.below_minutes * 60, end);
    put_seconds(c.above, d.above_minutes * 60, end);
  }
  void missing(std::int64_t end) {
    const auto& c = options_.channels;
    for (const auto* channel : {&c.min, &c.max, &c.average}) put(*channel, std::nullopt, end);
    for (const auto* channel : {&c.below, &c.above})
      add({*channel, "s", 0, 0, GapReason::kSensorLost, {}}, end);
  }
  void file(const Digest& sha256, std::int64_t minute) {
    add({options_.channels.file, "", 0, 0, "sha256:" + to_hex(sha256), {}}, minute);
  }
  std::vector<Reading> take() {
    std::ranges::stable_sort(out_, {}, &Reading::t);
    return std::move(out_);
  }

 private:
  void put(const std::string& channel, std::optional<std::int64_t> tenths, std::int64_t minute) {
    Reading r{channel, "Cel", -1, 0, GapReason::kSensorLost, {}};
    if (tenths) r.value = *tenths;
    add(std::move(r), minute);
  }
  void put_seconds(const std::string& channel, std::int64_t seconds, std::int64_t minute) {
    add({channel, "s", 0, 0, seconds, {}}, minute);
  }
  void add(Reading r, std::int64_t minute) {
    if (r.channel.empty() || (told_ && minute <= *told_)) return;
    r.t = utc_ms(minute, options_);
    out_.push_back(std::move(r));
  }

  const DayOptions& options_;
  std::optional<std::int64_t> told_;
  std::vector<Reading> out_;
};

}  // namespace

std::int64_t utc_ms(std::int64_t minute, const DayOptions& options) {
  return std::max<std::int64_t>(0, (minute - options.utc_offset.count()) * 60000);
}

std::vector<Reading> readings_of(const Log& log, const Digest& sha256, const DayOptions& options,
                                 std::optional<std::int64_t> told) {
  Teller teller(options, told);
  // The first day that should be there: the one that was told last, or the oldest of the file.
  std::int64_t next = told ? *told - *told % kDayMinutes : log.days.front().begin;
  std::int64_t first = log.created - kMissingDaysMax * kDayMinutes;
  first -= first % kDayMinutes;
  next = std::max(next, first);
  for (const auto& day : log.days) {
    for (; next < day.begin; next += kDayMinutes) teller.missing(next + kDayMinutes - 1);
    next = day.begin + kDayMinutes;
    teller.day(day, std::min(next - 1, log.created));
    // Also where the file's days end thousands of years before it was made.
    next = std::max(next, first);
  }
  for (; next <= log.created; next += kDayMinutes)
    teller.missing(std::min(next + kDayMinutes - 1, log.created));
  teller.file(sha256, log.created);
  return teller.take();
}

}  // namespace lotmark::agent::fridge
