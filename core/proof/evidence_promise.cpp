// A promise, and the chain that passed its deadline without the object.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/proof/block_votes.h"
#include "core/proof/evidence_case.h"
#include "core/proof/evidence_writer.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::proof {

namespace {

Digest cut_hash(const CutBody& c) {
  return sha256(cbor_bytes([&](CborWriter& w) {
    w.array(4);
    w.uint(c.first);
    w.uint(c.last);
    w.bytes(c.archive.view());
    w.bytes(c.snapshot.view());
  }));
}

Status add_ids(const std::vector<ObjectBytes>& objects, std::vector<Digest>& ids) {
  for (const auto& o : objects) {
    LM_ASSIGN(const Digest id, id_of(o.bytes));
    ids.push_back(id);
  }
  return {};
}

// The one object of the other kinds.
Status add_body(const Block& b, const ObjectBytes& body, const Digest& chain,
                std::vector<Digest>& ids) {
  if (b.kind == BlockKind::kMembership) {
    LM_ASSIGN(const auto object, decode<StatementObject>(body.bytes));
    ids.push_back(sha256(object.payload));
    return {};
  }
  if (b.kind != BlockKind::kLot) return add_ids({body}, ids);
  LM_ASSIGN(const auto release, open<Release>(body.bytes, chain));
  ids.push_back(release.id);
  return add_ids({release.body.application}, ids);
}

// The ids of a block and of all it holds.
Result<std::vector<Digest>> ids_in(const Signed<Block>& block, const Digest& chain) {
  std::vector<Digest> ids{block.id};
  const Block& b = block.body;
  if (const auto* body = std::get_if<ObjectBytes>(&b.body)) LM_TRY(add_body(b, *body, chain, ids));
  if (const auto* p = std::get_if<PeriodBody>(&b.body)) {
    for (const auto* list : {&p->heads, &p->enrolments, &p->transactions, &p->events}) {
      LM_TRY(add_ids(*list, ids));
    }
  }
  if (const auto* c = std::get_if<CutBody>(&b.body)) {
    LM_TRY(add_ids(c->flags, ids));
    ids.push_back(cut_hash(*c));
  }
  return ids;
}

class PromiseUnmet final : public EvidenceCase {
 public:
  using EvidenceCase::EvidenceCase;

  Status open_objects() override {
    LM_ASSIGN(promise_, open<Promise>(object(0), chain()));
    const std::size_t last = file_.objects.size() - 1;
    for (std::size_t i = 1; i < last; ++i) {
      LM_ASSIGN(auto block, open<Block>(object(i), chain()));
      blocks_.push_back(std::move(block));
    }
    LM_ASSIGN(auto with_votes, open_receipt_block(object(last), chain()));
    blocks_.push_back(std::move(with_votes.block));
    votes_ = std::move(with_votes.votes);
    return {};
  }

  Status contradict() const override {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i].body.number != i + 1) return Errc::kBlockNumber;
    }
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      if (blocks_[i].body.prev != (i == 0 ? chain() : blocks_[i - 1].id)) return Errc::kBlockPrev;
    }
    for (const auto& b : blocks_) {
      const bool past = b.body.time > promise_limit(promise_.body);
      if (past != (&b == &blocks_.back())) {
        return fail(Errc::kBlockTime, "the last block, and no other, must be past the deadline");
      }
    }
    for (std::size_t i = 0; i + 1 < blocks_.size(); ++i) {
      LM_ASSIGN(const auto ids, ids_in(blocks_[i], chain()));
      if (std::find(ids.begin(), ids.end(), promise_.body.object) != ids.end()) {
        return fail(Errc::kListDuplicate,
                    "block " + std::to_string(i + 1) + " holds the object promised");
      }
    }
    return {};
  }

  Status check_signers() override {
    const Member* m = member(promise_.kid, Role::kSupervising);
    if (m == nullptr) return Errc::kCoseKid;
    if (!verify_once(m->public_key, promise_.id, promise_.signature)) return Errc::kCoseSignature;
    by_ = as_culprit(*m, "supervising");
    for (const auto& b : blocks_) LM_TRY(check_block_signer(b, held_));
    return {};
  }

  Status prove() override {
    LM_ASSIGN(const Membership* judge, check_block_votes(blocks_.back(), votes_, held_));
    if (judge == nullptr) judge = held_.of_epoch(blocks_.back().body.epoch);
    if (votes_.size() < judge->quorum) {
      return fail(Errc::kQuorum, fmt::format("{} votes, quorum {}", votes_.size(), judge->quorum));
    }
    return {};
  }

  Accusation accuse() const override {
    const auto& last = blocks_.back();
    const auto& p = promise_.body;
    return {by_,
            {promise_.id, p.object, last.id},
            fmt::format("The {} promised that {} would be on the chain by {} ms since 1970, and "
                        "none of the blocks before {}, the first that is more than {} s later, "
                        "holds it.",
                        named(by_), to_hex(p.object), p.deadline, last.body.number,
                        kPromiseGraceMs / 1000)};
  }

 private:
  Signed<Promise> promise_;
  std::vector<Signed<Block>> blocks_;  // 1, 2, ...
  std::vector<Bytes> votes_;           // on the last
  Culprit by_;
};

}  // namespace

std::uint64_t promise_limit(const Promise& promise) { return promise.deadline + kPromiseGraceMs; }

std::unique_ptr<EvidenceCase> make_promise_case(const Evidence& file, const Statements& held) {
  return std::make_unique<PromiseUnmet>(file, held);
}

}  // namespace lotmark::proof
