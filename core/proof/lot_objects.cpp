#include "core/proof/lot_objects.h"

namespace lotmark::proof {

Result<Signed<Release>> open_release(ByteView bytes, const Digest& chain, const Membership& judge) {
  LM_ASSIGN(auto release, open<Release>(bytes, chain));
  LM_TRY(signed_by_member(release, judge, Role::kReviewing, Errc::kReleaseSigner));
  return release;
}

Result<Signed<Application>> open_application(const Signed<Release>& release, const Digest& chain,
                                             const Membership& judge) {
  LM_ASSIGN(auto a, open<Application>(release.body.application.bytes, chain));
  LM_TRY(signed_by_member(a, judge, Role::kKeeping, Errc::kApplicationSigner));
  const Programme* p = judge.programme(a.body.programme);
  if (p == nullptr) return fail(Errc::kProgrammeUnknown, "no programme " + a.body.programme);
  if (std::find(p->products.begin(), p->products.end(), a.body.gtin.text) == p->products.end()) {
    return fail(Errc::kProgrammeUnknown, "the programme does not list this GTIN");
  }
  const auto& prefixes = judge.find(a.kid)->prefixes;
  if (std::none_of(prefixes.begin(), prefixes.end(),
                   [&](const auto& prefix) { return covers(prefix, a.body.gtin); })) {
    return Errc::kGtinPrefix;
  }
  if (a.body.tx_count != p->count + 1) return Errc::kTransactionCount;
  const auto& reviewed = judge.find(release.kid)->products;
  if (std::find(reviewed.begin(), reviewed.end(), a.body.programme) == reviewed.end()) {
    return fail(Errc::kReleaseSigner, "the reviewer does not review this programme");
  }
  if (release.body.reason.has_value() != a.body.supersedes.has_value()) return Errc::kFieldRange;
  return a;
}

}  // namespace lotmark::proof
