// Complaints and rulings made by a third hand (tests/vectors/complaints).
#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "core/wire/complaint.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark {
namespace {

nlohmann::json vectors() {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/complaints/cases.json");
  return nlohmann::json::parse(in);
}

template <class T>
void expect_opened(const nlohmann::json& c, const Digest& chain) {
  const Bytes bytes = test::hex(c["object"]);
  const auto object = open<T>(bytes, chain);
  ASSERT_TRUE(object) << object.error().message();
  EXPECT_EQ(to_hex(object->id), c["id"]);
  EXPECT_EQ(to_hex(object->kid), c["kid"]);
  EXPECT_FALSE(open<Recall>(bytes, chain)) << "of another type";
}

TEST(Complaints, APayloadIsReadAsThePageSays) {
  const auto cases = vectors()["payloads"];
  ASSERT_GE(cases.size(), 34u);
  for (const auto& c : cases) {
    const Bytes bytes = test::hex(c["hex"]);
    const Errc got =
        c["type"] == "complaint" ? decode<Complaint>(bytes).code() : decode<Ruling>(bytes).code();
    const std::string expected = c["error"].is_null() ? "ok" : c["error"].get<std::string>();
    EXPECT_EQ(got == Errc::kOk ? "ok" : name(got), expected) << c["type"] << ": " << c["what"];
    if (got != Errc::kOk) continue;
    EXPECT_EQ(c["type"] == "complaint" ? encode(*decode<Complaint>(bytes))
                                       : encode(*decode<Ruling>(bytes)),
              bytes);
  }
}

TEST(Complaints, ASignedOneOpensUnderItsId) {
  const auto all = vectors();
  const auto chain = fixed_from_hex<Digest>(all["chain"].get<std::string>());
  ASSERT_TRUE(chain);
  for (const auto& c : all["objects"]) {
    if (c["type"] == "complaint") expect_opened<Complaint>(c, *chain);
    else expect_opened<Ruling>(c, *chain);
  }
}

}  // namespace
}  // namespace lotmark
