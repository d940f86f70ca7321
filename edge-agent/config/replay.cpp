#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "edge-agent/config/sources.h"
#include "edge-agent/config/toml_text.h"

namespace lotmark::agent {

namespace {

// "recorded", "max" or a factor such as "1440x".
std::optional<double> speed_of(const std::string& text) {
  if (text == "recorded") return 1.0;
  if (text == "max") return 0.0;
  double v = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
  if (error != std::errc{} || std::string_view(end) != "x" || !(v > 0) || v > 1e9)
    return std::nullopt;
  return v;
}

TimeColumns read_time(Faults& faults, const toml::table& table, const std::string& name) {
  Section s(faults, table, name + ".time");
  TimeColumns t;
  std::string format = "iso";
  s.text("format", format, Need::kOptional, one_of({"iso", "unix", "unix-ms", "columns"}));
  if (format == "unix") t.format = TimeFormat::kUnix;
  if (format == "unix-ms") t.format = TimeFormat::kUnixMs;
  if (format != "columns") {
    s.text("column", t.column, Need::kRequired, check_not_empty);
    return t;
  }
  t.format = TimeFormat::kColumns;
  s.text("year", t.year, Need::kRequired, check_not_empty);
  s.text("month", t.month, Need::kRequired, check_not_empty);
  s.text("day", t.day, Need::kRequired, check_not_empty);
  s.text("hour", t.hour, Need::kOptional);
  s.text("minute", t.minute, Need::kOptional);
  s.text("second", t.second, Need::kOptional);
  return t;
}

void read_span(Section& s, ReplayOptions& r) {
  std::string from;
  std::string to;
  s.text("from", from, Need::kOptional, check_time);
  s.text("to", to, Need::kOptional, check_time);
  if (auto t = from_iso(from)) r.from = to_ms(*t);
  if (auto t = from_iso(to)) r.to = to_ms(*t);
  if (r.from >= r.to) s.fault("to", "must be after from");
}

std::string csv(const CsvOptions& c) {
  const auto& t = c.time;
  std::string time;
  if (t.format == TimeFormat::kColumns) {
    time = "{format = \"columns\"";
    for (const auto& [key, name] : {std::pair{"year", &t.year},
                                    {"month", &t.month},
                                    {"day", &t.day},
                                    {"hour", &t.hour},
                                    {"minute", &t.minute},
                                    {"second", &t.second}}) {
      if (!name->empty()) time += fmt::format(", {} = {}", key, toml_text(*name));
    }
    time += "}";
  } else {
    const char* format = t.format == TimeFormat::kIso    ? "iso"
                         : t.format == TimeFormat::kUnix ? "unix"
                                                         : "unix-ms";
    time = fmt::format("{{format = \"{}\", column = {}}}", format, toml_text(t.column));
  }
  return toml_line("time", time) + print_columns(c.columns) +
         toml_line("missing", toml_array(c.missing, toml_text)) +
         toml_line("round", toml_flag(c.round));
}

}  // namespace

ReplayOptions read_replay(const SourceSection& section) {
  Section& s = section.keys;
  ReplayOptions r;
  std::string file;
  s.text("file", file, Need::kRequired, check_not_empty);
  r.file = file;
  r.name = section.name;
  std::string format = "csv";
  s.text("format", format, Need::kOptional, one_of({"csv", "senml"}));
  std::string pace = "max";
  s.text("pace", pace, Need::kOptional, [](const std::string& p) {
    return speed_of(p) ? "" : "must be recorded, max or a factor such as 1440x";
  });
  r.speed = *speed_of(pace);
  read_span(s, r);
  if (format == "senml") {
    SenmlOptions senml;
    read_senml_keys(section, senml);
    r.format = std::move(senml);
    return r;
  }
  CsvOptions csv;
  csv.columns = read_columns(section, Need::kRequired);
  s.flag("round", csv.round);
  s.texts("missing", csv.missing, Need::kOptional);
  if (const auto* time = s.table("time", Need::kRequired))
    csv.time = read_time(section.faults, *time, section.where);
  r.format = std::move(csv);
  return r;
}

std::string print_options(const ReplayOptions& r) {
  const bool is_csv = std::holds_alternative<CsvOptions>(r.format);
  std::string out = toml_line("file", toml_text(r.file.string())) +
                    toml_line("format", is_csv ? "\"csv\"" : "\"senml\"");
  out += toml_line("pace", r.speed <= 0 ? "\"max\"" : fmt::format("\"{}x\"", r.speed));
  if (r.from > 0) out += toml_line("from", toml_text(to_iso(from_ms(r.from))));
  if (r.to < std::numeric_limits<std::int64_t>::max())
    out += toml_line("to", toml_text(to_iso(from_ms(r.to))));
  return out + (is_csv ? csv(std::get<CsvOptions>(r.format))
                       : print_senml(std::get<SenmlOptions>(r.format)));
}

}  // namespace lotmark::agent
