// `lotmark evidence verify`: is a party's dishonesty proven, by whom, of what (docs/format/evidence.md).
#pragma once

#include "cli/output.h"

namespace lotmark::cli {

struct EvidenceArguments {
  std::string file;
  std::string anchor;
};
// Done when proven, failed when not, tampered when a file cannot be opened or read.
Exit run_evidence_verify(const EvidenceArguments& arguments, Output& out);

}  // namespace lotmark::cli
