// `lotmark audit`: recomputes a node's private rows against the public chain, from files.
#pragma once

#include "cli/output.h"

namespace lotmark::cli {

struct AuditArguments {
  std::string private_db;
  std::string chain_db;
  std::string anchor;
};
// Done if every row holds; tampered, with each fault named to its row, if one does not.
Exit run_audit(const AuditArguments& arguments, Output& out);

}  // namespace lotmark::cli
