// Proofs that a serial is one of a lot's (docs/format/receipt.md, "Item proof"), out of private.db beside the node that
// writes it. A page or two of 4,096 entries and the roots of the others are read for each. One thread at a time.
#pragma once

#include <filesystem>

#include "core/merkle/tree.h"
#include "core/store/database.h"
#include "core/wire/values.h"

namespace lotmark::chain {

// What an application names of a lot's serials.
struct ItemsOf {
  std::uint64_t count = 0;
  Digest root;
  bool operator==(const ItemsOf&) const = default;
};

// Where a serial stands, and the path from there to the root of the lot's items.
struct ItemAt {
  std::uint64_t index = 0, count = 0;
  Bytes entry;  // cbor([salt, serial])
  std::vector<Digest> path;
  Digest root;
};

class ItemProofs {
 public:
  // Read only: the file is there, and of this program's schema.
  static Result<ItemProofs> open(const std::filesystem::path& private_db);

  // Null: the lot has no such serial, or no serials at all, or is not this enterprise's. corrupt: the rows do not give
  // the root that is kept of them; null is said after the same checks, of a page whose entries lie around the serial's,
  // and costs the same. Whether the chain's application has that root is the caller's to check.
  Result<std::optional<ItemAt>> find(const Gtin& gtin, const LotNumber& lot,
                                     std::string_view serial) const;
  // Null: the lot has none, or they are not all there yet.
  Result<std::optional<ItemsOf>> items(const Gtin& gtin, const LotNumber& lot) const;

 private:
  explicit ItemProofs(store::Database db) : db_(std::move(db)) {}
  store::Database db_;
};

}  // namespace lotmark::chain
