// A file of a lot's serials, as a line's printer or a serialisation system writes it: one a line, or a column of CSV.
// Read a line at a time, however large.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "core/base/result.h"

namespace lotmark::cli {

struct SerialFileOptions {
  std::string file;
  // Of CSV with commas (RFC 4180, a record a line): a name in its first line, or a number from 1 where it has no
  // names. Empty: the whole line is the serial.
  std::string column;
};

// Errors name file and line. A line ends with LF or CR LF, the last one may end the file.
class SerialFile {
 public:
  // io if it cannot be read; usage if it has no such column.
  static Result<SerialFile> open(const SerialFileOptions& options);

  // The next serial; nothing at the end. field-range: not 1 to 20 bytes of a lot's character set, an empty line also;
  // usage: a line that is no CSV or has too few fields.
  Result<std::optional<std::string>> next();
  // Of the serial that came last, from 1.
  std::uint64_t line() const { return line_; }

 private:
  SerialFile() = default;
  Result<bool> read_line(std::string& out);
  Error at_line(Errc code, const std::string& why) const;

  std::string file_;
  std::ifstream in_;
  std::uint64_t line_ = 0;
  std::optional<std::size_t> column_;  // from 0
};

// How many there are, once all are looked at: each is a serial, none stands there twice. list-duplicate names both
// lines; too-large above 10,000,000; usage if there is none. Takes 8 bytes of memory a serial.
Result<std::uint64_t> check_serial_file(const SerialFileOptions& options);

}  // namespace lotmark::cli
