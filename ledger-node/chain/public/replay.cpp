#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

// Rows of `table` into the same table of `to`; what is there, or does not fit, is left out.
Status copy_rows(const store::Database& from, const store::Database& to, const std::string& table,
                 int columns, const std::string& which = "") {
  LM_ASSIGN(auto read, from.prepare("SELECT * FROM " + table + " " + which));
  std::string places = "?";
  for (int i = 1; i < columns; ++i) places += ", ?";
  LM_ASSIGN(auto write, to.prepare("INSERT OR REPLACE INTO " + table + " VALUES(" + places + ")"));
  while (true) {
    LM_ASSIGN(bool row, read.step());
    if (!row) return {};
    for (int i = 0; i < columns; ++i) write.bind_column(i + 1, read, i);
    (void)write.run();
  }
}

// What stands for blocks whose bodies were dropped: nothing else says it any more.
Result<std::uint64_t> copy_cut(const store::Database& from, const store::Database& to) {
  for (const auto& [table, columns] :
       {std::pair{"cut", 5}, {"tombstone", 4}, {"dropped", 3}, {"once_again", 2}})
    LM_TRY(copy_rows(from, to, table, columns));
  LM_ASSIGN(auto q, to.prepare("SELECT next FROM dropped"));
  LM_ASSIGN(bool row, q.step());
  const std::uint64_t end = row ? q.u64(0) : 1;
  const std::string which = "WHERE block < " + std::to_string(end);
  for (const auto& [table, columns] : {std::pair{"enrolled", 8},
                                       {"head", 6},
                                       {"period", 3},
                                       {"complaint", 4},
                                       {"ruling", 5},
                                       {"settled", 8}})
    LM_TRY(copy_rows(from, to, table, columns, which));
  return end;
}

}  // namespace

// Leaves up to block `number`, whose bodies were dropped.
Status PublicChain::replay_leaves(const store::Database& file, std::uint64_t number) {
  LM_ASSIGN(auto leaves, store::StoredTree::open(file, kTree));
  return all_or_nothing([&]() -> Status {
    while (size() < number) {
      LM_ASSIGN(auto leaf, leaves.leaf(size()));
      changed_ = true;
      LM_TRY(tree_->append(leaf));
    }
    LM_ASSIGN(root_, tree_->root());
    LM_ASSIGN(auto q, db_.prepare("UPDATE derived SET size = ?"));
    return q.bind(1, size()).run();
  });
}

Result<PublicChain> PublicChain::replay(const store::Database& file, ByteView anchor) {
  LM_ASSIGN(auto chain, open(":memory:", anchor));
  const auto cut = copy_cut(file, chain.db_);
  const std::uint64_t dropped_end = cut ? *cut : 1;
  LM_ASSIGN(auto q, file.prepare("SELECT bytes FROM block WHERE number > 0 ORDER BY number"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    const auto block = lotmark::open<Block>(q.blob(0), chain.chain_id());
    if (!block || block->body.number < chain.size()) break;
    if (block->body.number > chain.size()) {
      if (block->body.number > dropped_end) break;
      if (!chain.replay_leaves(file, block->body.number)) break;
    }
    const auto follows = chain.has_id(block->body.number - 1, *block->body.prev);
    if (!follows || !*follows) break;
    LM_TRY(chain.all_or_nothing([&]() -> Status {
      LM_TRY(chain.store_block(*block));
      return chain.take_in(*block);
    }));
  }
  for (const auto& [table, columns] :
       {std::pair{"once", 2}, {"lot", 9}, {"vote", 5}, {"disclosure", 3}})
    LM_TRY(copy_rows(file, chain.db_, table, columns));
  LM_TRY(chain.load_state());
  return chain;
}

}  // namespace lotmark::chain
