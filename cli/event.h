// `lotmark event proof`: the file that proves a captured event from the anchor alone, out of a node's own files; and how
// `lotmark verify --event` shows one (docs/format/event_proof.md).
#pragma once

#include "cli/output.h"
#include "core/base/bytes.h"

namespace lotmark::cli {

struct EventProofArguments {
  std::string id;      // eventID
  std::string sha256;  // of the event's bytes, where several have that eventID; empty: the first
  std::string private_db;
  std::string chain_db;
  std::string anchor;
  std::string out;
};
// Done when the file is written, and verified before; says of each bundle that the event's sensor reports name whether
// the own intake log has it, and whether what they tell lies within it. Failed while no block holds the event, and for an event that is not
// there.
Exit run_event_proof(const EventProofArguments& arguments, Output& out);

// Verifies and shows it: done for committed, tampered for tampered, failed for every other verdict.
Exit answer_event(ByteView file, ByteView anchor, const std::string& fingerprint, Output& out);

}  // namespace lotmark::cli
