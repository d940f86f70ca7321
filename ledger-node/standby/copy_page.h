// One answer to a standby's question: rows that moved since a place, then objects of the intake log from an index
// on. docs/operate/peer.md (GET /peer/v1/copy).
#pragma once

#include "core/merkle/tree.h"
#include "ledger-node/standby/copy_tables.h"

namespace lotmark::node {

inline constexpr std::size_t kCopyPageBytes = 1024 * 1024;  // about; one object more may be larger
inline constexpr std::size_t kCopyPageItems = 200'000;

// An object of the intake log, without what its wire says.
struct CopyObject {
  std::uint64_t life = 0, seq = 0, last = 0, kind = 0, from = 0, to = 0, received = 0;
  Bytes wire;
};

struct CopyPage {
  std::uint64_t moved = 0;  // the place behind the page's rows
  std::uint64_t top = 0;    // the newest place at the source
  std::vector<CopyRow> rows;
  std::uint64_t size = 0;  // of the log at the source
  std::uint64_t upto = 0;  // of the log behind the page's objects
  Digest root;             // of the tree of `upto` leaves
  std::vector<CopyObject> objects;
};

using RootAt = std::function<Digest(std::uint64_t size)>;

// Rows behind `moved`; objects from `from` on only where no row is left, so that a copy holds an object's life
// before the object. `size`: how many the log has, all of them committed.
Result<CopyPage> read_copy_page(const store::Database& db, std::uint64_t moved, std::uint64_t from,
                                std::uint64_t size, const RootAt& root_at);

Bytes encode(const CopyPage& page);
// cbor errors, field-type, field-range.
Result<CopyPage> decode_copy_page(ByteView bytes);

}  // namespace lotmark::node
