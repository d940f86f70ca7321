// `lotmark verify`: the offline check of a receipt (docs/format/verdict.md), of an archived proof
// (docs/format/archived.md) or of an event proof (docs/format/event_proof.md), told apart by their magic, for people and
// programs.
#pragma once

#include <optional>

#include "cli/output.h"

namespace lotmark::cli {

struct VerifyArguments {
  std::string receipt;
  std::string event;  // an event proof in its place
  std::string anchor;
  std::string rollover;             // file of links from the anchor's root key on; empty: none
  std::optional<std::string> gtin;  // 8 to 14 digits; shorter ones get zeros on the left
  std::optional<std::string> lot;
  std::string chain;   // a node's chain.db, which knows of recalls; empty: none is asked
  std::string now;     // ISO 8601; empty: this machine's clock
  std::string item;    // file of an item proof, held against the receipt; empty: none
  std::string serial;  // the one it must be of; empty: whichever it names
};
// Done only for released, and for committed of an event; tampered for tampered; failed for every other verdict. With an
// item proof: the same of it, the
// worse of both.
Exit run_verify(const VerifyArguments& arguments, Output& out);

}  // namespace lotmark::cli
