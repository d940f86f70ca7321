// A reviewer's finding folded to its claim: honest ones hold, each lie about them does not.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/node/reading_proof.h"
#include "core/base/hex.h"
#include "core/merkle/annotated.h"
#include "core/wire/codec.h"

namespace lotmark::cli::test {
namespace {

using nlohmann::json;

// Three bundles of five readings; the finding shows reading 2 of bundle 1.
class ReadingProof : public ::testing::Test {
 protected:
  ReadingProof() {
    std::vector<merkle::AnnotatedNode> evidence;
    std::vector<Bytes> entries;
    for (std::uint8_t b = 0; b < 3; ++b) {
      const Digest salt{{b}};
      std::vector<merkle::AnnotatedNode> leaves;
      for (std::uint32_t i = 0; i < 5; ++i)
        leaves.push_back(merkle::reading_leaf(salt, 0, i, time(b, i), value(b, i)));
      const auto root = *merkle::annotated_root(leaves);
      const Digest bundle{{0xB0, b}};
      evidence.push_back(merkle::evidence_leaf(bundle, 0, root));
      entries.push_back(merkle::evidence_entry(bundle, 0, root));
      if (b != 1) continue;
      sample_.entry = merkle::reading_entry(merkle::leaf_salt(salt, 0, 2), time(b, 2), value(b, 2));
      sample_.path = *merkle::annotated_path(leaves, 2);
    }
    sample_.evidence_index = 1;
    sample_.channel_entry = entries[1];
    sample_.evidence_path = *merkle::annotated_path(evidence, 1);
    const auto root = *merkle::annotated_root(evidence);
    Claim c;
    c.annotation = root.annotation;
    c.root = root.hash;
    c.tree_size = 3;
    claim = to_json(c);
    finding["proof"] = to_json(sample_);
    finding["proof"]["index"] = 2;
    finding["reading"] = {{"t_ms", time(1, 2)}, {"value", value(1, 2)}};
  }
  static std::uint64_t time(std::uint64_t b, std::uint64_t i) { return 1000 + (b * 5 + i) * 60; }
  static std::int64_t value(std::int64_t b, std::int64_t i) { return 200 + b * 100 - i; }

  json finding;
  json claim;

 private:
  Sample sample_;
};

TEST_F(ReadingProof, HonestFindingHolds) {
  const auto held = check_finding(finding, claim);
  EXPECT_TRUE(held) << held.error().message();
}

TEST_F(ReadingProof, ShownValueOrTimeThatIsNotTheEntrysFails) {
  json lie = finding;
  lie["reading"]["value"] = 999;
  EXPECT_EQ(check_finding(lie, claim).code(), Errc::kSamplePath);
  lie = finding;
  lie["reading"]["t_ms"] = 1;
  EXPECT_EQ(check_finding(lie, claim).code(), Errc::kSamplePath);
}

TEST_F(ReadingProof, AnotherPlaceFails) {
  for (const char* key : {"index", "evidence_index"}) {
    json lie = finding;
    lie["proof"][key] = 0;
    EXPECT_FALSE(check_finding(lie, claim)) << key;
  }
}

TEST_F(ReadingProof, AnotherClaimFails) {
  json other = claim;
  other["root"] = to_hex(Digest{});
  EXPECT_EQ(check_finding(finding, other).code(), Errc::kSamplePath);
  other = claim;
  other["annotation"]["max"] = 800;
  EXPECT_EQ(check_finding(finding, other).code(), Errc::kSamplePath);
  other = claim;
  other["tree_size"] = 5;
  EXPECT_FALSE(check_finding(finding, other));
}

TEST_F(ReadingProof, EveryMissingFieldIsSaidNotCrashedOn) {
  for (const char* key :
       {"entry", "path", "channel_entry", "index", "evidence_index", "evidence_path"}) {
    json cut = finding;
    cut["proof"].erase(key);
    EXPECT_EQ(check_finding(cut, claim).code(), Errc::kFieldType) << key;
    cut["proof"][key] = "zz";
    EXPECT_FALSE(check_finding(cut, claim)) << key;
  }
  EXPECT_EQ(check_finding(json::object(), claim).code(), Errc::kNotFound);
  EXPECT_EQ(check_finding(finding, json::object()).code(), Errc::kFieldType);
}

}  // namespace
}  // namespace lotmark::cli::test
