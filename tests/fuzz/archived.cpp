// Archived proofs against their own anchor: no bytes but those of the good one make another lot, cut or date look
// proved. Votes may be left out, and signatures re-randomised; nothing else.
#include "core/proof/archived.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/fuzz/target.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::proof {
namespace {

struct Original {
  Bytes anchor;
  Bytes file;
  Asked asked;
  ArchivedResult result;
  Original() {
    std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/archived/cases.json");
    const auto all = nlohmann::json::parse(in);
    const auto& good = all["cases"].front();
    anchor = test::hex(all["anchor"]);
    file = test::hex(good["file"]);
    asked = {good["gtin"].get<std::string>(), good["lot"].get<std::string>()};
    result = verify_archived(file, anchor, asked);
    LM_ASSERT(result.verdict == VerdictKind::kArchived);
  }
};

CutClaim claim_of(const CutBody& cut) { return {cut.first, cut.last, cut.archive, cut.snapshot}; }

void run(ByteView in) {
  static const Original original;
  const auto r = verify_archived(in, original.anchor, original.asked);
  LM_ASSERT(to_json(r)["checks"].size() == kArchivedCheckCount && !not_proved(r).empty());
  if (r.verdict == VerdictKind::kUnknown || r.verdict == VerdictKind::kTampered) return;
  const auto& o = original.result;
  LM_ASSERT(r.tombstone && r.tombstone->key == o.tombstone->key);
  LM_ASSERT(r.tombstone->expires == o.tombstone->expires &&
            r.tombstone->block == o.tombstone->block);
  LM_ASSERT(r.cut_block == o.cut_block && r.cut_time == o.cut_time);
  LM_ASSERT(r.cut && flag_object(claim_of(*r.cut)) == flag_object(claim_of(*o.cut)));
  LM_ASSERT(r.finality);
  if (r.verdict == VerdictKind::kArchived) LM_ASSERT(r.finality->votes >= r.finality->quorum);
}

}  // namespace
LM_FUZZ_TARGET(archived, run);
}  // namespace lotmark::proof
