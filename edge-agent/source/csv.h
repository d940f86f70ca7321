// Lines of comma-separated values (RFC 4180, a record a line) to readings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge-agent/source/reading.h"

namespace lotmark::agent {

struct Column {
  std::string column;   // name in the input: a CSV column, a SenML name
  std::string channel;  // name in the bundle; the column's own if empty
  std::string unit;     // SenML unit
  std::int64_t exp = 0;
};

// The channels they feed, in order.
std::vector<std::string> channels_of(const std::vector<Column>& columns);

enum class TimeFormat { kIso, kUnix, kUnixMs, kColumns };

struct TimeColumns {
  TimeFormat format = TimeFormat::kIso;
  std::string column;  // of all formats but kColumns
  // Of kColumns, UTC. Month and day are needed with the year; the others may be empty.
  std::string year, month, day, hour, minute, second;
};

struct CsvOptions {
  TimeColumns time;
  std::vector<Column> columns;
  std::vector<std::string> missing = {"", "NA", "NaN", "nan", "null"};
  bool round = false;  // else a value with more digits than exp keeps is a declared gap
};

// Cuts a record; quotes may hold commas and doubled quotes, not line ends. Nothing if a quote stays open,
// or of more than 4,096 fields.
std::optional<std::vector<std::string>> split_csv(std::string_view line);

class CsvReader {
 public:
  // `header` is the first line. config: a column it does not name.
  static Result<CsvReader> from(std::string_view header, CsvOptions options);

  // One reading a column, in the order of the options; what is missing or no number is a not-a-number gap.
  // field-range: no time, or fewer fields than columns.
  Result<std::vector<Reading>> read(std::string_view line) const;

 private:
  explicit CsvReader(CsvOptions options) : options_(std::move(options)) {}
  std::optional<std::int64_t> time_of(const std::vector<std::string>& fields) const;

  CsvOptions options_;
  std::size_t width_ = 0;            // fields a record has at least
  std::vector<std::size_t> places_;  // of the columns
  std::vector<std::size_t> time_;    // one place, or six, npos for a column that is not there
};

}  // namespace lotmark::agent
