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

// Where the output goes: a terminal obeys control characters, a file or a program does not.
struct Screen {
  bool terminal = false;
  bool colour = false;
  bool person = false;  // somebody is there to answer a question
};
// That of the standard output; no colour if NO_COLOR is set; a person if input and errors are on a
// terminal too.
Screen standard_screen();

// Every text may come from a stranger's file or from another machine: it is printed by shown().
class Output {
 public:
  Output(std::ostream& out, std::ostream& err, Screen screen)
      : out_(out), err_(err), screen_(screen) {}

  // Set by --json and --field before a subcommand runs.
  bool json = false;
  std::string field;  // "checks.0.name": print that value alone
  void no_colour() { screen_.colour = false; }

  void line(std::string_view text, Paint paint = Paint::kPlain);
  // As it is, with a newline: only for what this program made itself, a script or a PEM.
  void block(std::string_view text);
  void table(const Table& table);
  // The JSON value, whole or the field asked for; a text that is no UTF-8 with U+FFFD in it. A
  // field's text goes to files and programs byte by byte. Failed, with a word why, if there is no
  // such field.
  Exit value(const nlohmann::json& value);
  // "lotmark: need-seq: expected 7" on the error stream; gives the exit code that fits.
  Exit error(const Error& error);
  void complain(std::string_view text);
  // True if a person is asked and does not say yes; a script is not asked.
  bool declined(std::string_view question);

 private:
  std::string painted(std::string_view text, Paint paint) const;
  std::ostream& out_;
  std::ostream& err_;
  Screen screen_;
};

// Columns a text takes on a terminal, counting each character of UTF-8 once.
std::size_t width(std::string_view text);

}  // namespace lotmark::cli
