// Rows that follow from a block, compared with the block; and rows of blocks that are not there.
#include "core/crypto/sha256.h"
#include "core/wire/cut.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/public/check.h"
#include "ledger-node/chain/public/cut_content.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

namespace {

// A block is 1 MiB, and what makes most rows of it, a serial, two bytes at the least.
constexpr std::size_t kRowsOfBlock = 1u << 20;
// Of a table and block, for what mends one makes them all.
constexpr std::size_t kMissingNamed = 100;

std::string list_of(const DerivedTable& t, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ", ") + std::string(t.columns[i]);
  return out;
}

std::string places_of(const DerivedTable& t, const std::vector<std::size_t>& columns) {
  std::string out;
  for (const auto c : columns)
    out += (out.empty() ? "" : " AND ") + std::string(t.columns[c]) + " IS ?";
  return out;
}

std::vector<std::size_t> first(std::size_t count) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(i);
  return out;
}

// Statements of a table, made once.
struct Sql {
  std::string keys;  // of a block, by index
  std::string row;   // by key, in the table itself
  explicit Sql(const DerivedTable& t)
      : keys("SELECT " + list_of(t, t.keys) + " FROM " + std::string(t.name) + " WHERE " +
             std::string(t.columns[t.block]) + " = ?"),
        row("SELECT " + list_of(t, t.columns.size()) + " FROM " + std::string(t.name) +
            (t.apart ? "" : " NOT INDEXED") + " WHERE " + places_of(t, first(t.keys))) {}
};
const Sql& sql_of(const DerivedTable& t) {
  static const std::vector<Sql> all(derived_tables().begin(), derived_tables().end());
  return all[static_cast<std::size_t>(&t - derived_tables().data())];
}

Cells picked(const Cells& row, const std::vector<std::size_t>& columns) {
  Cells out;
  for (const auto c : columns) out.push_back(row[c]);
  return out;
}

// Ids of blocks in a cut range count no more: they go with the blocks, or where one comes again.
bool holds_ids(const DerivedTable& t) { return t.name == "once" || t.name == "once_again"; }

Fault row_fault(const DerivedTable& t, const Cells& row, std::string_view column,
                std::uint64_t number, std::string what, Remedy remedy = Remedy::kDerived) {
  const auto keys = first(t.keys);
  std::vector<std::string_view> names;
  for (const auto k : keys) names.push_back(t.columns[k]);
  Cells key = picked(row, keys);
  std::string shown_key = shown(names, key);
  return {std::string(t.name), std::move(shown_key),
          std::string(column), number,
          std::move(what),     remedy,
          std::move(key)};
}

}  // namespace

// May be removed, because a newer one is final: a row that itself follows from its block, for a damaged one says nothing.
Result<bool> ChainCheck::outdated(const DerivedTable& t, const Cells& row) {
  if (!t.newest_of) return false;
  const std::string block(t.columns[t.block]);
  const auto columns = first(*t.newest_of);
  std::string where = places_of(t, columns);
  if (!where.empty()) where += " AND ";
  const Cells of = picked(row, columns);
  Cells values = of;
  values.push_back(row[t.block]);
  values.push_back(Cell::of(final_size_));
  LM_ASSIGN(const auto newer,
            rows_.read("SELECT " + block + " FROM " + std::string(t.name) + " WHERE " + where +
                           block + " > ? AND " + block + " < ? ORDER BY " + block + " DESC LIMIT 4",
                       values));
  for (const auto& n : newer) {
    if (follows(t, of, static_cast<std::uint64_t>(n[0].number)).value_or(true)) return true;
  }
  if (newer.empty()) return false;
  // Who is silent longer is said to miss an old row, which does no harm.
  constexpr std::uint64_t kBlocks = 1024;
  const auto own = static_cast<std::uint64_t>(row[t.block].number);
  for (std::uint64_t n = own + 1; n < std::min(final_size_, own + kBlocks); ++n) {
    if (follows(t, of, n).value_or(false)) return true;
  }
  return false;
}

// Whether a row that begins with the cells `of` follows from the block; nothing where the block cannot say.
std::optional<bool> ChainCheck::follows(const DerivedTable& t, const Cells& of,
                                        std::uint64_t number) {
  constexpr std::size_t kKept = 64;
  const std::pair place{&t, number};
  auto at = newest_.find(place);
  if (at == newest_.end()) {
    auto rows = expected(t, number);
    if (!rows) return std::nullopt;
    if (newest_.size() >= kKept) newest_.clear();
    at = newest_.emplace(place, std::move(*rows)).first;
  }
  return std::ranges::any_of(
      at->second, [&](const Cells& made) { return picked(made, first(*t.newest_of)) == of; });
}

