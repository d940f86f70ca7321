// Lines of SenML, CSV and serial devices, and texts of 1-Wire: what is accepted has a time a bundle can hold and an exact
// value, and the CSV time in columns is the one that was written. The first byte picks the format and rounding.
#include <cstdio>

#include "core/wire/limits.h"
#include "core/wire/values.h"
#include "edge-agent/source/decimal.h"
#include "edge-agent/source/senml.h"
#include "edge-agent/source/serial/serial.h"
#include "edge-agent/source/sysfs/attribute.h"
#include "tests/fuzz/target.h"

namespace lotmark::agent {
namespace {

const Time kNow = from_ms(1'767'600'000'000);

// A SenML value may be the sum of two; the bundler declares one that is beyond the formats' range.
void check(const std::vector<Reading>& readings) {
  for (const auto& r : readings) {
    LM_ASSERT(r.t >= 0 && r.t <= limits::kIntMax);
    if (const auto* v = std::get_if<std::int64_t>(&r.value)) {
      LM_ASSERT(*v >= -2 * limits::kIntMax && *v <= 2 * limits::kIntMax);
    }
  }
}

void run_senml(ByteView in, bool round) {
  for (const auto now : {std::optional<Time>{}, std::optional{kNow}}) {
    if (const auto r = read_senml(as_text(in), {{}, -3, round}, now)) check(*r);
    const SenmlOptions named{{{"dev:t", "t", "Cel", -2}, {"h", "", "%RH", 0}}, -3, round};
    if (const auto r = read_senml(as_text(in), named, now)) check(*r);
  }
}

// The first line is the header, the others are records.
void run_csv(ByteView in, const CsvOptions& options) {
  std::string_view text = as_text(in);
  const auto line = [&] {
    const auto end = std::min(text.find('\n'), text.size());
    const auto out = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return out;
  };
  const auto reader = CsvReader::from(line(), options);
  if (!reader) return;
  while (!text.empty()) {
    if (const auto r = reader->read(line())) {
      LM_ASSERT(r->size() == options.columns.size());
      check(*r);
    }
  }
}

// Year, month and day as numbers: what is read back from the time is what stood there.
void run_columns(ByteView in, bool round) {
  CsvOptions o{
      {TimeFormat::kColumns, "", "y", "m", "d", "h", "", ""}, {{"v", "v", "Cel", -2}}, {}, round};
  const auto reader = CsvReader::from("y,m,d,h,v", o);
  LM_ASSERT(reader);
  const auto readings = reader->read(as_text(in));
  if (!readings) return;
  check(*readings);
  const auto fields = split_csv(as_text(in));
  const std::string iso = to_iso(from_ms(readings->front().t));
  int parts[4] = {};
  LM_ASSERT(std::sscanf(iso.c_str(), "%d-%d-%dT%d", &parts[0], &parts[1], &parts[2], &parts[3]) ==
            4);
  for (std::size_t i = 0; i < 4; ++i) LM_ASSERT(std::stoi((*fields)[i]) == parts[i]);
}

void run_decimal(ByteView in, bool round) {
  const std::int64_t exp = in.empty() ? 0 : in[0] % 37 - 18;
  std::int64_t v = 0;
  if (!read_decimal(as_text(in.subspan(in.empty() ? 0 : 1)), exp, round, v)) return;
  LM_ASSERT(v >= -limits::kIntMax && v <= limits::kIntMax);
  std::int64_t again = 0;
  LM_ASSERT(from_decimal(to_decimal(v, exp), exp, again) && again == v);
}

// The first line is the pattern, the others are the device's, cut as the port cuts them. Numbers are exact: what is
// written of one is read as the same.
void run_serial(ByteView in, bool comma) {
  const std::string_view text = as_text(in);
  const auto end = std::min(text.find('\n'), text.size());
  const auto pattern = LinePattern::read(text.substr(0, end), comma);
  if (!pattern) return;
  SerialLines lines;
  lines.begin(true);
  lines.feed(text.substr(std::min(end + 1, text.size())));
  while (auto line = lines.next()) {
    LM_ASSERT(line->text.size() <= 512 && line->spoiled == line->text.empty());
    const auto numbers = pattern->match(line->text);
    if (!numbers) continue;
    LM_ASSERT(numbers->size() == pattern->names().size());
    for (const auto& n : *numbers) {
      LM_ASSERT(line->text.find_first_of("0123456789") != std::string::npos);
      if (const auto again = Exact::read(n.value.text())) LM_ASSERT(*again == n.value);
    }
  }
}

// A thermometer's number is the one behind t=, in thousandths.
void run_w1(ByteView in) {
  const auto sample = w1_sample(as_text(in));
  const auto* v = std::get_if<Exact>(&sample.value);
  if (v == nullptr) return;
  const auto text = as_text(in);
  LM_ASSERT(text.find(" YES\n") != std::string_view::npos);
  const auto said = Exact::read(text.substr(text.rfind("t=") + 2));
  LM_ASSERT(said && *said == *v * Exact::ten_to(3));
}

void fuzz_source(ByteView in) {
  const std::uint8_t pick = fuzz::take_byte(in);
  const bool round = (pick & 1) != 0;
  const std::vector<Column> columns{{"v", "t", "Cel", -2}, {"w", "", "%RH", 0}};
  switch ((pick >> 1) % 7) {
    case 0: return run_senml(in, round);
    case 1:
      return run_csv(in,
                     {{TimeFormat::kIso, "time", "", "", "", "", "", ""}, columns, {"NA"}, round});
    case 2:
      return run_csv(in,
                     {{TimeFormat::kUnix, "time", "", "", "", "", "", ""}, columns, {""}, round});
    case 3: return run_columns(in, round);
    case 5: return run_serial(in, round);
    case 6: return run_w1(in);
    default: return run_decimal(in, round);
  }
}

}  // namespace
LM_FUZZ_TARGET(source, fuzz_source);
}  // namespace lotmark::agent
