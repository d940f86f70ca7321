// How the root key and the membership change: the signed link from one root key to the next, and the file in which a
// statement travels while it is being signed (docs/format/membership.md).
#pragma once

#include "core/wire/sign1.h"

namespace lotmark {

// Signed by the root key in force: statements from epoch `first` on carry the new one's signature in place of its own.
struct Rollover {
  PublicKey root_key;  // the new one
  std::uint64_t first = 0;
  std::uint64_t time = 0;
};

template <>
struct SignedName<Rollover> {
  static constexpr const char* value = "rollover";
};

// The anchor that pins links.
struct Anchor2 {
  std::string magic = "lotmark/anchor/2";
  ObjectBytes genesis;
  PublicKey root_key;
  std::vector<Bytes> statements;
  std::vector<ObjectBytes> links;
};
// Of version 2 where it has links, else of version 1. read_anchor() takes both.
Bytes encode_anchor(const Anchor& anchor);

struct RolloverFile {
  std::string magic = "lotmark/rollover/1";
  std::vector<ObjectBytes> links;  // in the order of their epochs
};

struct Proposal {
  std::string magic = "lotmark/proposal/1";
  Digest chain;
  std::vector<Bytes> statements;  // epochs 1 to the one in force
  Bytes draft;                    // payload of the next one, without its place
  std::vector<Bytes> placed;      // none, or the statement Object as far as it is signed
};

// object-too-large above 64 KiB, 1 MiB; receipt-version for another magic text.
Result<RolloverFile> read_rollover(ByteView bytes);
Result<Proposal> read_proposal(ByteView bytes);

}  // namespace lotmark
