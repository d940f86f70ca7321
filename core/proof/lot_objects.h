// The objects nested in a lot block, each with its own checks under the statement of the block's epoch. The
// receipt's verifier and every node use the same.
#pragma once

#include "core/proof/statements.h"

namespace lotmark::proof {

// Signed by a member of that statement who has the role; else `otherwise`, or cose-signature.
template <class T>
Status signed_by_member(const Signed<T>& object, const Membership& judge, Role role,
                        Errc otherwise) {
  const Member* m = judge.find(object.kid);
  if (m == nullptr || !m->has(role)) return otherwise;
  if (!verify_once(m->public_key, object.id, object.signature)) return Errc::kCoseSignature;
  return {};
}

// Opened, signed by a reviewing member.
Result<Signed<Release>> open_release(ByteView bytes, const Digest& chain, const Membership& judge);
// The release's application: signed by a keeping member whose prefix covers the GTIN, in a programme that
// lists it and that the release's signer reviews, with the programme's number of transactions.
Result<Signed<Application>> open_application(const Signed<Release>& release, const Digest& chain,
                                             const Membership& judge);

}  // namespace lotmark::proof
