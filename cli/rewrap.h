// `lotmark rewrap`: gives a reader the keys of sealed segments that are there already, or takes it off the list of those
// they are given to (docs/operate/cli.md, docs/format/sealed.md).
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct RewrapArguments {
  ProfileChoice profile;
  std::string reader;  // public key: a file, or 130 hex digits
  std::string lot, gtin;
  bool all = false;
  std::vector<std::string> audience;  // partner, regulator; empty: both
  std::string until;                  // a day, meant to its end, or a time; empty: no end
  bool end = false;
  bool list = false;  // show for whom segments are wrapped
};
// The node does it in portions. Failed where a segment did not open there: the others are done.
Exit run_rewrap(const RewrapArguments& arguments, Output& out);

}  // namespace lotmark::cli
