// Event proofs against their own anchor: no bytes but those of the good ones make another event, organisation or block
// look proven. Votes may be left out, and signatures re-randomised; nothing else. What is read is written again to the
// same bytes.
#include "core/proof/event_proof.h"

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "core/wire/codec.h"
#include "tests/fuzz/target.h"
#include "tests/unit/proof_vectors.h"

namespace lotmark::proof {
namespace {

// What a file proves: which bytes, whose, in which record and block.
using ProvenEvent =
    std::tuple<Digest, Digest, KeyId, KeyId, Digest, std::uint64_t, std::uint64_t, std::uint64_t>;
ProvenEvent proven_event(const EventResult& r) {
  LM_ASSERT(r.finality.has_value());
  return {r.sha, r.hash, r.kid, r.author, r.record, r.block_number, r.block_time, r.index};
}

// The vectors against their common anchor: all that may come out as proven.
struct OriginalEvents {
  Bytes anchor;
  std::set<ProvenEvent> proven;
  OriginalEvents() {
    const auto all = test::proof_vectors("event_proof");
    anchor = all.front().anchor;
    for (const auto& v : all) {
      const auto r = verify_event(v.file, anchor);
      if (r.shown()) proven.insert(proven_event(r));
    }
    LM_ASSERT(!proven.empty());
  }
};

void fuzz_event_proof(ByteView in) {
  static const OriginalEvents originals;
  if (const auto file = read_event_proof(in)) LM_ASSERT(std::ranges::equal(encode(*file), in));
  const auto r = verify_event(in, originals.anchor);
  LM_ASSERT(to_json(r)["checks"].size() == kEventCheckCount && !not_proved(r).empty());
  if (!r.shown()) return;
  LM_ASSERT(originals.proven.contains(proven_event(r)));
  if (r.verdict == EventVerdict::kCommitted) LM_ASSERT(r.finality->votes >= r.finality->quorum);
}

}  // namespace
LM_FUZZ_TARGET(event_proof, fuzz_event_proof);
}  // namespace lotmark::proof
