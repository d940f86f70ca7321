// Marks of use made by a third hand (tests/vectors/mark).
#include "core/wire/usage.h"

#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark {
namespace {

nlohmann::json mark_vectors() {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/mark/cases.json");
  return nlohmann::json::parse(in);
}

TEST(Marks, APayloadIsReadAsThePageSays) {
  const auto cases = mark_vectors()["payloads"];
  ASSERT_GE(cases.size(), 33u);
  for (const auto& c : cases) {
    const Bytes bytes = test::hex(c["hex"]);
    const auto mark = decode<Mark>(bytes);
    const std::string expected = c["error"].is_null() ? "ok" : c["error"].get<std::string>();
    EXPECT_EQ(mark ? "ok" : name(mark.code()), expected) << c["what"];
    if (mark) {
      EXPECT_EQ(encode(*mark), bytes) << c["what"];
    }
  }
}

TEST(Marks, ASignedOneOpensUnderItsId) {
  const auto all = mark_vectors();
  const auto chain = fixed_from_hex<Digest>(all["chain"].get<std::string>());
  ASSERT_TRUE(chain);
  ASSERT_EQ(all["objects"].size(), 2u);
  for (const auto& c : all["objects"]) {
    const auto object = open<Mark>(test::hex(c["object"]), *chain);
    ASSERT_TRUE(object) << object.error().message();
    EXPECT_EQ(to_hex(object->id), c["id"]);
    EXPECT_EQ(to_hex(object->kid), c["kid"]);
  }
}

}  // namespace
}  // namespace lotmark
