// What follows from the blocks: written with them, read at the start.
#include "ledger-node/chain/public/events.h"
#include "ledger-node/chain/public/recalls.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/chain/public/schema.h"

namespace lotmark::chain {

namespace {

// Enrolments of statement 0: vouched for by the root's signature over it.
void enrol_first(const proof::Statements& statements, std::map<KeyId, Enrolled>& out) {
  const KeyId root = key_id(statements.root_key());
  for (const auto& e : statements.held().front().body.enrolments) {
    const KeyId kid = key_id(e.public_key);
    out[kid] = {e.public_key, kid, e.kind, e.name, e.organisation, root, 0, e.predecessor};
  }
}

}  // namespace

Status PublicChain::load_state() {
  LM_ASSIGN(auto anchor, read_anchor(anchor_));
  LM_ASSIGN(statements_, proof::Statements::from_roots(anchor));
  LM_ASSIGN(auto held, db_.prepare("SELECT object FROM statement ORDER BY epoch"));
  while (true) {
    LM_ASSIGN(bool row, held.step());
    if (!row) break;
    LM_TRY(statements_.append(held.blob(0)));
  }
  enrolled_.clear();
  enrol_first(statements_, enrolled_);
  LM_TRY(load_enrolled(0));
  LM_TRY(load_cuts());
  LM_TRY(load_newest());
  changed_ = false;
  return count_votes(0);
}

Result<bool> PublicChain::load_more() {
  if (size() == 0) return false;
  LM_ASSIGN(auto derived, db_.prepare("SELECT size FROM derived"));
  LM_ASSIGN(const bool row, derived.step());
  const std::uint64_t now = row ? derived.u64(0) : 0;
  derived.reset();
  if (now < size()) return false;
  const auto newest = id_of(size() - 1);
  if (!newest || *newest != tip_.id) return false;  // blocks were taken back, or cut
  LM_TRY(load_cuts());
  if (now == size()) return true;
  LM_ASSIGN(auto q, db_.prepare("SELECT object FROM statement WHERE epoch > ? ORDER BY epoch"));
  q.bind(1, statements_.newest().epoch);
  while (true) {
    LM_ASSIGN(const bool more, q.step());
    if (!more) break;
    LM_TRY(statements_.append(q.blob(0)));
  }
  LM_TRY(load_enrolled(size()));
  LM_TRY(load_newest());
  return true;
}

Status PublicChain::load_enrolled(std::uint64_t from_block) {
  LM_ASSIGN(auto q, db_.prepare("SELECT kid, key, kind, name, organisation, enroller, block, "
                                "predecessor FROM enrolled WHERE block >= ?"));
  q.bind(1, from_block);
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    Enrolled e;
    LM_ASSIGN(e.kid, q.fixed<KeyId>(0));
    LM_ASSIGN(e.key, q.fixed<PublicKey>(1));
    e.kind = static_cast<EnrolmentKind>(q.integer(2));
    e.name = q.text(3);
    e.organisation = q.text(4);
    LM_ASSIGN(e.enroller, q.fixed<KeyId>(5));
    e.from_block = q.u64(6);
    if (!q.is_null(7)) {
      LM_ASSIGN(e.predecessor, q.fixed<KeyId>(7));
    }
    enrolled_[e.kid] = std::move(e);
  }
}

// Heads, terms, the last period, the tree and the newest block.
Status PublicChain::load_newest() {
  heads_.clear();
  LM_ASSIGN(auto heads, db_.prepare("SELECT kid, log, size, root, time, max(block) FROM head "
                                    "GROUP BY kid, log"));
  while (true) {
    LM_ASSIGN(bool row, heads.step());
    if (!row) break;
    LM_ASSIGN(auto kid, heads.fixed<KeyId>(0));
    LM_ASSIGN(auto root, heads.fixed<Digest>(3));
    heads_[{kid, static_cast<LogKind>(heads.integer(1))}] = {heads.u64(2), root, heads.u64(4),
                                                             heads.u64(5)};
  }
  term_signer_.clear();
  LM_ASSIGN(auto terms, db_.prepare("SELECT term, kid FROM term"));
  while (true) {
    LM_ASSIGN(bool row, terms.step());
    if (!row) break;
    LM_ASSIGN(auto kid, terms.fixed<KeyId>(1));
    term_signer_[terms.u64(0)] = kid;
  }
  LM_ASSIGN(auto period,
            db_.prepare("SELECT number, time FROM period ORDER BY number DESC LIMIT 1"));
  LM_ASSIGN(has_period_, period.step());
  last_period_ = has_period_ ? period.u64(0) : 0;
  last_period_time_ = has_period_ ? std::optional(period.u64(1)) : std::nullopt;
  LM_ASSIGN(auto derived, db_.prepare("SELECT size FROM derived"));
  LM_ASSIGN(bool row, derived.step());
  const std::uint64_t size = row ? derived.u64(0) : 0;
  if (tree_) {
    LM_TRY(tree_->reload());
  } else {
    LM_ASSIGN(tree_, store::StoredTree::open(db_, kTree));
  }
  LM_ASSIGN(root_, tree_->root());
  if (tree_->size() != size)
    return fail(Errc::kCorrupt, "chain.db has a tree of " + std::to_string(tree_->size()) +
                                    " blocks and tables of " + std::to_string(size));
  if (size <= 1) {
    tip_ = statements_.genesis();
    return {};
  }
  const auto bytes = block(size - 1);
  if (bytes.code() == Errc::kBodyCut) return stand_on_cut(size - 1);
  if (!bytes) return bytes.error();
  auto tip = lotmark::open<Block>(*bytes, chain_id());
  if (!tip) {
    return fail(Errc::kCorrupt,
                "stored block " + std::to_string(size - 1) + " " + std::string(name(tip.code())));
  }
  tip_ = std::move(*tip);
  return {};
}

