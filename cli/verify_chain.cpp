#include "cli/verify_chain.h"

#include "ledger-node/chain/public/recalls.h"

namespace lotmark::cli {

Status add_what_chain_knows(const std::filesystem::path& chain_db, ByteView anchor,
                            proof::VerdictResult& result) {
  LM_ASSIGN(const auto chain, chain::PublicChain::open(chain_db, anchor, true));
  const VerdictKind v = result.verdict;
  if (!result.application || v == VerdictKind::kUnknown || v == VerdictKind::kTampered ||
      v == VerdictKind::kNotFinal)
    return {};
  const Application& a = *result.application;
  LM_ASSIGN(const auto recall, chain::open_recall(chain, a.gtin, a.lot));
  if (recall) {
    result.verdict = VerdictKind::kRecalled;
    return {};
  }
  LM_ASSIGN(const auto newest, chain.find_lot(a.gtin, a.lot));
  const bool replaced = newest && newest->block > result.block_number;
  if (replaced && v != VerdictKind::kRefused) result.verdict = VerdictKind::kSuperseded;
  return {};
}

}  // namespace lotmark::cli
