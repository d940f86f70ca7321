#include "core/proof/archived.h"

#include <fmt/format.h>

#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "core/proof/block_run.h"
#include "core/proof/check_list.h"
#include "core/proof/lot_objects.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"

namespace lotmark::proof {

namespace {

// What the checks hand to one another.
struct ArchivedRun : BlockRun {
  ByteView file_bytes;
  ByteView anchor_bytes;
  ArchivedResult& out;
  Archived file{};
  SnapshotHead head{};

  std::string& why(ArchivedCheck n) { return out.checks[static_cast<std::size_t>(n)].why; }
};

Status check_anchor(ArchivedRun& r) { return r.start(r.anchor_bytes); }

Status check_file(ArchivedRun& r) {
  LM_ASSIGN(r.file, read_archived(r.file_bytes));
  return {};
}

Status check_statements(ArchivedRun& r) { return r.follow(r.file.statements); }

Status check_cut_block(ArchivedRun& r) {
  LM_TRY(r.open(r.file.block.bytes, BlockKind::kCut));
  const Block& b = r.body();
  r.out.cut = std::get<CutBody>(b.body);
  if (r.out.cut->last >= b.number)
    return fail(Errc::kCutRange, "the range reaches beyond the block");
  r.out.cut_block = b.number;
  r.out.cut_time = b.time;
  return {};
}

Status check_its_flags(ArchivedRun& r) {
  LM_TRY(check_flags(*r.out.cut, r.chain(), *r.judge));
  r.why(ArchivedCheck::kFlags) =
      fmt::format("{} flags, quorum {}", r.out.cut->flags.size(), r.judge->quorum);
  return {};
}

Status check_snapshot(ArchivedRun& r) {
  const CutBody& cut = *r.out.cut;
  if (sha256(r.file.snapshot) != cut.snapshot)
    return fail(Errc::kCutContent, "the snapshot is not the block's");
  LM_ASSIGN(r.head, read_snapshot(r.file.snapshot));
  if (r.head.first != cut.first || r.head.last != cut.last)
    return fail(Errc::kCutContent, "the snapshot is of another range");
  return {};
}

Status check_tombstone(ArchivedRun& r) {
  const CutBody& cut = *r.out.cut;
  LM_ASSIGN(r.out.tombstone, decode<Tombstone>(r.file.tombstone));
  const std::uint64_t block = r.out.tombstone->block;
  if (block < cut.first || block > cut.last)
    return fail(Errc::kCutRange, "the lot's block is outside the range");
  const auto root = merkle::fold_inclusion(merkle::leaf_hash(r.file.tombstone), r.file.index,
                                           r.head.tombstones.size, r.file.path);
  return root && *root == r.head.tombstones.root ? Errc::kOk : Errc::kTreePath;
}

Status check_asked(ArchivedRun& r) {
  const auto& [gtin, lot] = r.out.asked;
  if (!gtin || !lot) return fail(Errc::kLot, "a tombstone does not name its lot: ask for one");
  if (tombstone_key({*gtin}, {*lot}) != r.out.tombstone->key)
    return fail(Errc::kLot, "this is not about lot " + *lot + " of " + *gtin);
  return {};
}

Status check_votes(ArchivedRun& r) { return r.check_votes(); }

Status check_quorum(ArchivedRun& r) {
  return r.check_quorum(r.out.finality, r.why(ArchivedCheck::kQuorum));
}

constexpr CheckStep<ArchivedCheck, ArchivedRun> kArchivedSteps[kArchivedCheckCount] = {
    {ArchivedCheck::kAnchor, check_anchor},         {ArchivedCheck::kFile, check_file},
    {ArchivedCheck::kStatements, check_statements}, {ArchivedCheck::kBlock, check_cut_block},
    {ArchivedCheck::kFlags, check_its_flags},       {ArchivedCheck::kSnapshot, check_snapshot},
    {ArchivedCheck::kTombstone, check_tombstone},   {ArchivedCheck::kAsked, check_asked},
    {ArchivedCheck::kVotes, check_votes},           {ArchivedCheck::kQuorum, check_quorum},
};

VerdictKind verdict_of(const FailedCheck<ArchivedCheck>& failed, bool chain_differs) {
  const auto& [n, error] = failed;
  if (n == ArchivedCheck::kQuorum) return VerdictKind::kNotFinal;
  const bool unknown = n == ArchivedCheck::kAnchor || n == ArchivedCheck::kAsked ||
                       (n == ArchivedCheck::kFile && error == Errc::kReceiptVersion) ||
                       chain_differs;
  return unknown ? VerdictKind::kUnknown : VerdictKind::kTampered;
}

}  // namespace

std::string_view name(ArchivedCheck c) {
  constexpr std::string_view kNames[kArchivedCheckCount] = {
      "anchor",   "file",      "statements", "block", "flags",
      "snapshot", "tombstone", "asked",      "votes", "quorum"};
  return kNames[static_cast<std::size_t>(c)];
}

ArchivedResult verify_archived(ByteView file, ByteView anchor, const Asked& asked) {
  ArchivedResult out;
  out.asked = asked;
  ArchivedRun run{{}, file, anchor, out};
  const auto failed = run_checks(kArchivedSteps, run);
  out.verdict = failed ? verdict_of(*failed, run.chain_differs) : VerdictKind::kArchived;
  return out;
}

Digest tombstone_key(const Gtin& gtin, const LotNumber& lot) {
  return sha256(cbor_bytes([&](CborWriter& w) {
    w.array(2);
    w.text(gtin.text);
    w.text(lot.text);
  }));
}

Digest flag_object(const CutClaim& claim) { return sha256(encode(claim)); }

Status check_flags(const CutBody& cut, const Digest& chain, const Membership& judge) {
  const Digest of = flag_object({cut.first, cut.last, cut.archive, cut.snapshot});
  std::optional<KeyId> before;
  for (const auto& bytes : cut.flags) {
    LM_ASSIGN(const auto flag, open<Promise>(bytes.bytes, chain));
    if (before && flag.kid == *before) return Errc::kListDuplicate;
    if (before && flag.kid < *before) return Errc::kListOrder;
    before = flag.kid;
    if (flag.body.object != of || flag.body.deadline != kFlagDeadline)
      return fail(Errc::kCutFlag, "a flag is of another cut");
    LM_TRY(signed_by_member(flag, judge, Role::kSupervising, Errc::kCutFlag));
  }
  if (cut.flags.size() < judge.quorum)
    return fail(Errc::kCutFlag, fmt::format("{} flags, quorum {}", cut.flags.size(), judge.quorum));
  return {};
}

}  // namespace lotmark::proof
