#include "ledger-node/chain/public/body_checks.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

namespace {

constexpr std::int64_t kAheadMs = 120'000;

Status check_body(const PublicChain& chain, const Block& b, const Membership& judge,
                  OnceIds& once) {
  switch (b.kind) {
    case BlockKind::kLot: return check_lot_body(chain, std::get<ObjectBytes>(b.body), judge, once);
    case BlockKind::kRefusal:
      return check_refusal_body(chain, std::get<ObjectBytes>(b.body), judge, once);
    case BlockKind::kPeriod:
      return check_period_body(chain, std::get<PeriodBody>(b.body), judge, once);
    case BlockKind::kMembership:
    case BlockKind::kRevocation:
    case BlockKind::kRecall:
    case BlockKind::kCut:
    case BlockKind::kTerm: break;
  }
  return fail(Errc::kBlockKind,
              "this node takes no block of kind " + std::string(name(b.kind)) + " yet");
}

}  // namespace

Status PublicChain::check_next(const Signed<Block>& block, Time now) const {
  const Block& b = block.body;
  if (b.number != size())
    return fail(Errc::kBlockNumber, "block " + std::to_string(size()) + " is next");
  if (b.prev != tip_.id) return Errc::kBlockPrev;
  const Membership& judge = statements_.newest();
  if (b.epoch != judge.epoch) return Errc::kBlockEpoch;
  if (b.term != tip_.body.term) return Errc::kBlockTerm;
  const auto holder = term_signer_.find(b.term);
  if (holder != term_signer_.end() && holder->second != block.kid) {
    return fail(Errc::kBlockSigner, "another member holds this term");
  }
  LM_TRY(proof::signed_by_member(block, judge, Role::kSupervising, Errc::kBlockSigner));
  if (b.time < tip_.body.time || b.time > static_cast<std::uint64_t>(to_ms(now) + kAheadMs)) {
    return fail(Errc::kBlockTime, "before its parent or more than 120 s ahead");
  }
  return {};
}

Status PublicChain::append(ByteView bytes, Time now) {
  LM_ASSIGN(auto block, lotmark::open<Block>(bytes, chain_id()));
  if (block.body.number < size()) {  // one we have: the same, or evidence
    LM_ASSIGN(auto ours, this->block(block.body.number));
    LM_ASSIGN(auto held, lotmark::open<Block>(ours, chain_id()));
    if (held.id == block.id) return {};
    return fail(Errc::kBlockFork,
                "another block " + std::to_string(block.body.number) + " is held");
  }
  LM_TRY(check_next(block, now));
  OnceIds once;
  LM_TRY(check_body(*this, block.body, statements_.newest(), once));
  LM_TRY(db_.transaction([&]() -> Status {
    for (const auto& id : once) {
      LM_ASSIGN(auto q, db_.prepare("INSERT INTO once(id, block) VALUES(?, ?)"));
      Status done = q.bind(1, id).bind(2, block.body.number).run();
      if (!done) return done.code() == Errc::kConflict ? Errc::kListDuplicate : done;
    }
    LM_TRY(store_block(block));
    return store_lot(block);
  }));
  LM_TRY(take_in(block));
  return count_votes(size());
}

Status PublicChain::store_block(const Signed<Block>& block) {
  LM_ASSIGN(auto q,
            db_.prepare("INSERT OR IGNORE INTO block(number, id, kind, epoch, term, time, bytes) "
                        "VALUES(?, ?, ?, ?, ?, ?, ?)"));
  const Block& b = block.body;
  q.bind(1, b.number).bind(2, block.id).bind(3, static_cast<int>(b.kind)).bind(4, b.epoch);
  q.bind(5, b.term).bind(6, b.time).bind(7, block.bytes);
  return q.run();
}

Status PublicChain::store_lot(const Signed<Block>& block) {
  if (block.body.kind != BlockKind::kLot) return {};
  LM_ASSIGN(auto release,
            lotmark::open<Release>(std::get<ObjectBytes>(block.body.body).bytes, chain_id()));
  LM_ASSIGN(auto a, lotmark::open<Application>(release.body.application.bytes, chain_id()));
  LM_ASSIGN(
      auto q,
      db_.prepare("INSERT INTO lot(block, gtin, lot, product, expires, enterprise, application, "
                  "time, supersedes) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  const Member* m = member(a.kid);
  q.bind(1, block.body.number)
      .bind(2, a.body.gtin.text)
      .bind(3, a.body.lot.text)
      .bind(4, a.body.product);
  q.bind(5, a.body.expires.yyyymmdd).bind(6, m != nullptr ? m->organisation : std::string());
  q.bind(7, a.id).bind(8, block.body.time).bind(9, a.body.supersedes);
  return q.run();
}

Status PublicChain::reserve(std::uint64_t term, std::uint64_t number, ByteView payload) {
  LM_ASSIGN(auto have, db_.prepare("SELECT payload FROM signing WHERE term = ? AND number = ?"));
  LM_ASSIGN(bool row, have.bind(1, term).bind(2, number).step());
  if (row) {
    const bool same = std::ranges::equal(have.blob(0), payload);
    have.reset();
    return same ? Status() : fail(Errc::kConflict, "another payload was reserved for that block");
  }
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO signing(term, number, payload) VALUES(?, ?, ?)"));
  return q.bind(1, term).bind(2, number).bind(3, payload).run();
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
  LM_ASSIGN(auto q, db_.prepare("UPDATE signing SET block = ? WHERE term = ? AND number = ?"));
  return q.bind(1, block).bind(2, term).bind(3, number).run();
}

}  // namespace lotmark::chain
