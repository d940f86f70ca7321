// Rows that carry what proves them: votes, and what this node signed itself.
#include "ledger-node/chain/public/memory_sum.h"
#include "ledger-node/chain/public/mend.h"

namespace lotmark::chain {

namespace {

constexpr std::string_view kVoteIs = "size IS ? AND term IS ? AND kid IS ?";

Cell sum_of(std::string_view table, std::uint64_t a, std::uint64_t b, ByteView x, ByteView y) {
  return Cell::of(memory_sum(table, a, b, x, y));
}

}  // namespace

// A vote that is good under other columns than it says gets its own; else it goes, and others may have it.
Result<Mended> Mend::mend_vote(const Fault& fault) {
  const bool past = fault.table == "past_vote";
  const std::string where = std::string(kVoteIs) + (past ? " AND root IS ?" : "");
  LM_ASSIGN(auto rows,
            rows_.read("SELECT bytes, root FROM " + fault.table + " WHERE " + where, fault.key));
  if (rows.empty()) return Mended::kDone;
  LM_TRY(rows_.run("DELETE FROM " + fault.table + " WHERE " + where, fault.key));
  const auto vote = read_vote(rows.front()[0].bytes, check_.statements().chain(), false);
  const auto key = vote ? check_.key_of(vote->kid) : std::nullopt;
  if (!key) return past ? Mended::kDone : Mended::kAskVotes;
  auto root = Digest::from(rows.front()[1].bytes);
  if (!past) root = check_.root_at(vote->claims.size);
  if (!root || !verify_once(*key, vote->id(*root), vote->signature))
    return past ? Mended::kDone : Mended::kAskVotes;
  LM_TRY(rows_.run("INSERT OR REPLACE INTO " + fault.table +
                       "(size, term, kid, root, bytes) VALUES(?, ?, ?, ?, ?)",
                   {Cell::of(vote->claims.size), Cell::of(vote->claims.term), Cell::of(vote->kid),
                    Cell::of(*root), Cell::of(ByteView(vote->bytes))}));
  return Mended::kDone;
}

Result<Mended> Mend::mend_memory(const Fault& fault) {
  bool proven = false;
  if (fault.table == "standing") {
    LM_ASSIGN(proven, mend_standing());
  } else if (fault.table == "own_vote") {
    LM_ASSIGN(proven, mend_own_vote());
  } else if (!fault.key.empty()) {
    LM_ASSIGN(proven, mend_signing(fault.key));
  }
  if (proven) return Mended::kDone;
  if (fault.table == "signing" && !fault.key.empty())
    LM_TRY(rows_.run("DELETE FROM signing WHERE term IS ? AND number IS ?", fault.key));
  LM_TRY(forget());
  return Mended::kForgotten;
}

// The turn says it all, if it is good.
Result<bool> Mend::mend_standing() {
  LM_ASSIGN(auto rows, rows_.read("SELECT turn FROM standing"));
  if (rows.empty()) return false;
  const Bytes& turn = rows.front()[0].bytes;
  const auto opened = lotmark::open<Turn>(turn, check_.statements().chain());
  const auto key = opened ? check_.key_of(opened->kid) : std::nullopt;
  if (!key || !verify_once(*key, opened->id, opened->signature)) return false;
  const Turn& t = opened->body;
  LM_TRY(rows_.run(
      "UPDATE standing SET term = ?, asker = ?, sum = ?",
      {Cell::of(t.term), Cell::of(t.asker), sum_of("standing", t.term, 0, t.asker.view(), turn)}));
  return true;
}

Result<bool> Mend::mend_own_vote() {
  LM_ASSIGN(auto rows, rows_.read("SELECT bytes FROM own_vote"));
  if (rows.empty()) return false;
  const Bytes& bytes = rows.front()[0].bytes;
  const auto vote = read_vote(bytes, check_.statements().chain(), false);
  const auto key = vote ? check_.key_of(vote->kid) : std::nullopt;
  const auto root = vote ? check_.root_at(vote->claims.size) : std::nullopt;
  if (!key || !root || !verify_once(*key, vote->id(*root), vote->signature)) return false;
  LM_TRY(rows_.run("UPDATE own_vote SET sum = ?", {sum_of("own_vote", 0, 0, bytes, {})}));
  return true;
}

// A block that was signed says what was reserved for it; one that is on the chain, what was signed.
Result<bool> Mend::mend_signing(const Cells& key) {
  LM_ASSIGN(auto rows, rows_.read("SELECT payload, block FROM signing WHERE term IS ? AND number "
                                  "IS ?",
                                  key));
  if (rows.empty()) return true;
  const Digest& chain = check_.statements().chain();
  Bytes bytes = rows.front()[1].bytes;
  auto block = lotmark::open<Block>(bytes, chain);
  auto signer = block ? check_.key_of(block->kid) : std::nullopt;
  if (!signer || !verify_once(*signer, block->id, block->signature)) {
    LM_ASSIGN(auto held, rows_.read("SELECT bytes FROM block WHERE number IS ?", {key[1]}));
    if (held.empty()) return false;
    bytes = held.front()[0].bytes;
    block = lotmark::open<Block>(bytes, chain);
    if (!block || encode(block->body) != rows.front()[0].bytes) return false;
  }
  const Block& b = block->body;
  const Bytes payload = encode(b);
  LM_TRY(rows_.run("DELETE FROM signing WHERE term IS ? AND number IS ?", key));
  LM_TRY(
      rows_.run("INSERT OR REPLACE INTO signing(term, number, payload, block, sum) "
                "VALUES(?, ?, ?, ?, ?)",
                {Cell::of(b.term), Cell::of(b.number), Cell::of(ByteView(payload)),
                 Cell::of(ByteView(bytes)), sum_of("signing", b.term, b.number, payload, bytes)}));
  return true;
}

// It may have promised anything: it recovers as one whose disk is new, and signs above all that others know of.
Status Mend::forget() {
  return rows_.database().exec("DELETE FROM standing; DELETE FROM own_vote; DELETE FROM starting;");
}

}  // namespace lotmark::chain
