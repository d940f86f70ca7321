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

// Rows behind `moved`, as of one moment; objects from `from` on only where no row of tables 1 to 8 is left, so that a copy
// holds an object's life before the object. Where objects wait a quarter of the page is theirs, or rows of events would
// hold up every ack. `db` must be in no transaction. `size`: how many the log has, all of them committed. A page ends with the row or object that reaches
// `bytes`; not behind a period record or a set of events (adr 0019): it may be that much larger.
Result<CopyPage> read_copy_page(const store::Database& db, std::uint64_t moved, std::uint64_t from,
                                std::uint64_t size, const RootAt& root_at,
                                std::size_t bytes = kCopyPageBytes);

Bytes encode(const CopyPage& page);
// cbor errors, field-type, field-range.
Result<CopyPage> decode_copy_page(ByteView bytes);

}  // namespace lotmark::node
