// The vectors of tests/vectors/archived, made from the page by a third hand: every verdict, check and error as written
// there; and no single bit of a good file may be another.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/proof/archived.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::proof {
namespace {

struct ArchivedVector {
  std::string name;
  Bytes file;
  Bytes anchor;
  Asked asked;
  nlohmann::json expected;
};

void PrintTo(const ArchivedVector& v, std::ostream* out) { *out << v.name; }

std::optional<std::string> text_or_nothing(const nlohmann::json& j) {
  return j.is_null() ? std::nullopt : std::optional(j.get<std::string>());
}

std::vector<ArchivedVector> archived_vectors() {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/archived/cases.json");
  const auto all = nlohmann::json::parse(in);
  std::vector<ArchivedVector> out;
  for (const auto& c : all["cases"]) {
    ArchivedVector v{c["name"],
                     test::hex(c["file"]),
                     test::hex(c.value("anchor", all["anchor"])),
                     {text_or_nothing(c["gtin"]), text_or_nothing(c["lot"])},
                     c["expected"]};
    if (c.contains("fill"))
      v.file.insert(v.file.end(), c["fill"][1].get<std::size_t>(),
                    c["fill"][0].get<std::uint8_t>());
    out.push_back(std::move(v));
  }
  return out;
}

class ArchivedVectors : public testing::TestWithParam<ArchivedVector> {};

TEST_P(ArchivedVectors, GiveWhatThePageSays) {
  const auto& v = GetParam();
  const auto result = verify_archived(v.file, v.anchor, v.asked);
  auto j = to_json(result);
  for (auto& check : j["checks"]) check.erase("why");
  EXPECT_EQ(j, v.expected) << v.name << ": " << to_json(result)["checks"].dump();
}

INSTANTIATE_TEST_SUITE_P(Cases, ArchivedVectors, testing::ValuesIn(archived_vectors()),
                         [](const auto& info) { return std::to_string(info.index); });

// One bit of every third byte; LOTMARK_MUTATIONS=all flips all.
TEST(ArchivedVectorsFile, NoFlippedBitOfAGoodFileIsArchived) {
  const auto v = archived_vectors().front();
  ASSERT_EQ(verify_archived(v.file, v.anchor, v.asked).verdict, VerdictKind::kArchived);
  const char* mutations = std::getenv("LOTMARK_MUTATIONS");
  const bool all = mutations != nullptr && std::string_view(mutations) == "all";
  for (std::size_t bit = 0; bit < v.file.size() * 8; bit += all ? 1 : 23) {
    Bytes bad = v.file;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1u << (bit % 8)));
    const auto verdict = verify_archived(bad, v.anchor, v.asked).verdict;
    EXPECT_TRUE(verdict == VerdictKind::kTampered || verdict == VerdictKind::kUnknown)
        << "byte " << bit / 8 << " bit " << bit % 8;
  }
}

TEST(ArchivedVectorsFile, IsKnownByItsMagic) {
  const auto v = archived_vectors().front();
  EXPECT_TRUE(is_archived(v.file));
  EXPECT_FALSE(is_archived(v.anchor));
  EXPECT_FALSE(is_archived({}));
}

}  // namespace
}  // namespace lotmark::proof
