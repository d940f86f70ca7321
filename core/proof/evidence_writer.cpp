#include "core/proof/evidence_writer.h"

namespace lotmark::proof {

namespace {

Result<Bytes> finish(const Evidence& file) {
  Bytes bytes = encode(file);
  if (bytes.size() > limits::kEvidence || file.objects.size() > limits::kEvidenceItems / 2) {
    return fail(Errc::kObjectTooLarge, std::to_string(bytes.size()) + " bytes of evidence");
  }
  return bytes;
}

// By ascending id.
Result<Bytes> make_fork(EvidenceKind kind, ByteView a, ByteView b, EvidenceProof proof,
                        std::vector<Bytes> statements) {
  LM_ASSIGN(const Digest id_a, id_of(a, limits::kBlock));
  LM_ASSIGN(const Digest id_b, id_of(b, limits::kBlock));
  Evidence file;
  file.kind = kind;
  file.objects = {to_bytes(id_a < id_b ? a : b), to_bytes(id_a < id_b ? b : a)};
  file.statements = std::move(statements);
  file.proof = std::move(proof);
  return finish(file);
}

bool is_gap(ByteView object) {
  const auto label = peek(object);
  return label && label->type == SignedName<Gap>::value;
}

void swap_sides(RootSplit& s) {
  std::swap(s.leaf_a, s.leaf_b);
  std::swap(s.path_a, s.path_b);
}

}  // namespace

std::vector<Bytes> statements_for_evidence(const Statements& held) {
  std::vector<Bytes> out;
  for (std::size_t i = 1; i < held.held().size(); ++i) out.push_back(held.held()[i].object);
  return out;
}

Result<Bytes> make_block_fork(ByteView block_a, ByteView block_b, std::vector<Bytes> statements) {
  return make_fork(EvidenceKind::kBlockFork, block_a, block_b, {}, std::move(statements));
}

Result<Bytes> make_transaction_fork(ByteView a, ByteView b, std::vector<Bytes> statements) {
  return make_fork(EvidenceKind::kTransactionFork, a, b, {}, std::move(statements));
}

Result<Bytes> make_turn_fork(ByteView a, ByteView b, std::vector<Bytes> statements) {
  return make_fork(EvidenceKind::kTurnFork, a, b, {}, std::move(statements));
}

Result<Bytes> make_bundle_fork(ByteView bundle, ByteView other, std::optional<Bytes> enrolment,
                               std::vector<Bytes> statements) {
  EvidenceProof proof;
  if (enrolment) proof = ObjectBytes{*std::move(enrolment)};
  if (!is_gap(bundle) && !is_gap(other)) {
    return make_fork(EvidenceKind::kBundleFork, bundle, other, std::move(proof),
                     std::move(statements));
  }
  Evidence file;
  file.kind = EvidenceKind::kBundleFork;
  file.objects = {to_bytes(is_gap(bundle) ? other : bundle),
                  to_bytes(is_gap(bundle) ? bundle : other)};
  file.statements = std::move(statements);
  file.proof = std::move(proof);
  return finish(file);
}

Result<Bytes> make_vote_fork(const VoteOnRoot& a, const VoteOnRoot& b,
                             std::optional<RootSplit> split, std::vector<Bytes> statements) {
  const bool in_order =
      std::tie(a.vote.claims.size, a.root) <= std::tie(b.vote.claims.size, b.root);
  if (split && !in_order) swap_sides(*split);
  const VoteOnRoot& first = in_order ? a : b;
  const VoteOnRoot& second = in_order ? b : a;
  Evidence file;
  file.kind = EvidenceKind::kVoteInconsistent;
  file.objects = {first.vote.bytes, second.vote.bytes};
  file.statements = std::move(statements);
  file.proof = VoteRoots{first.root, second.root, std::move(split)};
  return finish(file);
}

std::optional<RootSplit> find_split(const merkle::NodeSource& a, std::uint64_t size_a,
                                    const merkle::NodeSource& b, std::uint64_t size_b) {
  for (std::uint64_t i = 0; i < std::min(size_a, size_b); ++i) {
    const Digest leaf_a = a.node(0, i);
    const Digest leaf_b = b.node(0, i);
    if (leaf_a == leaf_b) continue;
    return RootSplit{i, leaf_a, merkle::inclusion_path(a, i, size_a), leaf_b,
                     merkle::inclusion_path(b, i, size_b)};
  }
  return std::nullopt;
}

Result<Bytes> make_promise_unmet(ByteView promise, std::vector<Bytes> blocks,
                                 const std::vector<Bytes>& votes, std::vector<Bytes> statements) {
  if (blocks.empty()) return fail(Errc::kBlockNumber, "no block past the deadline");
  LM_ASSIGN(blocks.back(), with_votes(blocks.back(), votes));
  Evidence file;
  file.kind = EvidenceKind::kPromiseUnmet;
  file.objects.push_back(to_bytes(promise));
  for (auto& b : blocks) file.objects.push_back(std::move(b));
  file.statements = std::move(statements);
  return finish(file);
}

}  // namespace lotmark::proof
