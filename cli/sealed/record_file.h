// The API's answer on one record (docs/operate/api.md, records): its head and the leaf of every segment, which give the
// commitment again.
#pragma once

#include <string>
#include <vector>

#include "core/wire/private_level.h"

namespace lotmark::cli {

struct RecordFile {
  Digest commitment;
  std::vector<Digest> leaves;  // of the segment tree
};

// field-type where something is missing or of another kind, named; cose-chain if it is of another chain;
// commitment-mismatch unless head and leaves give the commitment.
Result<RecordFile> read_record_file(ByteView json, const Digest& chain);

}  // namespace lotmark::cli
