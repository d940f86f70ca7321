// Tokens and key sets of our own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/access/issue.h"
#include "api/access/jwt.h"
#include "core/crypto/key_file.h"
#include "tests/unit/api_access/token_maker.h"

namespace lotmark::api::access::test {
namespace {

using ::testing::HasSubstr;

constexpr Time kIssuedAt = Time(Millis(1'790'000'000'000));

TokenOrder ordered() {
  return {"https://i",
          "https://a",
          "erp",
          "hualin",
          {AccessRole::kReader},
          kIssuedAt,
          kIssuedAt + Millis(60'000)};
}

std::unique_ptr<Signer> some_signer() {
  auto made = signer_openssl(new_scalar().view());
  EXPECT_TRUE(made);
  return *std::move(made);
}

TEST(IssuedTokens, AreTakenByWhoHasTheKeySet) {
  const auto signer = some_signer();
  const auto token = issue_token(ordered(), *signer);
  ASSERT_TRUE(token) << token.error().message();
  TokenIssuer rules;
  rules.issuer = "https://i";
  rules.audience = "https://a";
  auto judge = TokenJudge::make({rules});
  ASSERT_TRUE(judge);
  const std::string set = key_set_json({&signer->public_key(), 1});
  auto keys = KeySet::read(as_bytes(set));
  ASSERT_TRUE(keys) << keys.error().message();
  ASSERT_TRUE(judge->set_keys("https://i", *std::move(keys)));
  const auto claims = judge->judge(*token, kIssuedAt);
  ASSERT_TRUE(claims) << claims.error().message();
  EXPECT_EQ(claims->roles, RoleSet{AccessRole::kReader});
  EXPECT_EQ(claims->expires, kIssuedAt + Millis(60'000));
}

TEST(IssuedTokens, AreNeverTheSame) {
  const auto signer = some_signer();
  EXPECT_NE(*issue_token(ordered(), *signer), *issue_token(ordered(), *signer));
}

TEST(IssuedTokens, ThatWouldBeRefusedAreNotMade) {
  const auto signer = some_signer();
  const auto refused = [&](auto spoil, const char* why) {
    TokenOrder o = ordered();
    spoil(o);
    const auto token = issue_token(o, *signer);
    ASSERT_EQ(token.code(), Errc::kUsage) << why;
    EXPECT_THAT(token.error().text, HasSubstr(why));
  };
  refused([](TokenOrder& o) { o.roles = {}; }, "no role");
  refused([](TokenOrder& o) { o.roles = {AccessRole::kConsumer}; }, "no role");
  refused([](TokenOrder& o) { o.expires = o.issued; }, "expires before");
  refused([](TokenOrder& o) { o.issuer.clear(); }, "issuer");
  refused([](TokenOrder& o) { o.audience.clear(); }, "audience");
  refused([](TokenOrder& o) { o.subject.clear(); }, "sub");
  refused([](TokenOrder& o) { o.subject = "a\xff"; }, "UTF-8");
  refused([](TokenOrder& o) { o.organisation = "A"; }, "organisation");
  refused([](TokenOrder& o) { o.issuer = "a\nb"; }, "issuer");
}

TEST(KeySets, OfOurKeysAreAsOpensslReadsThem) {
  if (!keys().ok()) GTEST_SKIP() << "the openssl program makes no keys here";
  const auto scalar = read_key_file(keys().file("ec.pem"));
  ASSERT_TRUE(scalar) << scalar.error().message();
  const auto signer = signer_openssl(scalar->view());
  ASSERT_TRUE(signer);
  const std::string text = key_set_json({&(*signer)->public_key(), 1});
  const auto theirs = ec_jwk("ec");
  const auto ours = nlohmann::json::parse(text)["keys"][0];
  EXPECT_EQ(ours["x"], theirs["x"]);
  EXPECT_EQ(ours["y"], theirs["y"]);
  const auto set = KeySet::read(as_bytes(text));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->keys()[0].pem, keys().read("ec.pub.pem"));
  EXPECT_EQ(set->keys()[0].kid, token_kid((*signer)->public_key()));
}

}  // namespace
}  // namespace lotmark::api::access::test
