// `lotmark mark` and `lotmark marks`: what became of units, signed by a shop, brought to its agency's node
// (docs/format/mark.md).
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct MarkArguments {
  ProfileChoice profile;
  std::string gtin;
  std::string lot;
  std::string kind;
  std::vector<std::string> serial;
  std::string serials;                 // a file, one a line
  std::optional<std::uint64_t> count;  // units without serials
  std::string time;                    // ISO; empty: now
  std::string out;                     // signed marks go there, and nowhere else
  std::string from;                    // those of such a file are brought
};
Exit run_mark(const MarkArguments& arguments, Output& out);

struct MarksArguments {
  ProfileChoice profile;
  std::string gtin;
  std::string lot;
  std::string serial;
  std::uint64_t after = 0;
};
Exit run_marks(const MarksArguments& arguments, Output& out);

}  // namespace lotmark::cli
