// Two votes of one term whose roots do not extend each other.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/merkle/tree.h"
#include "core/proof/evidence_case.h"
#include "core/wire/vote.h"

namespace lotmark::proof {

namespace {

class VoteInconsistent final : public EvidenceCase {
 public:
  VoteInconsistent(const Evidence& file, const Statements& held)
      : EvidenceCase(file, held), roots_(std::get<VoteRoots>(file.proof)) {}

  Status open_objects() override {
    LM_ASSIGN(a_, read_vote(object(0), chain(), false));
    LM_ASSIGN(b_, read_vote(object(1), chain(), false));
    return {};
  }

  Status contradict() const override {
    if (a_.kid != b_.kid) return fail(Errc::kCoseKid, "two voters");
    if (a_.claims.term != b_.claims.term) return fail(Errc::kVoteTerm, "two terms");
    const bool one_size = a_.claims.size == b_.claims.size;
    if (one_size == roots_.split.has_value()) return Errc::kVoteSize;
    if (one_size && roots_.root_a == roots_.root_b) return fail(Errc::kListDuplicate, "one root");
    if (!one_size && roots_.split->leaf_a == roots_.split->leaf_b) {
      return fail(Errc::kListDuplicate, "one leaf");
    }
    return {};
  }

  Status check_signers() override {
    LM_TRY(check_voter(a_, roots_.root_a));
    LM_TRY(check_voter(b_, roots_.root_b));
    by_ = as_culprit(*member(a_.kid, Role::kSupervising), "supervising");
    return {};
  }

  Status prove() override {
    if (!roots_.split) return {};
    const RootSplit& s = *roots_.split;
    LM_TRY(leads(s.leaf_a, s.index, a_.claims.size, s.path_a, roots_.root_a));
    return leads(s.leaf_b, s.index, b_.claims.size, s.path_b, roots_.root_b);
  }

  Accusation accuse() const override {
    const auto& a = a_.claims;
    const auto& b = b_.claims;
    std::string said = fmt::format(
        "The {} voted in term {} for two histories: for {} as the root of the first {} blocks, "
        "and for {} as the root of the first {}.",
        named(by_), a.term, to_hex(roots_.root_a), a.size, to_hex(roots_.root_b), b.size);
    if (roots_.split) {
      said += fmt::format(" They name two blocks with number {}.", roots_.split->index);
    }
    return {by_, {a_.id(roots_.root_a), b_.id(roots_.root_b)}, std::move(said)};
  }

 private:
  Status check_voter(const Vote& v, const Digest& root) const {
    const Membership* judge = held_.of_epoch(v.claims.epoch);
    if (judge == nullptr) return Errc::kVoteEpoch;
    const Member* m = judge->find(v.kid);
    if (m == nullptr || !m->has(Role::kSupervising)) return Errc::kVoteSigner;
    if (!verify_once(m->public_key, v.id(root), v.signature)) return Errc::kCoseSignature;
    return {};
  }
  static Status leads(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      const merkle::Path& path, const Digest& root) {
    const auto found = merkle::fold_inclusion(leaf, index, size, path);
    if (!found || *found != root) return Errc::kTreePath;
    return {};
  }

  const VoteRoots& roots_;
  Vote a_;
  Vote b_;
  Culprit by_;
};

}  // namespace

std::unique_ptr<EvidenceCase> make_vote_case(const Evidence& file, const Statements& held) {
  return std::make_unique<VoteInconsistent>(file, held);
}

}  // namespace lotmark::proof
