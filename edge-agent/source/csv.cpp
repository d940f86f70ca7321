#include "edge-agent/source/csv.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/base/clock.h"
#include "edge-agent/source/decimal.h"

namespace lotmark::agent {

namespace {

constexpr std::size_t kNone = std::string::npos;
constexpr std::size_t kFieldsMax = 4096;

std::string_view chomp(std::string_view line) {
  while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
  return line;
}

std::string_view trim(std::string_view s) {
  while (s.starts_with(' ') || s.starts_with('\t')) s.remove_prefix(1);
  while (s.ends_with(' ') || s.ends_with('\t')) s.remove_suffix(1);
  return s;
}

std::optional<int> small_int(std::string_view text) {
  int v = 0;
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return v;
}

std::optional<std::int64_t> civil_ms(const std::array<int, 6>& p) {
  namespace c = std::chrono;
  // chrono keeps a year in 16 bits and a month or day in 8: greater numbers would wrap to a day that exists.
  if (p[0] < 0 || p[0] > 9999 || p[1] < 1 || p[1] > 12 || p[2] < 1 || p[2] > 31)
    return std::nullopt;
  const c::year_month_day day{c::year(p[0]), c::month(static_cast<unsigned>(p[1])),
                              c::day(static_cast<unsigned>(p[2]))};
  if (!day.ok()) return std::nullopt;
  if (p[3] < 0 || p[3] > 23 || p[4] < 0 || p[4] > 59 || p[5] < 0 || p[5] > 59) return std::nullopt;
  const auto seconds =
      c::sys_days(day).time_since_epoch() / c::seconds(1) + p[3] * 3600 + p[4] * 60 + p[5];
  return seconds * 1000;
}

}  // namespace

std::vector<std::string> channels_of(const std::vector<Column>& columns) {
  std::vector<std::string> out;
  for (const auto& c : columns) out.push_back(c.channel);
  return out;
}

std::optional<std::vector<std::string>> split_csv(std::string_view line) {
  line = chomp(line);
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      if (out.size() == kFieldsMax) return std::nullopt;
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  if (quoted) return std::nullopt;
  return out;
}

Result<CsvReader> CsvReader::from(std::string_view header, CsvOptions options) {
  if (header.starts_with("\xef\xbb\xbf")) header.remove_prefix(3);
  auto names = split_csv(header);
  if (!names) return fail(Errc::kConfig, "the header has an open quote or too many columns");
  CsvReader r(std::move(options));
  std::string unknown;
  const auto place = [&](const std::string& name) {
    const auto at =
        std::find_if(names->begin(), names->end(), [&](const auto& n) { return trim(n) == name; });
    if (at == names->end()) unknown += " " + name;
    const auto i = static_cast<std::size_t>(at - names->begin());
    r.width_ = std::max(r.width_, i + 1);
    return i;
  };
  for (const auto& c : r.options_.columns) r.places_.push_back(place(c.column));
  const auto& t = r.options_.time;
  if (t.format == TimeFormat::kColumns) {
    for (const auto* name : {&t.year, &t.month, &t.day, &t.hour, &t.minute, &t.second}) {
      r.time_.push_back(name->empty() ? kNone : place(*name));
    }
  } else {
    r.time_.push_back(place(t.column));
  }
  if (!unknown.empty()) return fail(Errc::kConfig, "the file has no column" + unknown);
  return r;
}

std::optional<std::int64_t> CsvReader::time_of(const std::vector<std::string>& fields) const {
  const auto text = [&](std::size_t i) { return trim(fields[time_[i]]); };
  std::int64_t ms = 0;
  switch (options_.time.format) {
    case TimeFormat::kIso: {
      const auto t = from_iso(text(0));
      return t ? std::optional(to_ms(*t)) : std::nullopt;
    }
    case TimeFormat::kUnix:
      return read_decimal(text(0), -3, true, ms) ? std::optional(ms) : std::nullopt;
    case TimeFormat::kUnixMs:
      return read_decimal(text(0), 0, true, ms) ? std::optional(ms) : std::nullopt;
    case TimeFormat::kColumns: break;
  }
  std::array<int, 6> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (time_[i] == kNone) continue;
    const auto v = small_int(fields[time_[i]]);
    if (!v) return std::nullopt;
    parts[i] = *v;
  }
  return civil_ms(parts);
}

Result<std::vector<Reading>> CsvReader::read(std::string_view line) const {
  const auto fields = split_csv(line);
  if (!fields || fields->size() < width_)
    return fail(Errc::kFieldRange, "an open quote, or too few or too many fields");
  const auto t = time_of(*fields);
  if (!t || *t < 0) return fail(Errc::kFieldRange, "no time");
  std::vector<Reading> out;
  out.reserve(places_.size());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Column& c = options_.columns[i];
    const std::string_view text = trim((*fields)[places_[i]]);
    Reading r{
        c.channel.empty() ? c.column : c.channel, c.unit, c.exp, *t, GapReason::kNotANumber, {}};
    std::int64_t v = 0;
    const bool missing = std::ranges::find(options_.missing, text) != options_.missing.end();
    if (!missing && read_decimal(text, c.exp, options_.round, v)) r.value = v;
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace lotmark::agent
