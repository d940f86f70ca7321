#include "edge-agent/source/fridge_log/grammar.h"

#include <algorithm>
#include <map>

#include "core/base/clock.h"
#include "core/base/hex.h"
#include "edge-agent/source/decimal.h"
#include "edge-agent/source/fridge_log/tree.h"

namespace lotmark::agent::fridge {

namespace {

constexpr std::int64_t kTenthsMax = 2000;  // no logger measures 200 degrees
constexpr std::string_view kMissing = "---";
constexpr std::string_view kSignature = "Sig: ";
constexpr std::size_t kKeyBytes = 64;

Error at(const Entry& e, const std::string& what) {
  return fail(Errc::kFieldRange,
              "line " + std::to_string(e.line) + ": " + std::string(e.key) + ": " + what);
}

// "2026-01-05 08:00", or the date alone, in minutes.
std::optional<std::int64_t> minutes_of(std::string_view text, bool with_time) {
  const std::size_t size = with_time ? 16 : 10;
  if (text.size() != size || (with_time && text[10] != ' ')) return std::nullopt;
  const auto t = from_iso(text);
  if (!t || *t < from_ms(0)) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::minutes>(t->time_since_epoch()).count();
}

class LogReader {
 public:
  explicit LogReader(std::vector<Entry> entries) : entries_(std::move(entries)) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      places_.emplace(std::pair(entries_[i].parent, entries_[i].key), i);
  }

  Result<Log> read() {
    Log log;
    LM_TRY(read_head(log));
    LM_ASSIGN(const auto hist, find(kNone, "Hist"));
    LM_TRY(date_time(hist, "TS Actv", log.activated));
    LM_TRY(date_time(hist, "TS Report Creation", log.created));
    LM_TRY(read_days(hist, log));
    LM_ASSIGN(const auto cert, find(kNone, "Cert"));
    LM_TRY(hex(cert, "Public Key", log.public_key));
    Bytes of_cert;
    LM_TRY(hex(kNone, "Sig Cert", of_cert));
    LM_TRY(hex(kNone, "Sig", log.signature));
    return log;
  }

 private:
  Result<std::size_t> find(std::size_t parent, std::string_view key) const {
    const auto found = places_.find({parent, key});
    if (found != places_.end()) return found->second;
    const std::string what = "\"" + std::string(key) + "\" is missing";
    if (parent == kNone) return fail(Errc::kFieldRange, what);
    return at(entries_[parent], what);
  }
  Result<std::string_view> value(std::size_t parent, std::string_view key) const {
    LM_ASSIGN(const auto place, find(parent, key));
    return entries_[place].value;
  }
  Error wrong(std::size_t parent, std::string_view key, const std::string& what) const {
    return at(entries_[*find(parent, key)], what);
  }

  Status read_head(Log& log) const {
    LM_ASSIGN(const auto device, value(kNone, "Device"));
    if (device.find("Fridge-tag 2") == std::string_view::npos)
      return wrong(kNone, "Device", "not a Fridge-tag 2");
    log.device = device;
    LM_ASSIGN(const auto sensors, value(kNone, "Sensor"));
    if (sensors != "1")
      return wrong(kNone, "Sensor", "one sensor is read, not " + std::string(sensors));
    LM_ASSIGN(const auto conf, find(kNone, "Conf"));
    LM_ASSIGN(const auto serial, value(conf, "Serial"));
    const bool digits = std::ranges::all_of(serial, [](char c) { return c >= '0' && c <= '9'; });
    if (serial.empty() || serial.size() > 20 || !digits) return wrong(conf, "Serial", "no number");
    log.serial = serial;
    LM_ASSIGN(const auto unit, value(conf, "Temp unit"));
    if (unit != "C") return wrong(conf, "Temp unit", "must be C");
    return check_limits(conf);
  }

  // Alarm 0 is the one below, 1 the one above.
  Status check_limits(std::size_t conf) const {
    LM_ASSIGN(const auto alarm, find(conf, "Alarm"));
    std::optional<std::int64_t> limits[2];
    for (const auto* number : {"0", "1"}) {
      LM_ASSIGN(const auto place, find(alarm, number));
      LM_TRY(temperature(place, "T AL", limits[number[0] - '0']));
    }
    if (!limits[0] || !limits[1] || *limits[0] >= *limits[1])
      return at(entries_[alarm], "limit 0 must be below limit 1");
    return {};
  }

  Status date_time(std::size_t parent, std::string_view key, std::int64_t& out) const {
    LM_ASSIGN(const auto text, value(parent, key));
    const auto minutes = minutes_of(text, true);
    if (!minutes) return wrong(parent, key, "no date and time");
    out = *minutes;
    return {};
  }
  Status hex(std::size_t parent, std::string_view key, Bytes& out) const {
    LM_ASSIGN(const auto text, value(parent, key));
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != kKeyBytes) return wrong(parent, key, "must be 128 hex digits");
    out = *bytes;
    return {};
  }

