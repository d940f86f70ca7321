// `lotmark token`: keys, key sets and tokens, as the API takes them and as OpenSSL alone sees them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "api/access/base64url.h"
#include "api/access/jwt.h"
#include "cli/token/token.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

namespace access = lotmark::api::access;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class TokenCommand : public ::testing::Test {
 protected:
  void make_key(const std::string& name = "token.key") {
    const Ran ran = lotmark({"token", "key", "--out", dir_ / name});
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }
  std::vector<std::string> order(const std::string& role = "reader") const {
    return {"token",          "issue",     "--key",      dir_ / "token.key",
            "--issuer",       "https://i", "--audience", "https://a",
            "--subject",      "erp",       "--role",     role,
            "--organisation", "hualin"};
  }
  static Ran with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return lotmark(arguments);
  }
  // What an API with that key set says of the token.
  Result<access::TokenClaims> judged(const std::string& token, const std::string& jwks,
                                     Time now) const {
    access::TokenIssuer rules;
    rules.issuer = "https://i";
    rules.audience = "https://a";
    LM_ASSIGN(auto judge, access::TokenJudge::make({rules}));
    const std::string text = read(dir_ / jwks);
    LM_ASSIGN(auto keys, access::KeySet::read(as_bytes(text)));
    LM_TRY(judge.set_keys("https://i", std::move(keys)));
    return judge.judge(token, now);
  }
  static json part(const std::string& token, int index) {
    std::string_view rest = token;
    for (; index > 0; --index) rest.remove_prefix(rest.find('.') + 1);
    const auto bytes = access::from_base64url(rest.substr(0, rest.find('.')));
    return bytes ? json::parse(*bytes) : json();
  }
  static Time now() { return SystemClock().now(); }
  std::filesystem::perms mode(const std::string& name) const {
    return std::filesystem::status(dir_ / name).permissions();
  }
  TempDir dir_;
};

std::string line_of(const Ran& ran) { return ran.out.substr(0, ran.out.find('\n')); }

TEST_F(TokenCommand, MakesAKeyForItsOwnerAndASetForEverybody) {
  make_key();
  using std::filesystem::perms;
  EXPECT_EQ(mode("token.key"), perms::owner_read | perms::owner_write);
  EXPECT_EQ(mode("token.key.jwks"),
            perms::owner_read | perms::owner_write | perms::group_read | perms::others_read);
  const std::string set = read(dir_ / "token.key.jwks");
  const auto keys = access::KeySet::read(as_bytes(set));
  ASSERT_TRUE(keys) << keys.error().message();
  EXPECT_EQ(keys->keys().size(), 1u);
  EXPECT_FALSE(json::parse(set)["keys"][0].contains("d"));
}

