// `lotmark batch serials`: a lot's serials, from a file to the node, until it has sealed them (docs/operate/serials.md).
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"
#include "cli/serial_file.h"

namespace lotmark::cli {

struct BatchSerialsArguments {
  ProfileChoice profile;
  std::string lot;
  std::string gtin;        // of that product, where two have a lot of that name
  SerialFileOptions file;  // empty: say how far the node is
  bool withdraw = false;   // take them away again; no file
  bool none = false;       // take away what came, and say that the lot has none; no file
};
// Nothing is sent of a file that does not hold; that some are to come is said before it is read. Killed at any point it goes on when it is called again with the same
// file: the node says what came, and of which serials.
Exit run_batch_serials(const BatchSerialsArguments& arguments, Output& out);

}  // namespace lotmark::cli
