// `lotmark verify`: the offline check of a receipt (docs/format/verdict.md) or of an archived proof
// (docs/format/archived.md), told apart by their magic, for people and programs.
#pragma once

#include <optional>

#include "cli/output.h"

namespace lotmark::cli {

struct VerifyArguments {
  std::string receipt;
  std::string anchor;
  std::string rollover;             // file of links from the anchor's root key on; empty: none
  std::optional<std::string> gtin;  // 8 to 14 digits; shorter ones get zeros on the left
  std::optional<std::string> lot;
  std::string chain;  // a node's chain.db, which knows of recalls; empty: none is asked
  std::string now;    // ISO 8601; empty: this machine's clock
};
// Done only for released; tampered for tampered; failed for every other verdict.
Exit run_verify(const VerifyArguments& arguments, Output& out);

}  // namespace lotmark::cli
