// A UnitSource on nodes' files, each opened read-only while its node writes it: lists of serials in private.db, marks in
// marks.db, and what reports on the chain say.
#pragma once

#include "api/file_readers.h"
#include "api/unit/chain_uses.h"
#include "ledger-node/chain/private/item_proofs.h"
#include "ledger-node/marks/mark_reader.h"

namespace lotmark::api {

struct UnitFilePaths {
  std::vector<std::filesystem::path> private_dbs;
  std::filesystem::path marks_db;  // empty: none
};

class UnitFiles final : public UnitSource {
 public:
  // The error of a file that cannot be opened, or is another program's or version's. `uses` outlives it.
  static Result<std::unique_ptr<UnitFiles>> open(const UnitFilePaths& paths, ChainUses& uses);

  // Of the first of the private.db that has a list of the lot.
  Result<std::optional<ItemList>> list(const UnitKey& unit) override;
  // Beside what reports on the chain say, the marks that none of these counts yet: one that is counted is told as its report.
  Result<std::vector<UnitMark>> marks(const UnitKey& unit) override;

 private:
  UnitFiles(const UnitFilePaths& paths, ChainUses& uses);

  std::vector<std::unique_ptr<FileReaders<chain::ItemProofs>>> lists_;
  std::unique_ptr<FileReaders<node::MarkReader>> marks_;  // null: none here
  ChainUses& uses_;
};

}  // namespace lotmark::api