TEST_F(TokenCommand, NeverWritesOverAKeyOrASet) {
  make_key();
  const std::string before = read(dir_ / "token.key");
  EXPECT_EQ(lotmark({"token", "key", "--out", dir_ / "token.key", "--jwks", dir_ / "b"}).exit, 1);
  EXPECT_EQ(read(dir_ / "token.key"), before);
  EXPECT_FALSE(std::filesystem::exists(dir_ / "b"));
  const Ran ran = lotmark({"token", "key", "--out", dir_ / "c", "--jwks", dir_ / "token.key.jwks"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("token jwks"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "c")) << "no key without its set";
}

TEST_F(TokenCommand, IssuesWhatTheApiTakes) {
  make_key();
  const Ran ran = with(order(), {"--role", "capture", "--days", "2"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const std::string token = line_of(ran);
  const auto claims = judged(token, "token.key.jwks", now());
  ASSERT_TRUE(claims) << claims.error().message();
  EXPECT_EQ(claims->subject, "erp");
  EXPECT_EQ(claims->organisation, "hualin");
  EXPECT_EQ(names(claims->roles), "capture reader");
  EXPECT_TRUE(judged(token, "token.key.jwks", now() + std::chrono::hours(47)));
  EXPECT_FALSE(judged(token, "token.key.jwks", now() + std::chrono::hours(49)));
  EXPECT_FALSE(judged(token, "token.key.jwks", now() - std::chrono::hours(1)));
}

TEST_F(TokenCommand, TokensHaveTheClaimsOfRfc9068) {
  make_key();
  std::ostringstream said;
  Output out(said, said, {});
  TokenIssueArguments a;
  a.key = dir_ / "token.key";
  a.issuer = "https://i";
  a.audience = "https://a";
  a.subject = "erp";
  a.organisation = "hualin";
  a.roles = {"admin"};
  ASSERT_EQ(issue_token_at(a, from_ms(1'790'000'000'999), out), Exit::kDone) << said.str();
  const json header = part(said.str(), 0);
  EXPECT_EQ(header["alg"], "ES256");
  EXPECT_EQ(header["typ"], "at+jwt");
  EXPECT_EQ(header["kid"], json::parse(read(dir_ / "token.key.jwks"))["keys"][0]["kid"]);
  const json payload = part(said.str(), 1);
  EXPECT_EQ(payload["iat"], 1'790'000'000);
  EXPECT_EQ(payload["exp"], 1'790'000'000 + 30 * 86400);
  EXPECT_EQ(payload["scope"], "lotmark:admin");
  EXPECT_EQ(payload["client_id"], "erp");
  EXPECT_EQ(payload["jti"].get<std::string>().size(), 32u);
}

TEST_F(TokenCommand, OpensslAloneTakesTheSignatureToo) {
  make_key();
  const std::string token = line_of(lotmark(order()));
  const auto dot = token.rfind('.');
  const auto raw = access::from_base64url(token.substr(dot + 1));
  ASSERT_TRUE(raw && raw->size() == 64);
  ECDSA_SIG* parts = ECDSA_SIG_new();
  ECDSA_SIG_set0(parts, BN_bin2bn(raw->data(), 32, nullptr),
                 BN_bin2bn(raw->data() + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts, &der);
  ECDSA_SIG_free(parts);
  const std::string pem = read(dir_ / "token.key");
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free_all(bio);
  ASSERT_NE(key, nullptr);
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(ctx, nullptr, EVP_sha256(), nullptr, key);
  EXPECT_EQ(EVP_DigestVerify(ctx, der, static_cast<std::size_t>(size),
                             reinterpret_cast<const unsigned char*>(token.data()), dot),
            1);
  EVP_MD_CTX_free(ctx);
  EVP_PKEY_free(key);
  OPENSSL_free(der);
}

TEST_F(TokenCommand, ATokenInAFileIsItsOwners) {
  make_key();
  const Ran ran = with(order(), {"--out", dir_ / "erp.token"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("good until 20"));
  std::string token = read(dir_ / "erp.token");
  EXPECT_THAT(ran.out, Not(HasSubstr(token.substr(0, 40)))) << "it is shown nowhere";
  EXPECT_EQ(mode("erp.token"),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  ASSERT_TRUE(token.ends_with('\n'));
  token.pop_back();
  EXPECT_TRUE(judged(token, "token.key.jwks", now()));
  EXPECT_EQ(with(order(), {"--out", dir_ / "erp.token"}).exit, 1) << "it is there";
}

TEST_F(TokenCommand, ProgramsGetJson) {
  const Ran key = lotmark({"--json", "token", "key", "--out", dir_ / "token.key"});
  EXPECT_EQ(json::parse(key.out)["jwks"], dir_ / "token.key.jwks");
  const json value = json::parse(with(order(), {"--json"}).out);
  EXPECT_EQ(value["subject"], "erp");
  EXPECT_TRUE(judged(value["token"], "token.key.jwks", now()));
  const json file = json::parse(with(order(), {"--json", "--out", dir_ / "t"}).out);
  EXPECT_FALSE(file.contains("token"));
}

TEST_F(TokenCommand, OneSetServesTwoKeys) {
  make_key();
  make_key("next.key");
  const Ran ran = lotmark({"token", "jwks", "--key", dir_ / "token.key", "--key", dir_ / "next.key",
                           "--out", dir_ / "both.jwks"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const std::string old = line_of(lotmark(order()));
  auto next = order();
  next[3] = dir_ / "next.key";
  const std::string fresh = line_of(lotmark(next));
  EXPECT_TRUE(judged(old, "both.jwks", now()));
  EXPECT_TRUE(judged(fresh, "both.jwks", now()));
  EXPECT_EQ(judged(old, "next.key.jwks", now()).code(), Errc::kKeyUnknown);
  // To standard output the same, and over the old file.
  const Ran shown = lotmark({"token", "jwks", "--key", dir_ / "token.key"});
  EXPECT_EQ(json::parse(shown.out)["keys"].size(), 1u);
  EXPECT_EQ(
      lotmark({"token", "jwks", "--key", dir_ / "next.key", "--out", dir_ / "both.jwks"}).exit, 0);
  EXPECT_FALSE(judged(old, "both.jwks", now()));
}

TEST_F(TokenCommand, AKeyTwiceIsNoSet) {
  make_key();
  const Ran ran =
      lotmark({"token", "jwks", "--key", dir_ / "token.key", "--key", dir_ / "token.key"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("twice"));
}

TEST_F(TokenCommand, WhatTheApiWouldNotTakeIsNotIssued) {
  make_key();
  const auto changed = [&](const std::string& option, const std::string& value) {
    auto arguments = order();
    *(std::find(arguments.begin(), arguments.end(), option) + 1) = value;
    const Ran ran = lotmark(arguments);
    EXPECT_THAT(ran.out, Not(HasSubstr("ey"))) << option;
    return ran.exit;
  };
  EXPECT_EQ(changed("--role", "consumer"), 2);
  EXPECT_EQ(changed("--role", "root"), 2);
  EXPECT_EQ(changed("--organisation", "Hua Lin"), 2);
  EXPECT_EQ(changed("--organisation", std::string(33, 'o')), 2);
  EXPECT_EQ(changed("--subject", "a\nb"), 2);
  EXPECT_EQ(changed("--subject", "a\xff"), 2);
  EXPECT_EQ(changed("--subject", std::string(257, 's')), 2);
  EXPECT_EQ(changed("--issuer", std::string(257, 'i')), 2);
  EXPECT_EQ(changed("--audience", ""), 2);
  EXPECT_EQ(with(order(), {"--days", "0"}).exit, 2);
  EXPECT_EQ(with(order(), {"--days", "367"}).exit, 2);
  EXPECT_EQ(with(order(), {"--days", "x"}).exit, 2);
}

TEST_F(TokenCommand, KeysThatAreNoneOrOthersToReadAreRefused) {
  EXPECT_EQ(lotmark(order()).exit, 1) << "no key yet";
  make_key();
  std::filesystem::permissions(dir_ / "token.key", std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(lotmark(order()).exit, 1);
  write(dir_ / "bad.key", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");
  std::filesystem::permissions(dir_ / "bad.key", std::filesystem::perms::owner_read);
  EXPECT_EQ(lotmark({"token", "jwks", "--key", dir_ / "bad.key"}).exit, 1);
}

TEST_F(TokenCommand, HelpsWithExamples) {
  for (const std::string sub : {"key", "jwks", "issue"}) {
    const Ran ran = lotmark({"token", sub, "--help"});
    EXPECT_EQ(ran.exit, 0);
    EXPECT_THAT(ran.out, HasSubstr("Examples:"));
  }
  EXPECT_EQ(lotmark({"token"}).exit, 2);
  EXPECT_EQ(lotmark({"token", "issue"}).exit, 2);
}

}  // namespace
}  // namespace lotmark::cli::test
