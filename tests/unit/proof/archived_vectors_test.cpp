// The vectors of tests/vectors/archived, made from the page by a third hand: every verdict, check and error as written
// there; and no single bit of a good file may be another.
#include <gtest/gtest.h>

#include "core/proof/archived.h"
#include "tests/unit/proof_vectors.h"

namespace lotmark::proof {
namespace {

using test::ProofVector;

std::vector<ProofVector> archived_vectors() { return test::proof_vectors("archived"); }

std::optional<std::string> text_or_nothing(const nlohmann::json& j) {
  return j.is_null() ? std::nullopt : std::optional(j.get<std::string>());
}

Asked asked_of(const ProofVector& v) {
  return {text_or_nothing(v.given["gtin"]), text_or_nothing(v.given["lot"])};
}

class ArchivedVectors : public testing::TestWithParam<ProofVector> {};

TEST_P(ArchivedVectors, GiveWhatThePageSays) {
  const auto& v = GetParam();
  const auto result = verify_archived(v.file, v.anchor, asked_of(v));
  auto j = to_json(result);
  for (auto& check : j["checks"]) check.erase("why");
  EXPECT_EQ(j, v.expected) << v.name << ": " << to_json(result)["checks"].dump();
}

INSTANTIATE_TEST_SUITE_P(Cases, ArchivedVectors, testing::ValuesIn(archived_vectors()),
                         [](const auto& info) { return std::to_string(info.index); });

TEST(ArchivedVectorsFile, NoFlippedBitOfAGoodFileIsArchived) {
  const auto v = archived_vectors().front();
  const Asked asked = asked_of(v);
  ASSERT_EQ(verify_archived(v.file, v.anchor, asked).verdict, VerdictKind::kArchived);
  test::for_flipped_bits(v.file, [&](const Bytes& bad, const std::string& where) {
    const auto verdict = verify_archived(bad, v.anchor, asked).verdict;
    EXPECT_TRUE(verdict == VerdictKind::kTampered || verdict == VerdictKind::kUnknown) << where;
  });
}

TEST(ArchivedVectorsFile, IsKnownByItsMagic) {
  const auto v = archived_vectors().front();
  EXPECT_TRUE(is_archived(v.file));
  EXPECT_FALSE(is_archived(v.anchor));
  EXPECT_FALSE(is_archived({}));
}

}  // namespace
}  // namespace lotmark::proof
