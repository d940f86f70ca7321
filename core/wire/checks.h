// Value checks of each type: its single values are checked by the decoder, the lists and the rules that
// join keys here, in the order docs/format gives them. Included by core/wire's own sources only.
#pragma once

#include "core/wire/receipt.h"

namespace lotmark::checks {

// What a type without rules of its own gets.
template <class T>
Errc joined(const T& /*value*/, const KeyId* /*signer*/) {
  return Errc::kOk;
}

Errc joined(const Checkpoint& v, const KeyId* signer);
Errc joined(const merkle::Annotation& v, const KeyId* signer);
Errc joined(const CountAnnotation& v, const KeyId* signer);
Errc joined(const Start& v, const KeyId* signer);
Errc joined(const Birth& v, const KeyId* signer);
Errc joined(const DeclaredGap& v, const KeyId* signer);
Errc joined(const Channel& v, const KeyId* signer);
Errc joined(const Bundle& v, const KeyId* signer);
Errc joined(const Gap& v, const KeyId* signer);
Errc joined(const Ack& v, const KeyId* signer);
Errc joined(const Command& v, const KeyId* signer);
Errc joined(const LineStep& v, const KeyId* signer);
Errc joined(const LineFile& v, const KeyId* signer);
Errc joined(const Claim& v, const KeyId* signer);
Errc joined(const Segment& v, const KeyId* signer);
Errc joined(const RecordHead& v, const KeyId* signer);
Errc joined(const Opening& v, const KeyId* signer);
Errc joined(const Application& v, const KeyId* signer);
Errc joined(const Report& v, const KeyId* signer);
Errc joined(const Release& v, const KeyId* signer);
Errc joined(const Block& v, const KeyId* signer);
Errc joined(const PeriodBody& v, const KeyId* signer);
Errc joined(const Head& v, const KeyId* signer);
Errc joined(const Enrolment& v, const KeyId* signer);
Errc joined(const Member& v, const KeyId* signer);
Errc joined(const ProgrammeLimit& v, const KeyId* signer);
Errc joined(const Programme& v, const KeyId* signer);
Errc joined(const Membership& v, const KeyId* signer);
Errc joined(const DisclosedSegment& v, const KeyId* signer);
Errc joined(const Disclosure& v, const KeyId* signer);
Errc joined(const Sample& v, const KeyId* signer);
Errc joined(const Receipt& v, const KeyId* signer);
Errc joined(const InclusionProof& v, const KeyId* signer);
Errc joined(const EvidenceEntry& v, const KeyId* signer);

}  // namespace lotmark::checks
