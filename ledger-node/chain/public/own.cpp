// What this node signed and promised itself: its memory across crashes.
#include "ledger-node/chain/public/memory_sum.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

Status PublicChain::noted(Status written) const {
  const Errc code = written.code();
  if (written) write_failure_.reset();
  else if (code == Errc::kDiskFull || code == Errc::kIo || code == Errc::kStore)
    write_failure_ = written.error();
  return written;
}

Status PublicChain::reserve(std::uint64_t term, std::uint64_t number, ByteView payload) {
  LM_ASSIGN(auto have, db_.prepare("SELECT payload FROM signing WHERE term = ? AND number = ?"));
  LM_ASSIGN(bool row, have.bind(1, term).bind(2, number).step());
  if (row) {
    const bool same = std::ranges::equal(have.blob(0), payload);
    have.reset();
    return same ? Status() : fail(Errc::kConflict, "another payload was reserved for that block");
  }
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO signing(term, number, payload, sum) "
                                "VALUES(?, ?, ?, ?)"));
  q.bind(1, term).bind(2, number).bind(3, payload);
  return noted(q.bind(4, memory_sum("signing", term, number, payload, {})).run());
}

Result<std::optional<Bytes>> PublicChain::reserved(std::uint64_t term, std::uint64_t number) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT payload FROM signing WHERE term = ? AND number = ?"));
  LM_ASSIGN(bool row, q.bind(1, term).bind(2, number).step());
  return row ? std::optional(to_bytes(q.blob(0))) : std::nullopt;
}

Result<std::optional<Bytes>> PublicChain::signed_block(std::uint64_t term,
                                                       std::uint64_t number) const {
  LM_ASSIGN(
      auto q,
      db_.prepare("SELECT block FROM signing WHERE term = ? AND number = ? AND block IS NOT NULL"));
  LM_ASSIGN(bool row, q.bind(1, term).bind(2, number).step());
  return row ? std::optional(to_bytes(q.blob(0))) : std::nullopt;
}

Status PublicChain::store_signed(std::uint64_t term, std::uint64_t number, ByteView block) {
  LM_ASSIGN(auto payload, reserved(term, number));
  LM_ASSIGN(auto q, db_.prepare("UPDATE signing SET block = ?, sum = ? WHERE term = ? AND "
                                "number = ?"));
  const Digest sum =
      memory_sum("signing", term, number, payload ? ByteView(*payload) : ByteView(), block);
  return noted(q.bind(1, block).bind(2, sum).bind(3, term).bind(4, number).run());
}

Result<std::optional<Bytes>> PublicChain::own_vote() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT bytes FROM own_vote"));
  LM_ASSIGN(bool row, q.step());
  return row ? std::optional(to_bytes(q.blob(0))) : std::nullopt;
}

Status PublicChain::store_own_vote(ByteView vote) {
  LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO own_vote(only_one, bytes, sum) "
                                "VALUES(1, ?, ?)"));
  return noted(q.bind(1, vote).bind(2, memory_sum("own_vote", 0, 0, vote, {})).run());
}

Result<std::optional<Standing>> PublicChain::standing() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT term, asker, turn FROM standing"));
  LM_ASSIGN(bool row, q.step());
  if (!row) return std::optional<Standing>();
  Standing s;
  s.term = q.u64(0);
  if (!q.is_null(1)) {
    LM_ASSIGN(s.asker, q.fixed<KeyId>(1));
  }
  s.turn = to_bytes(q.blob(2));
  return std::optional(std::move(s));
}

Status PublicChain::store_standing(const Standing& s) {
  LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO standing(only_one, term, asker, turn, sum) "
                                "VALUES(1, ?, ?, ?, ?)"));
  const ByteView asker = s.asker ? s.asker->view() : ByteView();
  q.bind(1, s.term).bind(2, s.asker).bind(3, s.turn);
  return noted(q.bind(4, memory_sum("standing", s.term, 0, asker, s.turn)).run());
}

Result<bool> PublicChain::starting() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM starting"));
  return q.step();
}

Status PublicChain::store_starting() {
  return db_.exec("INSERT OR IGNORE INTO starting VALUES(1)");
}

bool PublicChain::may_sign_in(std::uint64_t term) const {
  const auto s = standing();
  return s && *s && (*s)->term <= term;
}

Result<std::optional<Bytes>> PublicChain::flag_given(const Digest& object) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT flag FROM flag WHERE object = ?"));
  LM_ASSIGN(bool row, q.bind(1, object).step());
  return row ? std::optional(to_bytes(q.blob(0))) : std::nullopt;
}

// Those of ranges that are cut meanwhile are of no use any more.
Status PublicChain::store_flag(const Digest& object, std::uint64_t last, ByteView flag) {
  return db_.transaction([&]() -> Status {
    LM_ASSIGN(auto used, db_.prepare("DELETE FROM flag WHERE last < ?"));
    LM_TRY(used.bind(1, dropped_end_).run());
    LM_ASSIGN(
        auto q,
        db_.prepare("INSERT OR REPLACE INTO flag(object, last, flag, sum) VALUES(?, ?, ?, ?)"));
    q.bind(1, object).bind(2, last).bind(3, flag);
    return q.bind(4, memory_sum("flag", last, 0, object.view(), flag)).run();
  });
}

Result<bool> PublicChain::signed_in(std::uint64_t term) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM signing WHERE term = ? LIMIT 1"));
  return q.bind(1, term).step();
}

}  // namespace lotmark::chain
