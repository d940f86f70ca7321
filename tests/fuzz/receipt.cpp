// Receipts against the contract's anchor: no bytes but the contract's own make another lot, claim or reading
// look proved. Votes, disclosure and samples may be left out, and signatures re-randomised; nothing else.
#include "core/proof/verdict.h"

#include <set>

#include <nlohmann/json.hpp>

#include "core/crypto/sha256.h"
#include "tests/fuzz/target.h"

namespace lotmark::proof {
namespace {

const Time kNow = from_ms(1'767'700'000'000);  // before the contract's lot expires

struct Original {
  Bytes anchor = fuzz::contract_anchor();
  Bytes receipt = fuzz::contract_receipt();
  VerdictResult result = verify_receipt(receipt, anchor, {}, kNow);
  Bytes application = encode(*result.application);
  std::set<Bytes> claims, others, samples;
  Original() {
    LM_ASSERT(result.verdict == VerdictKind::kReleased);
    for (const auto& c : result.claims) claims.insert(encode(c.claim));
    for (const auto& s : result.others) others.insert(encode(s.segment));
    const auto whole = read_receipt(receipt);
    for (const auto& s : whole->samples) samples.insert(encode(s));
  }
};

void must_be_of(const Original& o, const VerdictResult& r, const Receipt& receipt) {
  LM_ASSERT(r.block_id == o.result.block_id && r.block_number == o.result.block_number);
  LM_ASSERT(r.block_time == o.result.block_time && r.release_number == o.result.release_number);
  LM_ASSERT(r.application && encode(*r.application) == o.application);
  for (const auto& c : r.claims) LM_ASSERT(o.claims.contains(encode(c.claim)));
  for (const auto& s : r.others) LM_ASSERT(o.others.contains(encode(s.segment)));
  for (const auto& s : receipt.samples) LM_ASSERT(o.samples.contains(encode(s)));
  LM_ASSERT(r.finality && r.finality->votes <= o.result.finality->votes);
  if (r.verdict == VerdictKind::kReleased) LM_ASSERT(r.finality->votes >= r.finality->quorum);
}

void fuzz_receipt(ByteView in) {
  static const Original original;
  const auto r = verify_receipt(in, original.anchor, {}, kNow);
  const auto json = to_json(r);
  LM_ASSERT(json["checks"].size() == kCheckCount && !json.dump().empty());
  if (r.verdict == VerdictKind::kUnknown || r.verdict == VerdictKind::kTampered) return;
  const auto receipt = read_receipt(in);
  LM_ASSERT(receipt);
  must_be_of(original, r, *receipt);
}

}  // namespace
LM_FUZZ_TARGET(receipt, fuzz_receipt);
}  // namespace lotmark::proof
