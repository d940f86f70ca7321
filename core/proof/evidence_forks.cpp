// Two objects of one member that no honest member signs both: blocks, transactions, turns.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/proof/evidence_case.h"

namespace lotmark::proof {

namespace {

// Two signed objects of one type.
template <class T>
class Fork : public EvidenceCase {
 public:
  using EvidenceCase::EvidenceCase;
  Status open_objects() override {
    LM_ASSIGN(a_, open<T>(object(0), chain()));
    LM_ASSIGN(b_, open<T>(object(1), chain()));
    return {};
  }

 protected:
  Status same_signer() const {
    if (a_.kid != b_.kid) return fail(Errc::kCoseKid, "two signers");
    return {};
  }
  Status other_id() const {
    if (a_.id == b_.id) return fail(Errc::kListDuplicate, "one object twice");
    return {};
  }
  // A member with that role in any statement held; then both signatures.
  Status signed_in_role(Role role, Errc otherwise) {
    const Member* m = member(a_.kid, role);
    if (m == nullptr) return otherwise;
    for (const auto* s : {&a_, &b_}) {
      if (!verify_once(m->public_key, s->id, s->signature)) return Errc::kCoseSignature;
    }
    by_ = as_culprit(*m, std::string(lotmark::name(role)));
    return {};
  }
  Accusation accusation(const std::string& did) const {
    return {by_,
            {a_.id, b_.id},
            fmt::format("The {} {}: {} and {}.", named(by_), did, to_hex(a_.id), to_hex(b_.id))};
  }

  Signed<T> a_;
  Signed<T> b_;
  Culprit by_;
};

class BlockFork final : public Fork<Block> {
 public:
  using Fork::Fork;
  Status contradict() const override {
    LM_TRY(same_signer());
    if (a_.body.term != b_.body.term) return fail(Errc::kBlockTerm, "two terms");
    if (a_.body.number != b_.body.number) return fail(Errc::kBlockNumber, "two numbers");
    return other_id();
  }
  Status check_signers() override {
    LM_TRY(check_block_signer(a_, held_));
    LM_TRY(check_block_signer(b_, held_));
    by_ = as_culprit(*member(a_.kid, Role::kSupervising), "supervising");
    return {};
  }
  Accusation accuse() const override {
    return accusation(
        fmt::format("signed two blocks with number {} in term {}", a_.body.number, a_.body.term));
  }
};

class TransactionFork final : public Fork<Transaction> {
 public:
  using Fork::Fork;
  Status contradict() const override {
    LM_TRY(same_signer());
    if (a_.body.prev != b_.body.prev) return fail(Errc::kPrevMismatch, "two predecessors");
    return other_id();
  }
  Status check_signers() override {
    return signed_in_role(Role::kKeeping, Errc::kTransactionSigner);
  }
  Accusation accuse() const override {
    return accusation("signed two transactions that follow one, " + to_hex(a_.body.prev));
  }
};

class TurnFork final : public Fork<Turn> {
 public:
  using Fork::Fork;
  Status contradict() const override {
    LM_TRY(same_signer());
    if (a_.body.term != b_.body.term) return fail(Errc::kVoteTerm, "two terms");
    if (a_.body.asker == b_.body.asker) return fail(Errc::kListDuplicate, "one asker");
    return {};
  }
  Status check_signers() override { return signed_in_role(Role::kSupervising, Errc::kVoteSigner); }
  Accusation accuse() const override {
    return accusation(fmt::format("gave its turn for term {} to two, to {} and to {}", a_.body.term,
                                  to_hex(a_.body.asker), to_hex(b_.body.asker)));
  }
};

}  // namespace

std::unique_ptr<EvidenceCase> make_block_case(const Evidence& file, const Statements& held) {
  return std::make_unique<BlockFork>(file, held);
}
std::unique_ptr<EvidenceCase> make_transaction_case(const Evidence& file, const Statements& held) {
  return std::make_unique<TransactionFork>(file, held);
}
std::unique_ptr<EvidenceCase> make_turn_case(const Evidence& file, const Statements& held) {
  return std::make_unique<TurnFork>(file, held);
}

}  // namespace lotmark::proof
