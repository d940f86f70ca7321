// What a subcommand says: tables and sentences for people, one JSON value for programs, errors to
// the side.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit.h"

namespace lotmark::cli {

enum class Paint { kPlain, kGood, kBad, kWarn, kDim, kStrong };

// Columns as wide as their widest cell; the head is dimmed on a terminal.
struct Table {
  std::vector<std::string> head;
  struct Row {
    std::vector<std::string> cells;
    Paint paint = Paint::kPlain;
  };
  std::vector<Row> rows;
};

class Output {
 public:
  Output(std::ostream& out, std::ostream& err, bool colour)
      : out_(out), err_(err), colour_(colour) {}

  // Set by --json and --field before a subcommand runs.
  bool json = false;
  std::string field;  // "checks.0.name": print that value alone
  void no_colour() { colour_ = false; }

  void line(std::string_view text, Paint paint = Paint::kPlain);
  void table(const Table& table);
  // The JSON value, whole or the field asked for. Failed, with a word why, if there is no such
  // field.
  Exit value(const nlohmann::json& value);
  // "lotmark: need-seq: expected 7" on the error stream; gives the exit code that fits.
  Exit error(const Error& error);
  void complain(std::string_view text);

 private:
  std::string painted(std::string_view text, Paint paint) const;
  std::ostream& out_;
  std::ostream& err_;
  bool colour_;
};

// True if the standard output is a terminal and NO_COLOR is not set.
bool wants_colour();
// Columns a text takes on a terminal, counting each character of UTF-8 once.
std::size_t width(std::string_view text);

}  // namespace lotmark::cli
