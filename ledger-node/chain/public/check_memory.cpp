// What this node signed and promised itself. Whoever cannot prove it whole must not sign on it.
#include "ledger-node/chain/public/check.h"
#include "ledger-node/chain/public/memory_sum.h"

namespace lotmark::chain {

namespace {

Fault memory_fault(std::string_view table, std::string row, std::string_view column,
                   std::string what, Cells key = {}) {
  return {std::string(table), std::move(row),  std::string(column), std::nullopt,
          std::move(what),    Remedy::kMemory, std::move(key)};
}

// A row of before sums has none.
bool sum_holds(std::string_view table, std::uint64_t a, std::uint64_t b, const Cell& x,
               const Cell& y, const Cell& sum) {
  return sum.type == 'n' || sum == Cell::of(memory_sum(table, a, b, x.bytes, y.bytes));
}

}  // namespace

std::optional<PublicKey> ChainCheck::key_of(const KeyId& kid) const {
  for (auto it = statements_.held().rbegin(); it != statements_.held().rend(); ++it) {
    if (const Member* m = it->body.find(kid)) return m->public_key;
  }
  return std::nullopt;
}

void ChainCheck::check_standing(const Cells& row, Faults& faults) const {
  enum { kTerm, kAsker, kTurn, kSum };
  const auto bad = [&](std::string_view column, std::string what) {
    faults.push_back(memory_fault("standing", "", column, std::move(what)));
  };
  if (row[kTerm].type != 'i') return bad("term", "is no number");
  if (row[kAsker].type != 'n') {
    const auto turn = lotmark::open<Turn>(row[kTurn].bytes, statements_.chain());
    if (!turn) return bad("turn", turn.error().message());
    const auto key = key_of(turn->kid);
    if (!key || !verified(*key, turn->id, turn->signature)) return bad("turn", "cose-signature");
    if (row[kTerm] != Cell::of(turn->body.term)) return bad("term", "is not its turn's");
    if (row[kAsker] != Cell::of(turn->body.asker)) return bad("asker", "is not its turn's");
  }
  if (!sum_holds("standing", row[kTerm].count(), 0, row[kAsker], row[kTurn], row[kSum]))
    bad(row[kAsker].type == 'n' ? "" : "sum", "is not what was stored");
}

void ChainCheck::check_own_vote(const Cells& row, Faults& faults) const {
  const auto vote = read_vote(row[0].bytes, statements_.chain(), false);
  const auto bad = [&](std::string_view column, std::string what) {
    faults.push_back(memory_fault("own_vote", "", column, std::move(what)));
  };
  if (row[0].type != 'b' || !vote)
    return bad("bytes", vote ? "is no blob" : vote.error().message());
  const auto key = key_of(vote->kid);
  if (!key) return bad("bytes", "is nobody's");
  std::vector<Digest> roots;
  if (const auto ours = root_at(vote->claims.size)) roots.push_back(*ours);
  for (const char* table : {"vote", "past_vote"}) {
    const auto rows = rows_.read(
        std::string("SELECT root FROM ") + table + " WHERE size = ? AND term = ? AND kid = ?",
        {Cell::of(vote->claims.size), Cell::of(vote->claims.term), Cell::of(vote->kid)});
    if (!rows) continue;
    for (const auto& r : *rows) {
      if (const auto root = Digest::from(r[0].bytes)) roots.push_back(*root);
    }
  }
  bool signs = false;
  for (const auto& root : roots) signs = signs || verified(*key, vote->id(root), vote->signature);
  const bool sum = sum_holds("own_vote", 0, 0, row[0], {}, row[1]);
  // One whose tree is not here any more, or was never counted here before it was taken back, has the sum alone.
  if (!signs && !(sum && row[1].type == 'b')) return bad("bytes", "cose-signature");
  if (!sum) bad("sum", "is not what was stored");
}

void ChainCheck::check_signing(const Cells& row, Faults& faults) const {
  enum { kTerm, kNumber, kPayload, kBlock, kSum };
  const auto bad = [&](std::string_view column, std::string what) {
    faults.push_back(memory_fault("signing", shown({"term", "number"}, row), column,
                                  std::move(what), Cells{row[kTerm], row[kNumber]}));
  };
  const auto payload = decode<Block>(row[kPayload].bytes);
  if (row[kPayload].type != 'b' || !payload)
    return bad("payload", payload ? "is no blob" : payload.error().message());
  if (row[kTerm] != Cell::of(payload->term)) return bad("term", "is not its payload's");
  if (row[kNumber] != Cell::of(payload->number)) return bad("number", "is not its payload's");
  if (row[kBlock].type != 'n') {
    const auto block = lotmark::open<Block>(row[kBlock].bytes, statements_.chain());
    if (row[kBlock].type != 'b' || !block)
      return bad("block", block ? "is no blob" : block.error().message());
    const auto key = key_of(block->kid);
    if (!key || !verified(*key, block->id, block->signature)) return bad("block", "cose-signature");
    if (encode(block->body) != row[kPayload].bytes) return bad("payload", "is not its block's");
  }
  if (!sum_holds("signing", row[kTerm].count(), row[kNumber].count(), row[kPayload], row[kBlock],
                 row[kSum]))
    bad(row[kBlock].type == 'n' ? "" : "sum", "is not what was stored");
}

void ChainCheck::check_flag(const Cells& row, Faults& faults) const {
  enum { kObject, kLast, kFlag, kSum };
  const auto bad = [&](std::string_view column, std::string what) {
    faults.push_back({"flag",
                      shown({"object"}, row),
                      std::string(column),
                      std::nullopt,
                      std::move(what),
                      Remedy::kFlag,
                      {row[kObject]}});
  };
  const auto flag = lotmark::open<Promise>(row[kFlag].bytes, statements_.chain());
  if (row[kFlag].type != 'b' || !flag)
    return bad("flag", flag ? "is no blob" : flag.error().message());
  const auto key = key_of(flag->kid);
  if (!key || !verified(*key, flag->id, flag->signature)) return bad("flag", "cose-signature");
  if (row[kObject] != Cell::of(flag->body.object)) return bad("object", "is not its flag's");
  if (!sum_holds("flag", row[kLast].count(), 0, row[kObject], row[kFlag], row[kSum]))
    bad("", "is not what was stored");
}

void ChainCheck::check_store(const Cells& row, Faults& faults) const {
  enum { kName, kSum };
  if (row[kName].type == 't' && row[kSum].type == 'b' &&
      sum_holds("store", 0, 0, row[kName], {}, row[kSum]))
    return;
  faults.push_back({"store",
                    shown({"name"}, row),
                    "",
                    std::nullopt,
                    "is not what was stored",
                    Remedy::kNote,
                    {row[kName]}});
}

Status ChainCheck::check_memory(std::uint64_t rows, Faults& faults) {
  const auto each = [&](const std::string& table, const std::string& sql, const Cells& values,
                        void (ChainCheck::*check)(const Cells&, Faults&) const) -> std::size_t {
    auto found = rows_.read(sql, values, rows);
    if (!found) {
      faults.push_back(memory_fault(table, "", "", found.error().message()));
      return 0;
    }
    for (const auto& row : *found) (this->*check)(row, faults);
    if (!found->empty()) place_.last = found->back();
    return found->size();
  };
  if (place_.last.empty()) {
    each("standing", "SELECT term, asker, turn, sum FROM standing", {},
         &ChainCheck::check_standing);
    each("own_vote", "SELECT bytes, sum FROM own_vote", {}, &ChainCheck::check_own_vote);
    each("flag", "SELECT object, last, flag, sum FROM flag", {}, &ChainCheck::check_flag);
    each("store", "SELECT name, sum FROM store", {}, &ChainCheck::check_store);
    place_.last.clear();
  }
  for (; rows > 0 && !full(); --rows) {
    const bool begun = !place_.last.empty();
    const std::string where = begun ? " WHERE (term, number) > (?, ?)" : "";
    const Cells behind = begun ? Cells{place_.last[0], place_.last[1]} : Cells{};
    const std::size_t seen = each("signing",
                                  "SELECT term, number, payload, block, sum FROM signing" + where +
                                      " ORDER BY term, number LIMIT 1",
                                  behind, &ChainCheck::check_signing);
    if (seen == 0) {
      next_part();
      return {};
    }
  }
  return {};
}

}  // namespace lotmark::chain
