// `lotmark ca issue`: a certificate for one more device, node or broker, by the CA of a
// consortium's folder.
#pragma once

#include "cli/output.h"

namespace lotmark::cli {

struct CaIssueArguments {
  std::string dir;                 // of the consortium; DIR/ca is used
  std::string csr;                 // PEM file, or
  std::string public_key;          // 04 and 128 hex digits
  std::string kind = "device";     // device, node, broker
  std::string name;                // organisation/name; empty: the request's CN
  std::vector<std::string> hosts;  // of nodes and brokers
  unsigned days = 825;
  std::string out;  // PEM file; empty: standard output
};
Exit run_ca_issue(const CaIssueArguments& arguments, Output& out);

}  // namespace lotmark::cli