Status ChainCheck::check_table(const DerivedTable& t, std::uint64_t number,
                               const std::vector<Cells>& expected, Faults& faults) {
  const Sql& sql = sql_of(t);
  LM_ASSIGN(auto keys, rows_.read(sql.keys, {Cell::of(number)}, kRowsOfBlock));
  std::vector<bool> seen(expected.size(), false);
  std::map<Cells, std::size_t> places;  // in `expected`, by key
  for (std::size_t at = 0; at < expected.size(); ++at)
    places.try_emplace(picked(expected[at], first(t.keys)), at);
  for (const auto& key : keys) {  // by index; below the row itself
    LM_ASSIGN(auto stored, rows_.read(sql.row, key));
    if (stored.empty()) {
      faults.push_back(row_fault(t, key, "", number, "is in an index only", Remedy::kRebuild));
      continue;
    }
    const auto place = places.find(key);
    if (place == places.end()) {
      faults.push_back(row_fault(t, key, "", number,
                                 "is not what follows from block " + std::to_string(number)));
      continue;
    }
    const std::size_t at = place->second;
    seen[at] = true;
    for (std::size_t c = t.keys; c < t.columns.size(); ++c) {
      if (stored.front()[c] == expected[at][c]) continue;
      faults.push_back(row_fault(t, key, t.columns[c], number,
                                 "is " + stored.front()[c].shown() + ", block " +
                                     std::to_string(number) + " says " + expected[at][c].shown()));
    }
    for (const auto& probe : t.probes) {
      LM_ASSIGN(auto found,
                rows_.read("SELECT 1 FROM " + std::string(t.name) + " INDEXED BY " +
                               std::string(probe.index) + " WHERE " + places_of(t, probe.columns),
                           picked(stored.front(), probe.columns)));
      if (found.empty())
        faults.push_back(row_fault(t, key, "", number,
                                   "is not in the index " + std::string(probe.index),
                                   Remedy::kRebuild));
    }
  }
  std::size_t missing = 0;
  for (std::size_t at = 0; at < expected.size() && missing < kMissingNamed; ++at) {
    if (seen[at] || (holds_ids(t) && number < cut_end_)) continue;
    LM_ASSIGN(const bool removed, outdated(t, expected[at]));
    if (removed) continue;
    ++missing;
    faults.push_back(row_fault(t, expected[at], "", number,
                               "of block " + std::to_string(number) + " is missing"));
  }
  return {};
}

Status ChainCheck::check_derived(const Row& row, std::uint64_t number, Faults& faults) {
  const Membership* judge = statements_.of_block(number);
  LM_ASSERT(judge != nullptr);
  LM_ASSIGN(auto made, rows_of(*row.block, *judge));
  if (row.block->body.kind == BlockKind::kCut) check_cut(*row.block, faults);
  for (const auto& t : derived_tables()) {
    std::vector<Cells> expected;
    for (auto& r : made) {
      if (r.table == &t) expected.push_back(std::move(r.cells));
    }
    if (Status ok = check_table(t, number, expected, faults); !ok) {
      faults.push_back({std::string(t.name),
                        "block " + std::to_string(number),
                        "",
                        number,
                        ok.error().message(),
                        Remedy::kRebuild,
                        {}});
    }
  }
  return {};
}

Result<std::vector<Cells>> ChainCheck::expected(const DerivedTable& t, std::uint64_t number) {
  LM_ASSIGN(auto row, read_block(number));
  const Membership* judge = statements_.of_block(number);
  if (!row || !row->block || judge == nullptr)
    return fail(Errc::kCorrupt, "block " + std::to_string(number) + " does not hold itself");
  std::vector<Cells> out;
  if (holds_ids(t) && number < cut_end_) return out;  // newer ones may stand in their place
  LM_ASSIGN(auto made, rows_of(*row->block, *judge));
  for (auto& r : made) {
    if (r.table == &t) out.push_back(std::move(r.cells));
  }
  return out;
}

