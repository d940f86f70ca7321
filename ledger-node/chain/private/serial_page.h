// A page of a lot's serials as lot_serials holds it: 4,096 serial entries in ascending order, fewer in the last. It is a
// whole subtree of the items tree (docs/format/receipt.md), so that the tree over the pages' roots is that tree.
#pragma once

#include <vector>

#include "core/merkle/tree.h"
#include "core/proof/item.h"

namespace lotmark::chain {

inline constexpr std::uint64_t kPageEntries = 4096;
static_assert(std::has_single_bit(kPageEntries));

// Ascending by bytes, a prefix first: the order of the items tree.
bool entry_below(ByteView a, ByteView b);
// The salted hash an entry begins with. Of an entry that has the right shape.
Salt entry_salt(ByteView entry);
// The serial it ends with; valid while the entry is.
std::string_view entry_serial(ByteView entry);

class SerialPage {
 public:
  // The cbor list of entries; 1 to kPageEntries. Their order is the caller's.
  static Bytes encode(const std::vector<ByteView>& entries);
  // corrupt if it is no list of that many entries of the right shape, saying which one is not. Their order is not
  // looked at.
  static Result<SerialPage> read(ByteView bytes);

  SerialPage(SerialPage&&) noexcept = default;
  SerialPage& operator=(SerialPage&&) noexcept = default;
  SerialPage(const SerialPage&) = delete;
  SerialPage& operator=(const SerialPage&) = delete;
  ~SerialPage() = default;

  // Views into the page.
  const std::vector<ByteView>& entries() const { return entries_; }
  // Its place in the page; nothing if it is not there. Of a page in order.
  std::optional<std::uint64_t> find(ByteView entry) const;
  merkle::MemoryTree tree() const;

 private:
  SerialPage() = default;
  Bytes bytes_;  // stays where it is when the page is moved
  std::vector<ByteView> entries_;
};

// The root of a page's tree, without keeping it.
Digest page_root(const std::vector<ByteView>& entries);

}  // namespace lotmark::chain
