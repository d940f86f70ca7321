// What marks of use (docs/format/mark.md) say of one unit. Reads marks.db beside the node that writes it. One thread at
// a time.
#pragma once

#include <filesystem>

#include "core/store/database.h"
#include "core/wire/usage.h"

namespace lotmark::node {

struct KnownMark {
  UsageKind kind = UsageKind::kUsed;
  std::uint64_t time = 0;  // ms UTC, as its signer says
  KeyId signer;
  // Id of the agency's report of use that counts the unit under this kind; none: it waits for the next one.
  std::optional<Digest> report;
};

class MarkReader {
 public:
  // store or io with the file's name where there is none yet: the agency's node makes it.
  static Result<MarkReader> open(const std::filesystem::path& marks_db);

  // All marks of that unit, in the order in which they were taken; empty where there is none.
  Result<std::vector<KnownMark>> of_serial(const Gtin& gtin, const LotNumber& lot,
                                           std::string_view serial) const;

 private:
  explicit MarkReader(store::Database db) : db_(std::move(db)) {}
  store::Database db_;
};

}  // namespace lotmark::node
