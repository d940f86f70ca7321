#include "ledger-node/marks/mark_rules.h"

#include "core/base/hex.h"
#include "ledger-node/chain/public/cut_store.h"
#include "ledger-node/chain/public/revocations.h"

namespace lotmark::node {

Result<PublicKey> mark_signer(const chain::PublicChain& chain, const KeyId& agency,
                              const KeyId& signer) {
  const Member* own = chain.member(agency);
  if (own == nullptr || !own->has(Role::kAgency))
    return fail(Errc::kMarkSigner, "this node's key is no agency's");
  std::optional<PublicKey> key;
  if (signer == agency) key = own->public_key;
  const chain::Enrolled* e = chain.enrolled(signer);
  if (e != nullptr && e->kind == EnrolmentKind::kOperator && e->organisation == own->organisation)
    key = e->key;
  if (!key)
    return fail(Errc::kMarkSigner,
                to_hex(signer) + " is no operator's that " + own->organisation + " enrolled");
  LM_TRY(chain::not_revoked(chain, signer, chain.statements().newest()));
  return *key;
}

Status mark_lot(const chain::PublicChain& chain, const Gtin& gtin, const LotNumber& lot) {
  LM_ASSIGN(const auto place, chain::place_of_lot(chain, gtin, lot));
  if (place.block) return {};
  return fail(Errc::kUsageLotUnknown, "lot " + lot.text + " of " + gtin.text +
                                          (place.cut ? " is cut" : " is not released"));
}

Result<bool> cut_for_good(const chain::PublicChain& chain, const Gtin& gtin, const LotNumber& lot) {
  LM_ASSIGN(const auto place, chain::place_of_lot(chain, gtin, lot));
  if (place.block || !place.cut) return false;
  LM_ASSIGN(const auto stone, chain::find_tombstone(chain, gtin, lot));
  if (stone) return chain.is_final(stone->cut);
  LM_ASSIGN(const auto held, chain.find_lot(gtin, lot));  // its body is not dropped yet
  if (!held) return false;
  LM_ASSIGN(const auto cut, chain::cut_of(chain, held->block));
  return cut && chain.is_final(cut->block);
}

Status mark_time(std::uint64_t time, Time now, Millis ahead, Millis back) {
  const std::uint64_t ms = unix_ms(now);
  const auto behind = static_cast<std::uint64_t>(back.count());
  if (time > ms + static_cast<std::uint64_t>(ahead.count()))
    return fail(Errc::kFieldRange, iso_of_ms(time) + " is ahead of this node's clock");
  if (time + behind < ms)
    return fail(Errc::kFieldRange, iso_of_ms(time) + " is too long ago for this node");
  return {};
}

}  // namespace lotmark::node