// What is kept of the blocks that a cut took: its hashes are in the cut block.
void ChainCheck::check_cut(const Signed<Block>& block, Faults& faults) const {
  const auto& cut = std::get<CutBody>(block.body.body);
  const std::uint64_t number = block.body.number;
  const auto bad = [&](std::string_view column, std::string what) {
    faults.push_back({"cut",
                      "block " + std::to_string(number),
                      std::string(column),
                      number,
                      std::move(what),
                      Remedy::kNothing,
                      {}});
  };
  const auto rows =
      rows_.read("SELECT first, last, head, state FROM cut WHERE block = ?", {Cell::of(number)});
  if (!rows || rows->empty()) return bad("", rows ? "is missing" : rows.error().message());
  const Cells& row = rows->front();
  if (row[0] != Cell::of(cut.first)) bad("first", "is not what the block says");
  if (row[1] != Cell::of(cut.last)) bad("last", "is not what the block says");
  if (sha256(row[2].bytes) != cut.snapshot) return bad("head", "is not the block's snapshot");
  const auto head = read_snapshot(row[2].bytes);
  if (!head) return bad("head", head.error().message());
  if (row[3].type != 'n' && sha256(row[3].bytes) != head->state)
    bad("state", "is not the snapshot's");
}

// How far bodies are gone: below the first that stands, no further than the last cut.
Status ChainCheck::load_dropped(Faults& faults) {
  const auto number = [&](const char* sql,
                          const Cells& values = {}) -> std::optional<std::uint64_t> {
    auto rows = rows_.read(sql, values);
    if (!rows || rows->empty() || rows->front()[0].type != 'i') return std::nullopt;
    return static_cast<std::uint64_t>(rows->front()[0].number);
  };
  const auto stored = number("SELECT next FROM dropped");
  const bool first = place_.part == CheckPart::kBlocks && place_.at == 0;
  const std::uint64_t looked = first ? 1 : dropped_end_;  // in this round: below, none stands
  std::uint64_t most = number("SELECT max(last) FROM cut").value_or(0) + 1;
  cut_end_ = most;
  const auto standing = number(
      "SELECT number FROM block WHERE number >= ? AND number < ? AND kind IN (0, 2) ORDER "
      "BY number LIMIT 1",
      {Cell::of(looked), Cell::of(most)});
  most = std::min(most, standing.value_or(most));
  dropped_end_ = std::min(stored.value_or(most), most);
  LM_ASSIGN(auto below, rows_.read("SELECT 1 FROM block WHERE number = ?", {Cell::of(most - 1)}));
  if (below.empty()) dropped_end_ = most;
  if (first && stored != dropped_end_) {
    faults.push_back({"dropped",
                      "",
                      "next",
                      std::nullopt,
                      "is not how far bodies are gone: " + std::to_string(dropped_end_),
                      Remedy::kNothing,
                      {Cell::of(dropped_end_)}});
  }
  return first ? check_thinned(number("SELECT votes FROM dropped"), faults) : Status();
}

// Where it says too little, the same votes go once more.
Status ChainCheck::check_thinned(std::optional<std::uint64_t> stored, Faults& faults) const {
  LM_ASSIGN(const std::uint64_t end, thin_end(rows_.database(), final_size_));
  if (stored && *stored <= end) return {};
  faults.push_back({"dropped",
                    "",
                    "votes",
                    std::nullopt,
                    "is above what may be thinned: " + std::to_string(end),
                    Remedy::kThinned,
                    {Cell::of(end)}});
  return {};
}

Status ChainCheck::check_strays(Faults& faults) {
  constexpr std::size_t kNamed = 100;
  const auto add = [&](const DerivedTable& t) {
    const std::string block(t.columns[t.block]);
    auto rows = rows_.read("SELECT " + list_of(t, t.keys) + " FROM " + std::string(t.name) +
                               " WHERE " + block + " < 0 OR " + block + " >= ?",
                           {Cell::of(size_)}, kNamed);
    if (!rows) {
      faults.push_back({std::string(t.name),
                        "",
                        "",
                        std::nullopt,
                        rows.error().message(),
                        Remedy::kRebuild,
                        {}});
      return;
    }
    for (const auto& r : *rows) {
      faults.push_back(row_fault(t, r, "", 0, "is of a block that is not there"));
      faults.back().block.reset();
    }
  };
  add({"block", {"number"}, 1, 0, {}, {}});
  for (const auto& t : derived_tables()) add(t);
  next_part();
  return {};
}

}  // namespace lotmark::chain
