// What a cut's hashes are of: tombstones, state, snapshot head and archive file, made from the chain and the range
// alone, so that every node gets the same bytes (docs/format/cut.md).
#pragma once

#include "core/proof/archived.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

struct CutContent {
  std::vector<Tombstone> tombstones;  // sorted
  Bytes state;                        // CutState
  Bytes head;                         // SnapshotHead
  Digest snapshot;                    // H(head)
  Digest archive;                     // of the whole file
};

using proof::flag_object;
using proof::tombstone_key;
Checkpoint tombstone_root(const std::vector<Tombstone>& tombstones);

// Of the range that follows the newest cut on the chain (`first` is cut_end()): body-cut if a body is gone.
Result<CutContent> make_cut_content(const PublicChain& chain, std::uint64_t first,
                                    std::uint64_t last);

// The archive file's bytes, in pieces of up to a block. Of any range whose bodies are all there; `tombstones` are the
// range's.
using ArchiveSink = std::function<Status(ByteView)>;
Status write_archive(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                     const Checkpoint& tombstones, const ArchiveSink& sink);
// The same by parts: what stands before the blocks, then blocks one range after the other.
Status write_archive_header(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                            const Checkpoint& tombstones, const ArchiveSink& sink);
Status write_archive_blocks(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                            const ArchiveSink& sink);

}  // namespace lotmark::chain
