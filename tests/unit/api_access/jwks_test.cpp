// Key sets: what is used, what is passed over, what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/access/jwks.h"
#include "api/access/token_signature.h"
#include "tests/unit/api_access/token_maker.h"

namespace lotmark::api::access::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Result<KeySet> read_set(const std::string& text) { return KeySet::read(as_bytes(text)); }
Result<KeySet> read_keys(const std::vector<json>& list) {
  return read_set(json{{"keys", list}}.dump());
}

class Jwks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!keys().ok()) GTEST_SKIP() << "the openssl program makes no keys here";
  }
  json changed(const std::string& name, const char* member, const json& value) {
    json out = name.starts_with("rsa") ? rsa_jwk(name) : ec_jwk(name);
    out[member] = value;
    return out;
  }
  void refused(const json& key, const std::string& why) {
    const auto set = read_keys({key});
    ASSERT_FALSE(set) << key;
    EXPECT_EQ(set.code(), Errc::kConfig);
    EXPECT_THAT(set.error().text, HasSubstr(why));
  }
};

TEST_F(Jwks, KeysBecomeThePemThatOpensslWrites) {
  const auto set = read_keys({ec_jwk("ec"), rsa_jwk("rsa")});
  ASSERT_TRUE(set) << set.error().message();
  ASSERT_NE(set->find("ec"), nullptr);
  EXPECT_EQ(set->find("ec")->pem, keys().read("ec.pub.pem"));
  EXPECT_EQ(set->find("ec")->alg, TokenAlg::kEs256);
  ASSERT_NE(set->find("rsa"), nullptr);
  EXPECT_EQ(set->find("rsa")->pem, keys().read("rsa.pub.pem"));
  EXPECT_EQ(set->find("rsa")->alg, TokenAlg::kRs256);
  EXPECT_EQ(set->find("other"), nullptr);
  EXPECT_EQ(set->find(""), nullptr);
}

TEST_F(Jwks, SignaturesHoldByTheirKeyAlone) {
  const auto set = read_keys({ec_jwk("ec"), ec_jwk("ec2"), rsa_jwk("rsa")});
  ASSERT_TRUE(set);
  for (const std::string by : {"ec", "ec2", "rsa"}) {
    const std::string signature = url64(sign(by, "a.b"));
    for (const TokenKey& key : set->keys())
      EXPECT_EQ(token_signature_holds(key, "a.b", signature), key.kid == by) << key.kid << by;
    EXPECT_FALSE(token_signature_holds(*set->find(by), "a.c", signature));
  }
  EXPECT_FALSE(token_signature_holds(*set->find("ec"), "a.b", ""));
  EXPECT_FALSE(token_signature_holds({"x", TokenAlg::kEs256, "no key"}, "a.b", "AAAA"));
}

TEST_F(Jwks, KeysForOtherThingsArePassedOver) {
  const std::vector<json> others = {ec_jwk("p384"),
                                    changed("ec", "use", "enc"),
                                    changed("ec", "key_ops", json::array({"sign"})),
                                    changed("ec", "key_ops", "verify"),
                                    changed("ec", "alg", "ES384"),
                                    changed("ec", "alg", 5),
                                    changed("rsa", "alg", "PS256"),
                                    changed("ec", "kid", ""),
                                    changed("ec", "kid", std::string(257, 'k')),
                                    {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "AA"}, {"kid", "o"}},
                                    json::object()};
  for (const json& other : others) {
    EXPECT_FALSE(read_keys({other})) << other;
    const auto set = read_keys({other, ec_jwk("ec2")});
    ASSERT_TRUE(set) << other;
    EXPECT_THAT(set->keys(), SizeIs(1));
    EXPECT_THAT(set->skipped(), SizeIs(1)) << other;
  }
}

TEST_F(Jwks, UsesAndAlgorithmsThatFitAreTaken) {
  json key = changed("ec", "use", "sig");
  key["alg"] = "ES256";
  key["key_ops"] = {"verify"};
  key["x5c"] = {"whatever"};
  EXPECT_TRUE(read_keys({key}));
}

TEST_F(Jwks, PrivateAndSharedKeysStopEverything) {
  refused(changed("ec", "d", "AAAA"), "private");
  refused(changed("rsa", "d", "AAAA"), "private");
  refused({{"kty", "oct"}, {"k", "AAAA"}, {"kid", "s"}}, "private");
  EXPECT_FALSE(read_keys({ec_jwk("ec2"), changed("ec", "d", "AAAA")}));
}

TEST_F(Jwks, BrokenKeysAreRefused) {
  refused(changed("ec", "x", ec_jwk("ec2")["x"]), "no point");
  refused(changed("ec", "x", url64(std::string(32, '\xff'))), "no point");
  refused(changed("ec", "x", url64(std::string(32, '\0'))), "no point");
  refused(changed("ec", "x", url64(std::string(31, 'x'))), "32 bytes");
  refused(changed("ec", "y", url64(std::string(33, 'x'))), "32 bytes");
  refused(changed("ec", "y", "not base64!"), "32 bytes");
  refused(changed("ec", "y", 7), "32 bytes");
  refused(rsa_jwk("rsa1024"), "1024 bits");
  refused(changed("rsa", "n", url64(std::string(512, '\0') + "x")), "modulus");
  refused(changed("rsa", "n", url64(std::string(513, 'x'))), "modulus");
  refused(changed("rsa", "e", url64(std::string(9, 'x'))), "modulus");
  refused(changed("rsa", "e", url64("\x02")), "no RSA key");
  refused(changed("rsa", "e", ""), "modulus");
}

TEST_F(Jwks, AKidStandsOnce) {
  EXPECT_FALSE(read_keys({ec_jwk("ec"), changed("ec2", "kid", "ec")}));
  EXPECT_FALSE(read_keys({ec_jwk("ec"), changed("rsa", "kid", "ec")}));
}

TEST_F(Jwks, SetsAreBounded) {
  std::vector<json> many;
  for (int i = 0; i < 64; ++i) many.push_back(changed("ec", "kid", "k" + std::to_string(i)));
  EXPECT_TRUE(read_keys(many));
  many.push_back(changed("ec", "kid", "last"));
  EXPECT_FALSE(read_keys(many));
  EXPECT_FALSE(read_set(std::string(256 * 1024 + 1, ' ')));
  EXPECT_FALSE(read_set(R"({"keys":)" + std::string(1000, '[')));
}

TEST(JwksText, ThatIsNoSetIsRefused) {
  for (const char* text :
       {"", "{}", "[]", "null", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[7]})",
        R"({"keys":[],"keys":[]})", "{\"keys\":[\"\xff\"]}", R"({"keys":[]} x)"}) {
    EXPECT_EQ(read_set(text).code(), Errc::kConfig) << text;
  }
}

}  // namespace
}  // namespace lotmark::api::access::test
