// Evidence files against the contract's anchor: what is read is written again byte for byte, and nobody is accused
// whose key did not sign two such things in the vectors, whatever becomes of the file around them.
#include "core/proof/evidence.h"

#include <nlohmann/json.hpp>
#include <set>

#include "core/wire/evidence.h"
#include "tests/fuzz/target.h"
#include "tests/unit/evidence_vectors.h"

namespace lotmark::proof {
namespace {

std::set<std::string> accused() {
  std::set<std::string> kids;
  for (const auto& v : test::proven_vectors()) kids.insert(v.expected["by"]["kid"]);
  LM_ASSERT(!kids.empty());
  return kids;
}

void fuzz_evidence(ByteView in) {
  static const Bytes anchor = fuzz::contract_anchor();
  static const auto kids = accused();
  const auto file = read_evidence(in);
  if (file) LM_ASSERT(std::ranges::equal(encode(*file), in));
  const auto r = verify_evidence(in, anchor);
  LM_ASSERT((r.outcome == EvidenceOutcome::kUnreadable) == !file);
  LM_ASSERT(r.proven.has_value() == (r.outcome == EvidenceOutcome::kProven));
  LM_ASSERT(r.failed.has_value() != r.proven.has_value());
  const auto json = to_json(r);
  LM_ASSERT(!json.dump(-1, ' ', false, nlohmann::json::error_handler_t::strict).empty());
  if (!r.proven) return;
  LM_ASSERT(kids.contains(json["by"]["kid"]));
  const auto& ids = r.proven->objects;
  LM_ASSERT(ids.size() == (*r.kind == EvidenceKind::kPromiseUnmet ? 3u : 2u) && ids[0] != ids[1]);
}

}  // namespace
LM_FUZZ_TARGET(evidence, fuzz_evidence);
}  // namespace lotmark::proof
