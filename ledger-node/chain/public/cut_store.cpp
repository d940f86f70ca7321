#include "ledger-node/chain/public/cut_store.h"

#include "ledger-node/chain/public/cut_content.h"

namespace lotmark::chain {

namespace {

CutEntry read_cut(const store::Query& q) {
  return {q.u64(0), q.u64(1), q.u64(2), to_bytes(q.blob(3))};
}

Result<Tombstone> read_tombstone(const store::Query& q, int column) {
  Tombstone t;
  LM_ASSIGN(t.key, q.fixed<Digest>(column));
  t.block = q.u64(column + 1);
  t.expires = expires_of(q.u64(column + 2));
  return t;
}

}  // namespace

Result<std::vector<CutEntry>> cuts(const PublicChain& chain, std::uint64_t from,
                                   std::size_t limit) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT block, first, last, head FROM cut "
                                             "WHERE block >= ? ORDER BY block LIMIT ?"));
  q.bind(1, from).bind(2, static_cast<std::uint64_t>(limit));
  std::vector<CutEntry> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    out.push_back(read_cut(q));
  }
}

Result<std::optional<CutEntry>> cut_of(const PublicChain& chain, std::uint64_t number) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT block, first, last, head FROM cut "
                                             "WHERE first <= ? ORDER BY first DESC LIMIT 1"));
  LM_ASSIGN(bool row, q.bind(1, number).step());
  if (!row || q.u64(2) < number) return std::optional<CutEntry>();
  return std::optional(read_cut(q));
}

Result<Bytes> cut_state_file(const PublicChain& chain) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT state FROM cut ORDER BY block DESC LIMIT 1"));
  LM_ASSIGN(bool row, q.step());
  if (!row) return encode(CutState{});
  if (q.is_null(0)) return fail(Errc::kCorrupt, "chain.db has lost the newest cut's state");
  return to_bytes(q.blob(0));
}

Result<Bytes> state_of(const PublicChain& chain, std::uint64_t cut) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT state FROM cut WHERE block = ?"));
  LM_ASSIGN(bool row, q.bind(1, cut).step());
  if (!row || q.is_null(0)) return fail(Errc::kNotFound, "no state of that cut is kept");
  return to_bytes(q.blob(0));
}

Result<CutState> cut_state(const PublicChain& chain) {
  LM_ASSIGN(auto bytes, cut_state_file(chain));
  return read_state(bytes);
}

Result<std::optional<CutLot>> find_tombstone(const PublicChain& chain, const Gtin& gtin,
                                             const LotNumber& lot) {
  LM_ASSIGN(auto q, chain.database().prepare(
                        "SELECT cut.block, key, tombstone.block, day FROM cut CROSS JOIN "
                        "tombstone ON tombstone.cut = cut.block AND key = ? "
                        "ORDER BY cut.block DESC, tombstone.block DESC LIMIT 1"));
  LM_ASSIGN(bool row, q.bind(1, tombstone_key(gtin, lot)).step());
  if (!row) return std::optional<CutLot>();
  CutLot found;
  found.cut = q.u64(0);
  LM_ASSIGN(found.tombstone, read_tombstone(q, 1));
  return std::optional(found);
}

constexpr std::uint64_t kMonth = 31;
constexpr std::uint64_t kYear = 12 * kMonth;

std::uint64_t day_number(const Expiry& expires) {
  const std::uint64_t e = expires.yyyymmdd;
  return (e / 10000 - 2000) * kYear + (e / 100 % 100 - 1) * kMonth + e % 100 - 1;
}

Expiry expires_of(std::uint64_t n) {
  return {(2000 + n / kYear) * 10000 + (n % kYear / kMonth + 1) * 100 + n % kMonth + 1};
}

Result<LotPlace> place_of_lot(const PublicChain& chain, const Gtin& gtin, const LotNumber& lot) {
  LM_ASSIGN(const auto held, chain.find_lot(gtin, lot));
  if (held && held->block >= chain.cut_end()) return LotPlace{held->block, false};
  LM_ASSIGN(const auto stone, find_tombstone(chain, gtin, lot));
  if (stone && stone->cut >= chain.size()) return LotPlace{stone->tombstone.block, false};
  return LotPlace{std::nullopt, held.has_value() || stone.has_value()};
}

Result<std::vector<Tombstone>> tombstones_of(const PublicChain& chain, std::uint64_t cut) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT key, block, day FROM tombstone "
                                             "WHERE cut = ? ORDER BY key, block"));
  q.bind(1, cut);
  std::vector<Tombstone> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(auto t, read_tombstone(q, 0));
    out.push_back(t);
  }
}

Result<std::uint64_t> thin_end(const store::Database& db, std::uint64_t final_size) {
  // On the newest sizes that have votes each signer has voted on many of them, and more may come.
  constexpr std::uint64_t kSizesKept = 256;
  LM_ASSIGN(auto q, db.prepare("SELECT DISTINCT size FROM vote WHERE size <= ? ORDER BY size DESC "
                               "LIMIT 1 OFFSET ?"));
  LM_ASSIGN(const bool row, q.bind(1, final_size).bind(2, kSizesKept - 1).step());
  return row ? q.u64(0) : 0;
}

Status each_block(const PublicChain& chain, std::uint64_t first, std::uint64_t last,
                  const BlockVisitor& visit) {
  LM_ASSIGN(auto q, chain.database().prepare("SELECT number, kind, bytes FROM block WHERE "
                                             "number >= ? AND number <= ? ORDER BY number"));
  q.bind(1, first).bind(2, last);
  std::uint64_t next = first;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row || q.u64(0) != next) break;
    LM_TRY(visit(static_cast<BlockKind>(q.integer(1)), q.blob(2)));
    ++next;
  }
  if (next > last) return {};
  const Errc why = next < chain.dropped_end() ? Errc::kBodyCut : Errc::kNotFound;
  return fail(why, "no block " + std::to_string(next));
}

Result<bool> is_dropped(const store::Database& db, std::uint64_t number) {
  LM_ASSIGN(auto q, db.prepare("SELECT 1 FROM dropped WHERE next > ?1 AND ?1 > 0 AND NOT EXISTS("
                               "SELECT 1 FROM block WHERE number = ?1)"));
  return q.bind(1, number).step();
}

}  // namespace lotmark::chain
