// What takes the place of bodies that were cut: flags, tombstones, the snapshot, archive files and the proof that
// a lot was cut (docs/format/cut.md).
#pragma once

#include "core/wire/limits.h"
#include "core/wire/receipt.h"

namespace lotmark {

// What a flag's promise is about: its object is H of this array.
struct CutClaim {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Digest archive;
  Digest snapshot;
};

// A flag is a promise that never passes.
inline constexpr std::uint64_t kFlagDeadline = static_cast<std::uint64_t>(limits::kIntMax);

// What stays of a lot block, beside its leaf.
struct Tombstone {
  Digest key;  // H(cbor([gtin, lot]))
  Expiry expires;
  std::uint64_t block = 0;
  auto operator<=>(const Tombstone&) const = default;
};

// H of its bytes is a cut's snapshot.
struct SnapshotHead {
  std::string magic = "lotmark/snapshot/1";
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Digest block;           // id of block `last`
  Checkpoint tombstones;  // of this cut, sorted; size 0 where the range has no lot block
  Digest state;           // H of the state file
};

struct StateObject {
  ObjectBytes object;
  std::uint64_t block = 0;
};

struct StateHead {
  KeyId kid;
  LogKind log = LogKind::kIntake;
  std::uint64_t size = 0;
  Digest root;
  std::uint64_t time = 0;
  std::uint64_t block = 0;
};

struct StatePeriod {
  std::uint64_t number = 0;
  std::uint64_t block = 0;
  std::uint64_t time = 0;  // of the block
};

struct StateTerm {
  std::uint64_t term = 0;
  KeyId kid;
  std::uint64_t block = 0;
};

// All that later checks need of blocks 0 to `last`.
struct CutState {
  std::string magic = "lotmark/state/1";
  std::uint64_t last = 0;
  std::vector<Bytes> statements;  // epochs 1, 2, ...
  std::vector<StateObject> enrolments;
  std::vector<StateObject> revocations;
  std::vector<StateObject> recalls;  // open ones
  std::vector<StateHead> heads;      // the newest of each log
  std::optional<StatePeriod> period;
  std::vector<StateTerm> terms;
};

// The first item of an archive file; a bstr a block follows.
struct ArchiveHeader {
  std::string magic = "lotmark/archive/1";
  Digest chain;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Checkpoint tombstones;
};

// A file that proves a lot to have been cut, from the anchor alone.
struct Archived {
  std::string magic = "lotmark/archived/1";
  ObjectBytes block;              // the cut block, unprotected {394: votes}
  std::vector<Bytes> statements;  // those after the anchor's
  Bytes snapshot;                 // SnapshotHead
  Bytes tombstone;                // Tombstone
  std::uint64_t index = 0;        // of the tombstone in the cut's tree
  std::vector<Digest> path;
};

}  // namespace lotmark
