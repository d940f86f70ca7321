#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

// Rows of `table` into the same table of `to`; what is there, or does not fit, is left out.
Status copy_rows(const store::Database& from, const store::Database& to, std::string_view table,
                 int columns) {
  LM_ASSIGN(auto read, from.prepare("SELECT * FROM " + std::string(table)));
  std::string places = "?";
  for (int i = 1; i < columns; ++i) places += ", ?";
  LM_ASSIGN(auto write,
            to.prepare("INSERT OR IGNORE INTO " + std::string(table) + " VALUES(" + places + ")"));
  while (true) {
    LM_ASSIGN(bool row, read.step());
    if (!row) return {};
    for (int i = 0; i < columns; ++i) write.bind_column(i + 1, read, i);
    (void)write.run();
  }
}

}  // namespace

Result<PublicChain> PublicChain::replay(const store::Database& file, ByteView anchor) {
  LM_ASSIGN(auto chain, open(":memory:", anchor));
  LM_ASSIGN(auto q, file.prepare("SELECT bytes FROM block WHERE number > 0 ORDER BY number"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    const auto block = lotmark::open<Block>(q.blob(0), chain.chain_id());
    if (!block || block->body.number != chain.size() || block->body.prev != chain.tip().id) break;
    LM_TRY(chain.all_or_nothing([&]() -> Status {
      LM_TRY(chain.store_block(*block));
      return chain.take_in(*block);
    }));
  }
  for (const auto& [table, columns] :
       {std::pair{"once", 2}, {"lot", 9}, {"vote", 5}, {"disclosure", 3}})
    LM_TRY(copy_rows(file, chain.db_, table, columns));
  LM_TRY(chain.count_votes(0));
  return chain;
}

}  // namespace lotmark::chain
