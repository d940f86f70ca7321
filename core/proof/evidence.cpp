#include "core/proof/evidence.h"

#include "core/base/hex.h"
#include "core/proof/evidence_case.h"

namespace lotmark::proof {

namespace {

std::unique_ptr<EvidenceCase> make_case(const Evidence& file, const Statements& held) {
  switch (file.kind) {
    case EvidenceKind::kBlockFork: return make_block_case(file, held);
    case EvidenceKind::kVoteInconsistent: return make_vote_case(file, held);
    case EvidenceKind::kTransactionFork: return make_transaction_case(file, held);
    case EvidenceKind::kBundleFork: return make_bundle_case(file, held);
    case EvidenceKind::kPromiseUnmet: return make_promise_case(file, held);
    case EvidenceKind::kTurnFork: return make_turn_case(file, held);
  }
  LM_ASSERT(false);
  return nullptr;
}

Result<Statements> read_statements(ByteView anchor) {
  LM_ASSIGN(auto read, read_anchor(anchor));
  return Statements::from_anchor(read);
}

Status add_statements(const Evidence& file, Statements& held) {
  std::optional<std::uint64_t> last_seen;
  for (const auto& s : file.statements) LM_TRY(held.append_or_match(s, last_seen));
  return {};
}

EvidenceResult failed(EvidenceResult out, EvidenceCheck check, const Error& e) {
  const bool unread = check == EvidenceCheck::kAnchor || check == EvidenceCheck::kFile;
  out.outcome = unread ? EvidenceOutcome::kUnreadable : EvidenceOutcome::kNotProven;
  out.failed = check;
  out.error = e.code;
  out.why = e.text.empty() ? std::string(name(e.code)) : e.text;
  return out;
}

}  // namespace

std::string_view name(EvidenceOutcome v) {
  constexpr std::string_view kNames[] = {"proven", "not-proven", "unreadable"};
  return kNames[static_cast<std::size_t>(v)];
}

std::string_view name(EvidenceCheck c) {
  constexpr std::string_view kNames[] = {"anchor",        "file",    "statements", "objects",
                                         "contradiction", "signers", "proof"};
  return kNames[static_cast<std::size_t>(c)];
}

EvidenceResult verify_evidence(ByteView bytes, ByteView anchor) {
  EvidenceResult out;
  auto held = read_statements(anchor);
  if (!held) return failed(out, EvidenceCheck::kAnchor, held.error());
  out.chain = held->chain();
  const auto file = read_evidence(bytes);
  if (!file) return failed(out, EvidenceCheck::kFile, file.error());
  out.kind = file->kind;
  if (Status s = add_statements(*file, *held); !s) {
    return failed(out, EvidenceCheck::kStatements, s.error());
  }
  const auto c = make_case(*file, *held);
  if (Status s = c->open_objects(); !s) return failed(out, EvidenceCheck::kObjects, s.error());
  if (Status s = c->contradict(); !s) return failed(out, EvidenceCheck::kContradiction, s.error());
  if (Status s = c->check_signers(); !s) return failed(out, EvidenceCheck::kSigners, s.error());
  if (Status s = c->prove(); !s) return failed(out, EvidenceCheck::kProof, s.error());
  out.outcome = EvidenceOutcome::kProven;
  out.proven = c->accuse();
  return out;
}

const Member* EvidenceCase::member(const KeyId& kid, Role role) const {
  for (auto it = held_.held().rbegin(); it != held_.held().rend(); ++it) {
    const Member* m = it->body.find(kid);
    if (m != nullptr && m->has(role)) return m;
  }
  return nullptr;
}

Status check_block_signer(const Signed<Block>& block, const Statements& held) {
  const Membership* judge = held.of_epoch(block.body.epoch);
  if (judge == nullptr) {
    return fail(Errc::kBlockEpoch,
                "no statement of epoch " + std::to_string(block.body.epoch) + " is held");
  }
  const Member* m = judge->find(block.kid);
  if (m == nullptr || !m->has(Role::kSupervising)) return Errc::kBlockSigner;
  if (!verify_once(m->public_key, block.id, block.signature)) return Errc::kCoseSignature;
  return {};
}

Culprit as_culprit(const Member& member, std::string role) {
  return {member.kid, member.organisation, std::move(role), std::nullopt};
}

std::string named(const Culprit& by) {
  const std::string key = " (key " + to_hex(by.kid) + ")";
  if (by.device) return "device " + by.device->name + " of " + by.organisation + key;
  return by.role + " member " + by.organisation + key;
}

}  // namespace lotmark::proof
