// The lots of each cut whose bodies go, against the snapshot's tree of them: 65,536 at most, so over several steps.
#include "core/merkle/tree.h"
#include "ledger-node/chain/public/check.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

namespace {

constexpr std::uint64_t kAtOnce = 64;  // they are small: so many count as a row

Fault tombstone_fault(std::uint64_t cut, std::string_view column, std::string what) {
  return {"tombstone",
          "cut " + std::to_string(cut),
          std::string(column),
          cut,
          std::move(what),
          Remedy::kNothing,
          {}};
}

}  // namespace

Status ChainCheck::check_tombstones(std::uint64_t rows, Faults& faults) {
  LM_ASSIGN(const auto cuts,
            rows_.read("SELECT block, head FROM cut WHERE block >= ? AND first < ? ORDER BY block "
                       "LIMIT 1",
                       {Cell::of(place_.at), Cell::of(dropped_end_)}));
  if (cuts.empty()) {
    next_part();
    return {};
  }
  const auto cut = static_cast<std::uint64_t>(cuts.front()[0].number);
  if (!stones_ || place_.at != cut || place_.last.empty()) {
    stones_.emplace();
    place_ = {CheckPart::kTombstones, cut, {}};
  }
  const bool begun = !place_.last.empty();
  Cells values{Cell::of(cut)};
  if (begun) values.insert(values.end(), place_.last.begin(), place_.last.end());
  LM_ASSIGN(const auto found,
            rows_.read(std::string("SELECT key, block, day FROM tombstone WHERE cut = ?") +
                           (begun ? " AND (key, block) > (?, ?)" : "") + " ORDER BY key, block",
                       values, rows * kAtOnce));
  for (const auto& s : found) {
    const auto key = Digest::from(s[0].bytes);
    if (!key) faults.push_back(tombstone_fault(cut, "key", "is no hash"));
    const Tombstone t{key.value_or(Digest{}), expires_of(static_cast<std::uint64_t>(s[2].number)),
                      static_cast<std::uint64_t>(s[1].number)};
    stones_->append(merkle::leaf_hash(encode(t)));
  }
  if (found.size() == rows * kAtOnce) {
    place_.last = {found.back()[0], found.back()[1]};
    return {};
  }
  const auto head = read_snapshot(cuts.front()[1].bytes);  // itself named at the cut's block
  if (head && head->tombstones != Checkpoint{stones_->size(), stones_->root()})
    faults.push_back(tombstone_fault(cut, "", "its lots are not those of the snapshot"));
  stones_.reset();
  place_ = {CheckPart::kTombstones, cut + 1, {}};
  return {};
}

}  // namespace lotmark::chain
