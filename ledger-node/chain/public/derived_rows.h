// What stands in the tables because of a block, worked out from the block alone: a second hand beside the one that
// writes it (PublicChain::take_in and the body checks). Rows that blocks before it have a say in come from
// ChainCheck::rows_of: rulings, what they settle, and ids that came again.
#pragma once

#include "core/wire/sign1.h"
#include "ledger-node/chain/public/rows.h"

namespace lotmark::chain {

struct DerivedTable {
  std::string_view name;
  std::vector<std::string_view> columns;  // key first; one of them is the block's number
  std::size_t keys = 1;
  std::size_t block = 0;  // place of that one
  // Select a row by its key through an index other than the table's own; each place is a column.
  struct Probe {
    std::string_view index;
    std::vector<std::size_t> columns;
  };
  std::vector<Probe> probes;
  // Rows are removed once a newer one of the same first `newest_of` columns is final.
  std::optional<std::size_t> newest_of;
  // The key stands in an index beside the rows: they are found by it.
  bool apart = false;
};
const std::vector<DerivedTable>& derived_tables();
// That of this name; it must be one of them.
const DerivedTable& derived_table(std::string_view name);

struct DerivedRow {
  const DerivedTable* table = nullptr;
  Cells cells;
};

// `judge`: the statement of the block's epoch.
Result<std::vector<DerivedRow>> derived_rows(const Signed<Block>& block, const Membership& judge,
                                             const Digest& chain);

}  // namespace lotmark::chain