  // Records 1, 2, 3 and so on, each of a day before the last one.
  Status read_days(std::size_t hist, Log& log) const {
    for (std::size_t number = 1;; ++number) {
      const auto found = places_.find({hist, std::to_string(number)});
      if (found == places_.end()) break;
      const Entry& head = entries_[found->second];
      if (number > kDaysMax) return at(head, "too many days");
      LM_ASSIGN(const Day day, read_day(found->second));
      if (day.begin > log.created) return at(head, "a day after the file was made");
      if (!log.days.empty() && day.begin >= log.days.back().begin)
        return at(head, "not before the day of the record above");
      log.days.push_back(day);
    }
    const auto numbered = std::ranges::count_if(entries_, [&](const Entry& e) {
      return e.parent == hist && e.key.find_first_not_of("0123456789") == std::string_view::npos;
    });
    if (static_cast<std::size_t>(numbered) != log.days.size())
      return at(entries_[hist], "records must be numbered from 1, without holes");
    std::ranges::reverse(log.days);
    return check_last(log);
  }
  // What was measured on the day the file was made came before.
  static Status check_last(const Log& log) {
    if (log.days.empty()) return fail(Errc::kFieldRange, "no day is recorded");
    for (const auto& extreme : {log.days.back().lowest, log.days.back().highest}) {
      if (extreme && extreme->minute > log.created)
        return fail(Errc::kFieldRange, "a temperature of after the file was made");
    }
    return {};
  }

  Result<Day> read_day(std::size_t place) const {
    Day day;
    LM_ASSIGN(const auto date, value(place, "Date"));
    const auto begin = minutes_of(date, false);
    if (!begin) return wrong(place, "Date", "no date");
    day.begin = *begin;
    LM_TRY(extreme(place, "Min T", "TS Min T", day.begin, day.lowest));
    LM_TRY(extreme(place, "Max T", "TS Max T", day.begin, day.highest));
    LM_TRY(temperature(place, "Avrg T", day.average_tenths));
    if (day.lowest && day.highest && day.lowest->tenths > day.highest->tenths)
      return wrong(place, "Min T", "above Max T");
    if (day.average_tenths && ((day.lowest && *day.average_tenths < day.lowest->tenths) ||
                               (day.highest && *day.average_tenths > day.highest->tenths)))
      return wrong(place, "Avrg T", "not between Min T and Max T");
    LM_ASSIGN(const auto alarm, find(place, "Alarm"));
    LM_ASSIGN(const auto below, find(alarm, "0"));
    LM_ASSIGN(const auto above, find(alarm, "1"));
    LM_TRY(minutes(below, day.below_minutes));
    LM_TRY(minutes(above, day.above_minutes));
    return day;
  }
  Status temperature(std::size_t place, std::string_view key,
                     std::optional<std::int64_t>& out) const {
    LM_ASSIGN(const auto text, value(place, key));
    if (text == kMissing) return {};
    std::int64_t tenths = 0;
    const bool plain = text.find_first_not_of("+-0123456789.") == std::string_view::npos;
    if (!plain || !read_decimal(text, -1, false, tenths) || std::abs(tenths) > kTenthsMax)
      return wrong(place, key, "no temperature with one decimal");
    out = tenths;
    return {};
  }
  // A temperature and its time on the day that begins at `begin`: both, or neither.
  Status extreme(std::size_t place, std::string_view key, std::string_view time_key,
                 std::int64_t begin, std::optional<Extreme>& out) const {
    std::optional<std::int64_t> tenths;
    LM_TRY(temperature(place, key, tenths));
    LM_ASSIGN(const auto time, value(place, time_key));
    if ((time == kMissing) != !tenths) return wrong(place, time_key, "missing, or too much");
    if (!tenths) return {};
    const auto minute = minutes_of("1970-01-01 " + std::string(time), true);
    if (!minute) return wrong(place, time_key, "no time");
    out = Extreme{*tenths, begin + *minute};
    return {};
  }
  Status minutes(std::size_t place, std::int64_t& out) const {
    LM_ASSIGN(const auto text, value(place, "t Acc"));
    const bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits || !read_decimal(text, 0, false, out) || out > kDayMinutes)
      return wrong(place, "t Acc", "must be 0 to 1440 minutes");
    return {};
  }

  std::vector<Entry> entries_;
  std::map<std::pair<std::size_t, std::string_view>, std::size_t> places_;
};

// Where the line of the signature begins; nothing if the text has none at its end.
std::optional<std::size_t> signature_line(std::string_view text) {
  if (!text.ends_with('\n')) return std::nullopt;
  const auto before = text.find_last_of('\n', text.size() - 2);
  const std::size_t begin = text.size() < 2 || before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin).starts_with(kSignature) ? std::optional(begin) : std::nullopt;
}

}  // namespace

bool incomplete(std::string_view text) { return !signature_line(text); }

Result<Log> read_log(std::string_view text) {
  const auto signed_bytes = signature_line(text);
  if (!signed_bytes) return fail(Errc::kFieldRange, "it does not end with the line Sig: truncated");
  LM_ASSIGN(auto entries, read_tree(text, kLinesMax));
  LM_ASSIGN(Log log, LogReader(std::move(entries)).read());
  log.signed_bytes = *signed_bytes;
  return log;
}

}  // namespace lotmark::agent::fridge
