// The rules that join places of a type, in the order docs/format gives them. Single values are checked by the
// decoder, by the ranges and rules of schema.h. Included by core/wire's own sources only.
#pragma once

#include "core/wire/complaint.h"
#include "core/wire/cut.h"
#include "core/wire/event_proof.h"
#include "core/wire/evidence.h"
#include "core/wire/receipt.h"
#include "core/wire/usage.h"

namespace lotmark::checks {

// What a type without rules of its own gets.
template <class T>
Errc joined(const T& /*value*/, const KeyId* /*signer*/) {
  return Errc::kOk;
}

Errc joined(const merkle::Annotation& v, const KeyId* signer);
Errc joined(const CountAnnotation& v, const KeyId* signer);
Errc joined(const Start& v, const KeyId* signer);
Errc joined(const Birth& v, const KeyId* signer);
Errc joined(const DeclaredGap& v, const KeyId* signer);
Errc joined(const Channel& v, const KeyId* signer);
Errc joined(const Bundle& v, const KeyId* signer);
Errc joined(const Gap& v, const KeyId* signer);
Errc joined(const Command& v, const KeyId* signer);
Errc joined(const LineStep& v, const KeyId* signer);
Errc joined(const Claim& v, const KeyId* signer);
Errc joined(const Report& v, const KeyId* signer);
Errc joined(const Block& v, const KeyId* signer);
Errc joined(const CutBody& v, const KeyId* signer);
Errc joined(const Head& v, const KeyId* signer);
Errc joined(const Member& v, const KeyId* signer);
Errc joined(const ProgrammeLimit& v, const KeyId* signer);
Errc joined(const Membership& v, const KeyId* signer);
Errc joined(const Ruling& v, const KeyId* signer);
Errc joined(const Usage& v, const KeyId* signer);
Errc joined(const Mark& v, const KeyId* signer);
Errc joined(const Evidence& v, const KeyId* signer);
Errc joined(const SnapshotHead& v, const KeyId* signer);
Errc joined(const ArchiveHeader& v, const KeyId* signer);
Errc joined(const EventProof& v, const KeyId* signer);

}  // namespace lotmark::checks
