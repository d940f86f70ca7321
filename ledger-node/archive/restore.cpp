#include "ledger-node/archive/restore.h"

#include "core/proof/verdict.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::node {

namespace {

Result<Bytes> receipt_of(const chain::PublicChain& chain, const Signed<Block>& block,
                         const std::optional<chain::ToldOf>& told) {
  LM_ASSIGN(const auto votes, chain.votes_on(block.body.number));
  Receipt r;
  LM_ASSIGN(r.block.bytes, with_votes(block.bytes, votes));
  const auto& held = chain.statements().held();
  for (std::size_t e = 1; e < held.size(); ++e) r.statements.push_back(held[e].object);
  if (told) {
    r.disclosures.push_back(told->disclosure);
    r.samples = told->samples;
  }
  return encode(r);
}

const proof::CheckResult* first_fault(const proof::VerdictResult& r) {
  for (const auto& c : r.checks) {
    if (c.ok == false) return &c;
  }
  return nullptr;
}

bool believed(VerdictKind v) { return v != VerdictKind::kTampered && v != VerdictKind::kUnknown; }

// With what was disclosed; without, where that does not hold.
Status make_receipt(const chain::PublicChain& chain, const Signed<Block>& block,
                    const std::optional<chain::ToldOf>& told, Time now, RestoredLot& lot) {
  const proof::Asked asked{lot.gtin.text, lot.lot.text};
  LM_ASSIGN(lot.receipt, receipt_of(chain, block, told));
  auto result = proof::verify_receipt(lot.receipt, chain.anchor_bytes(), asked, now);
  lot.disclosed = told.has_value();
  if (!believed(result.verdict) && told) {
    lot.without = first_fault(result)->why;
    lot.disclosed = false;
    LM_ASSIGN(lot.receipt, receipt_of(chain, block, std::nullopt));
    result = proof::verify_receipt(lot.receipt, chain.anchor_bytes(), asked, now);
  }
  lot.verdict = result.verdict;
  if (believed(result.verdict) && result.verdict != VerdictKind::kNotFinal) return {};
  const auto* fault = first_fault(result);
  return fail(fault->error, "the receipt of lot " + lot.lot.text + ": " + fault->why);
}

}  // namespace

Result<RestoreSummary> restore(const chain::PublicChain& chain, const RestoreOptions& options,
                               Time now, const std::function<Status(RestoredLot)>& take) {
  DisclosureWalk told;
  LM_TRY(told.open(options.disclosures));
  RestoreSummary out;
  const auto visit = [&](const Signed<Block>& block) -> Status {
    const std::uint64_t number = block.body.number;
    LM_ASSIGN(const bool ours, chain.has_id(number, block.id));
    if (!ours)
      return fail(Errc::kCutContent, "block " + std::to_string(number) + " is not this chain's");
    if (block.body.kind != BlockKind::kLot) return {};
    const auto& body = std::get<ObjectBytes>(block.body.body);
    LM_ASSIGN(const auto release, lotmark::open<Release>(body.bytes, chain.chain_id()));
    LM_ASSIGN(const auto application,
              lotmark::open<Application>(release.body.application.bytes, chain.chain_id()));
    const Application& a = application.body;
    if ((options.gtin && *options.gtin != a.gtin) || (options.lot && *options.lot != a.lot))
      return {};
    LM_ASSIGN(const auto disclosed, told.of(number));
    RestoredLot lot;
    lot.block = number;
    lot.gtin = a.gtin;
    lot.lot = a.lot;
    LM_TRY(make_receipt(chain, block, disclosed, now, lot));
    ++out.restored;
    return take(std::move(lot));
  };
  LM_ASSIGN(out.archive, read_archive(options.archive, chain.chain_id(), visit));
  return out;
}

Status check_archive_of(const chain::PublicChain& chain, const ArchiveSummary& archive) {
  const ArchiveHeader& h = archive.header;
  LM_ASSIGN(const auto cut, chain::cut_of(chain, h.first));
  if (!cut || cut->first != h.first || cut->last != h.last)
    return fail(Errc::kCutContent, "no cut of this chain is of blocks " + std::to_string(h.first) +
                                       " to " + std::to_string(h.last));
  LM_ASSIGN(const auto bytes, chain.block(cut->block));
  LM_ASSIGN(const auto block, lotmark::open<Block>(bytes, chain.chain_id()));
  if (!chain.is_final(cut->block)) return fail(Errc::kQuorum, "the cut is not final");
  if (std::get<CutBody>(block.body.body).archive != archive.hash)
    return fail(Errc::kCutContent, "the file is not the one that the cut names");
  return {};
}

}  // namespace lotmark::node
