// A file that proves a party's dishonesty from the anchor alone (docs/format/evidence.md).
#pragma once

#include "core/wire/public_level.h"

namespace lotmark {

// One place of the block tree at which two roots have two leaves: inclusion paths of both.
struct RootSplit {
  std::uint64_t index = 0;
  Digest leaf_a;  // leaf hashes
  std::vector<Digest> path_a;
  Digest leaf_b;
  std::vector<Digest> path_b;
};

// The roots two votes signed; a vote does not carry its own. A split where the sizes differ.
struct VoteRoots {
  Digest root_a;
  Digest root_b;
  std::optional<RootSplit> split;
};

// VoteRoots of vote-inconsistent; the device's enrolment, or nothing, of bundle-fork; else nothing.
using EvidenceProof = std::variant<std::monostate, VoteRoots, ObjectBytes>;

struct Evidence {
  std::string magic = "lotmark/evidence/1";
  EvidenceKind kind = EvidenceKind::kBlockFork;
  std::vector<Bytes> objects;     // the two, or a promise and the blocks from 1 on
  std::vector<Bytes> statements;  // those after the anchor's
  EvidenceProof proof;
};

}  // namespace lotmark
