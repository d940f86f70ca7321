// `lotmark key reader`: a key pair to read sealed segments with; `lotmark segment open`: what one says
// (docs/format/sealed.md).
#pragma once

#include "cli/output.h"

namespace lotmark::cli {

struct KeyReaderArguments {
  std::string out;  // the private key, 0600; the public one goes to OUT.pub as 130 hex digits
};
Exit run_key_reader(const KeyReaderArguments& arguments, Output& out);

struct SegmentOpenArguments {
  std::string file;    // COSE_Encrypt
  std::string key;     // made by key reader
  std::string anchor;  // says which chain it is of
  std::string record;  // the API's answer on the whole record; empty: not compared
  std::string out;     // file for the content; empty: shown
};
// Done when opened; tampered when the file or the record does not hold; failed when the key is another reader's.
Exit run_segment_open(const SegmentOpenArguments& arguments, Output& out);

}  // namespace lotmark::cli
