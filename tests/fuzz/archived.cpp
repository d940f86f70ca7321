// Archived proofs against their own anchor: no bytes but those of the good one make another lot, cut or date look
// proved. Votes may be left out, and signatures re-randomised; nothing else.
#include "core/proof/archived.h"

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "tests/fuzz/target.h"
#include "tests/unit/proof_vectors.h"

namespace lotmark::proof {
namespace {

// What a file proves: whose it is, by which cut, and when.
using Proven = std::tuple<Tombstone, Digest, std::uint64_t, std::uint64_t>;
Proven proven(const ArchivedResult& r) {
  LM_ASSERT(r.tombstone && r.cut && r.finality);
  const CutClaim claim{r.cut->first, r.cut->last, r.cut->archive, r.cut->snapshot};
  return {*r.tombstone, flag_object(claim), r.cut_block, r.cut_time};
}
bool proves(const ArchivedResult& r) {
  return r.verdict != VerdictKind::kUnknown && r.verdict != VerdictKind::kTampered;
}

// The vectors against their common anchor: all that may come out as proven.
struct Originals {
  Bytes anchor;
  Asked asked;
  std::set<Proven> proven;
  Originals() {
    const auto all = test::proof_vectors("archived");
    const auto& first = all.front();
    anchor = first.anchor;
    asked = {first.given["gtin"].get<std::string>(), first.given["lot"].get<std::string>()};
    for (const auto& v : all) {
      const auto r = verify_archived(v.file, anchor, asked);
      if (proves(r)) proven.insert(proof::proven(r));
    }
    LM_ASSERT(!proven.empty());
  }
};

void fuzz_archived(ByteView in) {
  static const Originals originals;
  const auto r = verify_archived(in, originals.anchor, originals.asked);
  LM_ASSERT(to_json(r)["checks"].size() == kArchivedCheckCount && !not_proved(r).empty());
  if (!proves(r)) return;
  LM_ASSERT(originals.proven.contains(proven(r)));
  if (r.verdict == VerdictKind::kArchived) LM_ASSERT(r.finality->votes >= r.finality->quorum);
}

}  // namespace
LM_FUZZ_TARGET(archived, fuzz_archived);
}  // namespace lotmark::proof
