#include "ledger-node/chain/public/body_checks.h"
#include "ledger-node/chain/public/cut_checks.h"
#include "ledger-node/chain/public/term_reach.h"

namespace lotmark::chain {

namespace {

constexpr std::int64_t kAheadMs = 120'000;

Status check_body(const PublicChain& chain, const Signed<Block>& block, const Membership& judge,
                  OnceIds& once, std::optional<CutContent>& cut) {
  const Block& b = block.body;
  switch (b.kind) {
    case BlockKind::kLot:
    case BlockKind::kRefusal:
    case BlockKind::kRevocation:
    case BlockKind::kRecall:
      return check_object_body(chain, b.kind, std::get<ObjectBytes>(b.body), judge, once);
    case BlockKind::kPeriod:
      return check_period_body(chain, std::get<PeriodBody>(b.body), judge, once);
    case BlockKind::kTerm: return check_term_body(chain, block, judge);
    case BlockKind::kMembership: return {};  // its statement was checked to know the judge
    case BlockKind::kCut: {
      LM_ASSIGN(cut, check_cut_body(chain, b, judge));
      return {};
    }
  }
  return fail(Errc::kBlockKind,
              "this node takes no block of kind " + std::string(name(b.kind)) + " yet");
}

}  // namespace

Status PublicChain::check_next(const Signed<Block>& block, const Membership& judge,
                               Time now) const {
  const Block& b = block.body;
  if (b.epoch != judge.epoch) return Errc::kBlockEpoch;
  const std::uint64_t open_term = tip_.body.term;
  if (b.kind == BlockKind::kTerm ? b.term <= open_term : b.term != open_term) {
    return fail(Errc::kBlockTerm, "term " + std::to_string(open_term) + " is open");
  }
  if (!term_in_reach(open_term, b.term))
    return fail(Errc::kBlockTerm, "a term more than " + std::to_string(kTermLeap) +
                                      " above the open one, " + std::to_string(open_term));
  const KeyId* by = holder(b.term);
  if (by != nullptr && *by != block.kid)
    return fail(Errc::kBlockSigner, "another member holds this term");
  LM_TRY(proof::signed_by_member(block, judge, Role::kSupervising, Errc::kBlockSigner));
  if (b.time < tip_.body.time || b.time > static_cast<std::uint64_t>(to_ms(now) + kAheadMs)) {
    return fail(Errc::kBlockTime, "before its parent or more than 120 s ahead");
  }
  return {};
}

const KeyId* PublicChain::holder(std::uint64_t term) const {
  const auto it = term_signer_.find(term);
  return it == term_signer_.end() ? nullptr : &it->second;
}

Status PublicChain::append(ByteView bytes, Time now) {
  LM_ASSIGN(auto block, lotmark::open<Block>(bytes, chain_id()));
  if (block.body.number < size()) {  // one we have: the same, or evidence
    LM_ASSIGN(bool held, has_id(block.body.number, block.id));
    if (held) return {};
    onlooker().parted({block});
    return fail(Errc::kBlockFork,
                "another block " + std::to_string(block.body.number) + " is held");
  }
  LM_TRY(all_or_nothing([&] { return append_opened(block, now); }));
  return count_votes(size());
}

// The statements with the one that the block carries.
Result<proof::Statements> PublicChain::grown_by(const Block& block) const {
  proof::Statements grown = statements_;
  LM_TRY(grown.append(std::get<ObjectBytes>(block.body).bytes));
  const Membership& m = grown.newest();
  if (m.first != block.number) return Errc::kBlockEpoch;
  if (m.root != root_) return fail(Errc::kStatementFirst, "its root is not of this chain");
  return grown;
}

Status PublicChain::append_opened(const Signed<Block>& block, Time now) {
  const Block& b = block.body;
  if (b.number != size())
    return fail(Errc::kBlockNumber, "block " + std::to_string(size()) + " is next");
  if (b.prev != tip_.id) return Errc::kBlockPrev;
  std::optional<proof::Statements> grown;
  if (b.kind == BlockKind::kMembership) {
    LM_ASSIGN(grown, grown_by(b));
  }
  const Membership& judge = grown ? grown->newest() : statements_.newest();
  LM_TRY(check_next(block, judge, now));
  OnceIds once;
  std::optional<CutContent> cut;
  LM_TRY(check_body(*this, block, judge, once, cut));
  for (const auto& id : once) LM_TRY(store_once(id, b.number));
  LM_TRY(store_block(block));
  LM_TRY(store_lot(block));
  if (cut) LM_TRY(store_cut(block, *cut));
  return take_in(block);
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

}  // namespace lotmark::chain
