// Reports of use made by a third hand (tests/vectors/usage).
#include "core/wire/usage.h"

#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark {
namespace {

nlohmann::json usage_vectors() {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/usage/cases.json");
  return nlohmann::json::parse(in);
}

TEST(Usages, APayloadIsReadAsThePageSays) {
  const auto cases = usage_vectors()["payloads"];
  ASSERT_GE(cases.size(), 32u);
  for (const auto& c : cases) {
    const Bytes bytes = test::hex(c["hex"]);
    const auto usage = decode<Usage>(bytes);
    const std::string expected = c["error"].is_null() ? "ok" : c["error"].get<std::string>();
    EXPECT_EQ(usage ? "ok" : name(usage.code()), expected) << c["what"];
    if (usage) {
      EXPECT_EQ(encode(*usage), bytes) << c["what"];
    }
  }
}

TEST(Usages, ASignedOneOpensUnderItsId) {
  const auto all = usage_vectors();
  const auto chain = fixed_from_hex<Digest>(all["chain"].get<std::string>());
  ASSERT_TRUE(chain);
  ASSERT_EQ(all["objects"].size(), 2u);
  for (const auto& c : all["objects"]) {
    const auto object = open<Usage>(test::hex(c["object"]), *chain);
    ASSERT_TRUE(object) << object.error().message();
    EXPECT_EQ(to_hex(object->id), c["id"]);
    EXPECT_EQ(to_hex(object->kid), c["kid"]);
  }
}

}  // namespace
}  // namespace lotmark
