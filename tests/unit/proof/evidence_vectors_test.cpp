// The vectors of tests/vectors/evidence, made from the page by a third hand: every outcome, error and party as
// written there; and no single bit of a proven file may be another.
#include <gtest/gtest.h>

#include "core/proof/evidence.h"
#include "tests/unit/evidence_vectors.h"

namespace lotmark::proof {
namespace {

using test::EvidenceVector;

// All of the result but its prose.
nlohmann::json without_prose(const EvidenceResult& r) {
  auto j = to_json(r);
  j.erase("said");
  j.erase("why");
  return j;
}

class EvidenceVectors : public testing::TestWithParam<EvidenceVector> {};

TEST_P(EvidenceVectors, GiveWhatThePageSays) {
  const auto& v = GetParam();
  const auto r = verify_evidence(v.file, v.anchor);
  EXPECT_EQ(without_prose(r), v.expected) << v.name << ": " << r.why;
  EXPECT_EQ(to_json(r)["said"].get<std::string>().empty(), r.outcome != EvidenceOutcome::kProven);
  EXPECT_EQ(r.why.empty(), r.outcome == EvidenceOutcome::kProven);
}

INSTANTIATE_TEST_SUITE_P(Cases, EvidenceVectors, testing::ValuesIn(test::evidence_vectors()),
                         [](const auto& info) { return std::to_string(info.index); });

class ProvenVectors : public testing::TestWithParam<EvidenceVector> {};

TEST_P(ProvenVectors, NoFlippedBitProvesAnything) {
  const auto& v = GetParam();
  test::for_flipped_bits(v.file, [&](const Bytes& bad, const std::string& where) {
    EXPECT_NE(verify_evidence(bad, v.anchor).outcome, EvidenceOutcome::kProven) << where;
  });
}

TEST_P(ProvenVectors, NoCutFileProvesAnything) {
  const auto& v = GetParam();
  for (std::size_t n = 0; n < v.file.size(); n += 7) {
    const auto r = verify_evidence(ByteView(v.file).first(n), v.anchor);
    EXPECT_EQ(r.outcome, EvidenceOutcome::kUnreadable) << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Proven, ProvenVectors, testing::ValuesIn(test::proven_vectors()),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(EvidenceVectorsFile, HasEveryKindProvenAndNotProven) {
  std::set<std::string> proven;
  std::set<std::string> not_proven;
  for (const auto& v : test::evidence_vectors()) {
    if (v.expected["outcome"] == "proven") proven.insert(v.expected["kind"]);
    if (v.expected["outcome"] == "not-proven") not_proven.insert(v.expected["kind"]);
  }
  EXPECT_EQ(proven.size(), 6u);
  EXPECT_EQ(not_proven, proven);
}

}  // namespace
}  // namespace lotmark::proof