Status PublicChain::derive_rest() {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT number, bytes FROM block WHERE number >= ? ORDER BY number"));
  q.bind(1, size());
  return all_or_nothing([&]() -> Status {
    while (true) {
      LM_ASSIGN(bool row, q.step());
      if (!row) return {};
      const std::uint64_t number = q.u64(0);
      auto block =
          number == 0 ? open_genesis(q.blob(1)) : lotmark::open<Block>(q.blob(1), chain_id());
      if (!block || number != size() || block->body.number != number ||
          (number == 0 ? block->id != chain_id() : block->body.prev != tip_.id)) {
        return fail(Errc::kCorrupt,
                    "stored block " + std::to_string(number) + " does not follow its parent");
      }
      LM_TRY(take_in(*block));
    }
  });
}

Status PublicChain::all_or_nothing(const std::function<Status()>& work) {
  Status done = noted(db_.transaction(work));
  if (!done && changed_) LM_TRY(load_state());
  changed_ = false;
  return done;
}

Status PublicChain::take_in(const Signed<Block>& block) {
  changed_ = true;
  const Block& b = block.body;
  if (b.number > 0 && term_signer_.try_emplace(b.term, block.kid).second) {
    LM_ASSIGN(auto q, db_.prepare("INSERT INTO term(term, kid, block) VALUES(?, ?, ?)"));
    LM_TRY(q.bind(1, b.term).bind(2, block.kid).bind(3, b.number).run());
  }
  if (b.kind == BlockKind::kPeriod) LM_TRY(take_period(block));
  if (b.kind == BlockKind::kRevocation) LM_TRY(take_revocation(db_, block, chain_id()));
  if (b.kind == BlockKind::kRecall) LM_TRY(take_recall(db_, block, chain_id()));
  if (b.kind == BlockKind::kMembership && b.number > 0) {
    const Bytes& object = std::get<ObjectBytes>(b.body).bytes;
    LM_TRY(statements_.append(object));
    LM_ASSIGN(auto q, db_.prepare("INSERT INTO statement(epoch, object, block) VALUES(?, ?, ?)"));
    LM_TRY(q.bind(1, b.epoch).bind(2, object).bind(3, b.number).run());
  }
  LM_TRY(tree_->append(merkle::leaf_hash(block.id.view())));
  LM_ASSIGN(root_, tree_->root());
  tip_ = block;
  LM_ASSIGN(auto q, db_.prepare("UPDATE derived SET size = ?"));
  return q.bind(1, size()).run();
}

Status PublicChain::take_period(const Signed<Block>& block) {
  const Block& b = block.body;
  const auto& body = std::get<PeriodBody>(b.body);
  const std::uint64_t final_size = checkpoint_ ? checkpoint_->checkpoint.size : 0;
  last_period_ = body.number;
  has_period_ = true;
  last_period_time_ = b.time;
  LM_ASSIGN(auto p, db_.prepare("INSERT INTO period(number, block, time) VALUES(?, ?, ?)"));
  LM_TRY(p.bind(1, body.number).bind(2, b.number).bind(3, b.time).run());
  LM_ASSIGN(auto old, db_.prepare("DELETE FROM period WHERE block < (SELECT max(block) FROM period "
                                  "WHERE block < ?)"));
  LM_TRY(old.bind(1, final_size).run());
  LM_ASSIGN(auto e,
            db_.prepare("INSERT INTO enrolled(kid, key, kind, name, organisation, enroller, "
                        "block, predecessor) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  for (const auto& o : body.enrolments) {
    LM_ASSIGN(auto enrolment, lotmark::open<Enrolment>(o.bytes, chain_id()));
    const Enrolment& x = enrolment.body;
    const KeyId kid = key_id(x.public_key);
    e.bind(1, kid).bind(2, x.public_key).bind(3, static_cast<int>(x.kind)).bind(4, x.name);
    e.bind(5, x.organisation).bind(6, enrolment.kid).bind(7, b.number).bind(8, x.predecessor);
    LM_TRY(e.run());
    enrolled_[kid] = {x.public_key,   kid,           x.kind,   x.name,
                      x.organisation, enrolment.kid, b.number, x.predecessor};
  }
  LM_ASSIGN(auto h, db_.prepare("INSERT INTO head(kid, log, block, size, root, time) "
                                "VALUES(?, ?, ?, ?, ?, ?)"));
  LM_ASSIGN(auto older, db_.prepare("DELETE FROM head WHERE kid = ?1 AND log = ?2 AND block < "
                                    "(SELECT max(block) FROM head WHERE kid = ?1 AND log = ?2 AND "
                                    "block < ?3)"));
  for (const auto& o : body.heads) {
    LM_ASSIGN(auto head, lotmark::open<Head>(o.bytes, chain_id()));
    const Head& x = head.body;
    h.bind(1, head.kid).bind(2, static_cast<int>(x.log)).bind(3, b.number);
    LM_TRY(h.bind(4, x.size).bind(5, x.root).bind(6, x.time).run());
    LM_TRY(older.bind(1, head.kid).bind(2, static_cast<int>(x.log)).bind(3, final_size).run());
    heads_[{head.kid, x.log}] = {x.size, x.root, x.time, b.number};
  }
  for (const auto& o : body.events)
    LM_TRY(take_event(*this, statements_.newest(), o.bytes, b.number));
  return {};
}

}  // namespace lotmark::chain
