#include "ledger-node/chain/public/mend.h"

#include "core/merkle/tree.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

const DerivedTable* find_table(std::string_view name) {
  for (const auto& t : derived_tables()) {
    if (t.name == name) return &t;
  }
  return nullptr;
}

std::string where_key(const DerivedTable& t) {
  std::string out;
  for (std::size_t i = 0; i < t.keys; ++i)
    out += (i == 0 ? "" : " AND ") + std::string(t.columns[i]) + " IS ?";
  return out;
}

}  // namespace

std::string_view name(Mended outcome) {
  constexpr std::string_view kNames[] = {"done",      "ask-block", "ask-votes", "ask-disclosure",
                                         "forgotten", "rebuild",   "nothing"};
  return kNames[static_cast<std::size_t>(outcome)];
}

Result<Mended> Mend::mend(const Fault& fault) {
  Mended outcome = Mended::kDone;
  const Status done = rows_.database().transaction([&]() -> Status {
    switch (fault.remedy) {
      case Remedy::kBlock: outcome = Mended::kAskBlock; return {};
      case Remedy::kColumns:
      case Remedy::kDerived: {
        if (fault.table != "block") return mend_derived(fault);
        LM_ASSIGN(outcome, mend_block(fault));
        return {};
      }
      case Remedy::kTree: return mend_tree();
      case Remedy::kVote: {
        LM_ASSIGN(outcome, mend_vote(fault));
        return {};
      }
      case Remedy::kDisclosure:
        outcome = Mended::kAskDisclosure;
        return rows_.run("DELETE FROM disclosure WHERE block IS ?", fault.key);
      case Remedy::kMemory: {
        LM_ASSIGN(outcome, mend_memory(fault));
        return {};
      }
      case Remedy::kThinned: return rows_.run("UPDATE dropped SET votes = ?", fault.key);
      case Remedy::kFlag: return rows_.run("DELETE FROM flag WHERE object IS ?", fault.key);
      case Remedy::kNote: return rows_.run("DELETE FROM store WHERE name IS ?", fault.key);
      case Remedy::kRebuild: outcome = Mended::kRebuild; return {};
      case Remedy::kNothing: outcome = Mended::kNothing; return {};
    }
    return {};
  });
  // A leaf of what was cut is nowhere else in this file: others give all leaves to who begins behind the cut.
  if (done.code() == Errc::kCorrupt && fault.remedy == Remedy::kTree && check_.has_gone())
    return Mended::kRebuild;
  LM_TRY(done);
  return outcome;
}

// Columns that are not what the block says, or a block under a number that is not its own: it is moved where it
// belongs if nothing is there.
Result<Mended> Mend::mend_block(const Fault& fault) {
  LM_ASSIGN(auto rows, rows_.read("SELECT bytes FROM block WHERE number IS ?", fault.key));
  if (rows.empty()) return Mended::kDone;
  const auto block = lotmark::open<Block>(rows.front()[0].bytes, check_.statements().chain());
  const std::uint64_t number = block ? block->body.number : 0;
  const bool stray = !fault.block;
  if (stray) {
    LM_ASSIGN(auto there, rows_.read("SELECT 1 FROM block WHERE number = ?", {Cell::of(number)}));
    LM_TRY(rows_.run("DELETE FROM block WHERE number IS ?", fault.key));
    if (!block || !there.empty()) return Mended::kDone;
  } else if (number != *fault.block && *fault.block != 0) {
    return Mended::kAskBlock;
  }
  LM_TRY(put_block(stray ? number : *fault.block, rows.front()[0].bytes));
  return Mended::kDone;
}

