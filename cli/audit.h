// `lotmark audit`: recomputes nodes' private rows against the public chain, from files.
#pragma once

#include "cli/output.h"

namespace lotmark::cli {

struct AuditArguments {
  std::vector<std::string> private_dbs;
  std::string chain_db;
  std::string anchor;
  std::string lot, gtin, enterprise;
  bool all = false;
  unsigned threads = 0;  // 0: one a core
  std::string state;
  bool resume = false;
  std::string out;                        // folder of the sheet
  std::vector<std::string> opening_keys;  // key files that open what is sealed
  std::uint64_t second = 20;              // one released lot in so many is looked at again
};
// Done if every row holds; tampered, with each fault named to its row, if one does not.
Exit run_audit(const AuditArguments& arguments, Output& out);

}  // namespace lotmark::cli