Status Mend::put_block(std::uint64_t number, ByteView bytes) {
  LM_ASSIGN(auto block, check_.proves(number, bytes));
  const Block& b = block.body;
  LM_TRY(rows_.run("DELETE FROM block WHERE number = ? OR id = ?",
                   {Cell::of(number), Cell::of(block.id)}));
  LM_TRY(rows_.run(
      "INSERT INTO block(number, id, kind, epoch, term, time, bytes) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)",
      {Cell::of(number), Cell::of(block.id), Cell::of(static_cast<std::uint64_t>(b.kind)),
       Cell::of(b.epoch), Cell::of(b.term), Cell::of(b.time), Cell::of(ByteView(block.bytes))}));
  for (const auto& t : derived_tables()) LM_TRY(rewrite(t, number));
  return {};
}

Status Mend::mend_derived(const Fault& fault) {
  const DerivedTable* t = find_table(fault.table);
  if (t == nullptr) return fail(Errc::kInternal, "no table " + fault.table);
  // Still as it was named: what was mended since may stand under the same key.
  const std::string block(t->columns[t->block]);
  const std::string still = fault.block ? block + " = ?" : block + " < 0 OR " + block + " >= ?";
  Cells values = fault.key;
  values.push_back(Cell::of(fault.block.value_or(check_.size())));
  LM_TRY(rows_.run(
      "DELETE FROM " + std::string(t->name) + " WHERE " + where_key(*t) + " AND (" + still + ")",
      values));
  return fault.block ? rewrite(*t, *fault.block) : Status();
}

// The table's rows of a block, made anew; those that do not follow from it have faults of their own.
Status Mend::rewrite(const DerivedTable& t, std::uint64_t number) {
  LM_ASSIGN(auto expected, check_.expected(t, number));
  const std::string table(t.name);
  std::string columns;
  std::string places;
  for (const auto c : t.columns) {
    columns += (columns.empty() ? "" : ", ") + std::string(c);
    places += places.empty() ? "?" : ", ?";
  }
  for (const auto& row : expected) {
    LM_TRY(rows_.run("INSERT OR REPLACE INTO " + table + "(" + columns + ") VALUES(" + places + ")",
                     row));
  }
  return {};
}

// All of it from the blocks' ids, and from the leaves of those that were cut. It must give a root that somebody voted for.
Status Mend::mend_tree() {
  const store::Database& db = rows_.database();
  std::vector<Digest> leaves;
  LM_ASSIGN(auto ids, db.prepare("SELECT number, id FROM block WHERE number >= 0 ORDER BY number"));
  LM_ASSIGN(bool row, ids.step());
  while (leaves.size() < check_.size()) {
    if (row && ids.u64(0) == leaves.size()) {
      LM_ASSIGN(auto id, ids.fixed<Digest>(1));
      leaves.push_back(merkle::leaf_hash(id.view()));
      LM_ASSIGN(row, ids.step());
      continue;
    }
    LM_ASSIGN(const auto gone, check_.gone_leaf(leaves.size()));
    if (!gone)
      return fail(Errc::kCorrupt, "block " + std::to_string(leaves.size()) + " is missing");
    leaves.push_back(*gone);
  }
  ids.reset();
  LM_TRY(db.exec("DELETE FROM tree_tile; DELETE FROM tree_edge;"));
  LM_ASSIGN(auto tree, store::StoredTree::open(db, kTree));
  for (const auto& leaf : leaves) LM_TRY(tree.append(leaf));
  LM_ASSIGN(auto votes, rows_.read("SELECT size, root FROM vote WHERE size <= ? ORDER BY size "
                                   "DESC LIMIT 16",
                                   {Cell::of(check_.size())}));
  bool voted = votes.empty();
  for (const auto& v : votes) {
    if (v[0].type != 'i' || v[0].number < 0) continue;
    const auto root = tree.root_at(static_cast<std::uint64_t>(v[0].number));
    voted = voted || (root && Cell::of(*root) == v[1]);
  }
  if (!voted) return fail(Errc::kCorrupt, "the blocks' ids give no root that was voted for");
  return rows_.run("UPDATE derived SET size = ?", {Cell::of(check_.size())});
}

}  // namespace lotmark::chain
