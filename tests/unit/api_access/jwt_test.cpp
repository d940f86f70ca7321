// Tokens of others, and what a forger would try.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/access/jwt.h"
#include "tests/unit/api_access/token_maker.h"

namespace lotmark::api::access::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::int64_t kNow = 1'790'000'000;  // seconds; some day of 2026

Time at(std::int64_t seconds) { return from_ms(seconds * 1000); }

class Tokens : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!keys().ok()) GTEST_SKIP() << "the openssl program makes no keys here";
    issue("https://id.example", json::array({ec_jwk("ec"), rsa_jwk("rsa")}));
  }

  // A judge that takes tokens of one issuer.
  void issue(const std::string& issuer, const json& jwks) {
    rules_.issuer = issuer;
    rules_.audience = "https://lot.example";
    make_judge(jwks);
  }
  void make_judge(const json& jwks) {
    auto made = TokenJudge::make({rules_});
    ASSERT_TRUE(made) << made.error().message();
    judge_ = *std::move(made);
    const std::string text = json{{"keys", jwks}}.dump();
    auto set = KeySet::read(as_bytes(text));
    ASSERT_TRUE(set) << set.error().message();
    ASSERT_TRUE(judge_.set_keys(rules_.issuer, *std::move(set)));
  }
  void remake() { make_judge(json::array({ec_jwk("ec"), rsa_jwk("rsa")})); }

  Result<TokenClaims> judge(const std::string& token) { return judge_.judge(token, at(kNow)); }
  // Refused, with that in the reason.
  void refused(const std::string& token, const std::string& why, Errc code = Errc::kDenied) {
    const auto r = judge(token);
    ASSERT_FALSE(r) << why;
    EXPECT_EQ(r.code(), code) << r.error().message();
    EXPECT_THAT(r.error().text, HasSubstr(why));
  }

  json header(const std::string& kid = "ec") const {
    return {{"alg", kid == "rsa" ? "RS256" : "ES256"}, {"typ", "at+jwt"}, {"kid", kid}};
  }
  json payload() const {
    return {{"iss", "https://id.example"},
            {"aud", "https://lot.example"},
            {"sub", "erp-7"},
            {"exp", kNow + 300},
            {"iat", kNow - 5},
            {"org", "hualin"},
            {"scope", "openid lotmark:capture lotmark:read"}};
  }
  json with(const char* name, const json& value) const {
    json out = payload();
    out[name] = value;
    return out;
  }
  json without(const char* name) const {
    json out = payload();
    out.erase(name);
    return out;
  }

  TokenIssuer rules_;
  TokenJudge judge_;
};

TEST_F(Tokens, OfP256AndRsaSayWhoCallsAndWhatItMay) {
  for (const std::string key : {"ec", "rsa"}) {
    const auto claims = judge(token(header(key), payload(), key));
    ASSERT_TRUE(claims) << key << ": " << claims.error().message();
    EXPECT_EQ(claims->subject, "erp-7");
    EXPECT_EQ(claims->organisation, "hualin");
    EXPECT_EQ(claims->issuer, "https://id.example");
    EXPECT_EQ(claims->roles, (RoleSet{AccessRole::kCapture, AccessRole::kReader}));
    EXPECT_EQ(claims->expires, at(kNow + 300));
    EXPECT_FALSE(claims->certificate);
  }
}

TEST_F(Tokens, AreGoodAMinuteLongerThanTheySayAndNotASecondMore) {
  const auto t = token(header(), payload());
  EXPECT_TRUE(judge_.judge(t, at(kNow + 300)));
  EXPECT_TRUE(judge_.judge(t, at(kNow + 359)));
  EXPECT_FALSE(judge_.judge(t, at(kNow + 360)));
  refused(token(header(), with("exp", kNow - 60)), "has expired");
  EXPECT_TRUE(judge(token(header(), with("exp", kNow - 59))));
  EXPECT_TRUE(judge(token(header(), with("exp", static_cast<double>(kNow) + 0.5))));
}

TEST_F(Tokens, AreNotTakenBeforeTheirTime) {
  EXPECT_TRUE(judge(token(header(), with("nbf", kNow + 60))));
  refused(token(header(), with("nbf", kNow + 61)), "not good yet");
  EXPECT_TRUE(judge(token(header(), with("iat", kNow + 60))));
  refused(token(header(), with("iat", kNow + 61)), "in the future");
}

TEST_F(Tokens, WithoutAnEndOrWithAnOddOneAreRefused) {
  refused(token(header(), without("exp")), "does not expire");
  for (const json& odd : {json("2030-01-01"), json(-1), json(true), json(nullptr), json(1e300),
                          json(253402300800), json::array({kNow + 300})}) {
    refused(token(header(), with("exp", odd)), "exp is no time");
    refused(token(header(), with("nbf", odd)), "nbf is no time");
    refused(token(header(), with("iat", odd)), "iat is no time");
  }
}

TEST_F(Tokens, ForgedSignaturesDoNotHold) {
  refused(token(header(), payload(), "ec2"), "signature does not hold");
  const std::string good = token(header(), payload());
  const auto dot = good.rfind('.');
  for (const std::size_t place : {dot + 1, dot + 20, good.size() - 2}) {
    std::string bad = good;
    bad[place] = bad[place] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(judge(bad)) << place;
  }
  refused(good.substr(0, dot + 1) + url64(std::string(64, '\0')), "signature does not hold");
  refused(good.substr(0, dot + 1) + url64(std::string(64, '\xff')), "signature does not hold");
  refused(good.substr(0, dot + 1) + url64(std::string(63, 'x')), "signature does not hold");
  refused(good.substr(0, dot + 1) + url64(std::string(4000, 'x')), "signature does not hold");
}

TEST_F(Tokens, APayloadPutInPlaceOfAnotherIsNoticed) {
  const std::string mine = token(header(), payload());
  const std::string theirs = token(header(), with("org", "mei"), "ec2");
  const auto signature = mine.substr(mine.rfind('.'));
  refused(theirs.substr(0, theirs.rfind('.')) + signature, "signature does not hold");
}

TEST_F(Tokens, WithoutASignatureAreRefusedHoweverTheySpellIt) {
  for (const std::string none : {"none", "None", "NONE", "nOnE", ""}) {
    json h = header();
    h["alg"] = none;
    const std::string text = url64(h.dump()) + "." + url64(payload().dump());
    EXPECT_FALSE(judge(text + ".")) << none;
    EXPECT_FALSE(judge(text)) << none;
    refused(text + "." + url64("x"), "alg is not its key's");
  }
  const std::string good = token(header(), payload());
  refused(good.substr(0, good.rfind('.') + 1), "signature is no base64url");
}

TEST_F(Tokens, ThePublicKeyIsNoSecretToSignWith) {
  for (const std::string key : {"ec", "rsa"}) {
    json h = header(key);
    h["alg"] = "HS256";
    const std::string text = url64(h.dump()) + "." + url64(payload().dump());
    for (const std::string& secret : {keys().read(key + ".pub.pem"), keys().read(key + ".pub.der")})
      refused(text + "." + url64(hmac(secret, text)), "alg is not its key's");
    h["alg"] = key == "rsa" ? "RS256" : "ES256";  // and the header lies about it
    const std::string lying = url64(h.dump()) + "." + url64(payload().dump());
    refused(lying + "." + url64(hmac(keys().read(key + ".pub.pem"), lying)),
            "signature does not hold");
  }
}

TEST_F(Tokens, TheHeaderDoesNotChooseTheAlgorithm) {
  for (const json& alg : {json("RS256"), json("ES384"), json("PS256"), json("es256"), json(7),
                          json(nullptr), json::array({"ES256"})}) {
    json h = header();
    h["alg"] = alg;
    refused(token(h, payload()), "alg is not its key's");
  }
  json h = header();
  h.erase("alg");
  refused(token(h, payload()), "alg is not its key's");
  // The other key's algorithm, by the other key.
  h = header("rsa");
  h["kid"] = "ec";
  refused(token(h, payload(), "rsa"), "alg is not its key's");
  h = header("ec");
  h["kid"] = "rsa";
  refused(token(h, payload(), "ec"), "alg is not its key's");
  h["alg"] = "RS256";
  refused(token(h, payload(), "ec"), "signature does not hold");
}

TEST_F(Tokens, OfAnAlgorithmThatIsNotConfiguredAreRefused) {
  rules_.algorithms = {TokenAlg::kEs256};
  remake();
  EXPECT_TRUE(judge(token(header(), payload())));
  refused(token(header("rsa"), payload(), "rsa"), "alg is not taken");
}

TEST_F(Tokens, OfAnUnknownKeySayWhatToDo) {
  json h = header();
  h["kid"] = "next";
  refused(token(h, payload()), "not known here", Errc::kKeyUnknown);
  for (const json& odd :
       {json(""), json(7), json(nullptr), json("a\nb"), json(std::string(300, 'k'))}) {
    h["kid"] = odd;
    refused(token(h, payload()), "names no key");
  }
  h.erase("kid");
  refused(token(h, payload()), "names no key");
  TokenIssuer bare = rules_;
  const auto empty = TokenJudge::make({bare});
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->judge(token(header(), payload()), at(kNow)).code(), Errc::kKeyUnknown);
}

TEST_F(Tokens, AKeyInTheHeaderIsNotUsed) {
  json h = header();
  h["jwk"] = ec_jwk("ec2");
  h["jku"] = "https://evil.example/keys";
  refused(token(h, payload(), "ec2"), "signature does not hold");
  EXPECT_TRUE(judge(token(h, payload(), "ec")));
}

TEST_F(Tokens, OfOtherIssuersAndForOthersAreRefused) {
  refused(token(header(), with("iss", "https://id.example/")), "issuer is not known");
  refused(token(header(), with("iss", json::array({"https://id.example"}))), "issuer is not known");
  refused(token(header(), without("iss")), "issuer is not known");
  refused(token(header(), without("aud")), "another audience");
  for (const json& other : {json("https://lot.example/"), json(""), json(7), json::array(),
                            json::array({"x"}), json::array({"https://lot.example", 7}),
                            json(std::vector<std::string>(33, "https://lot.example"))}) {
    refused(token(header(), with("aud", other)), "another audience");
  }
  EXPECT_TRUE(judge(token(header(), with("aud", {"https://x.example", "https://lot.example"}))));
}

TEST_F(Tokens, AreOfAType) {
  for (const std::string typ : {"at+jwt", "JWT", "jwt", "AT+JWT", "application/at+jwt"}) {
    json h = header();
    h["typ"] = typ;
    EXPECT_TRUE(judge(token(h, payload()))) << typ;
  }
  for (const json& typ :
       {json("secevent+jwt"), json("dpop+jwt"), json("application/"), json(1), json("")}) {
    json h = header();
    h["typ"] = typ;
    refused(token(h, payload()), "typ is neither");
  }
  json h = header();
  h.erase("typ");
  refused(token(h, payload()), "typ is neither");
}

TEST_F(Tokens, ThatAskForWhatIsNotKnownAreRefused) {
  json h = header();
  h["crit"] = json::array({"exp"});
  h["exp"] = kNow + 300;
  refused(token(h, payload()), "crit");
  h = header();
  h["b64"] = false;
  refused(token(h, payload()), "not encoded");
}

TEST_F(Tokens, ANameTwiceIsRefusedInHeaderAndPayload) {
  const std::string h = header().dump();
  const std::string p = payload().dump();
  const std::string h2 = R"({"alg":"none",)" + h.substr(1);
  const std::string p2 = R"({"sub":"admin",)" + p.substr(1);
  refused(token_of_texts(h2, p), "twice");
  refused(token_of_texts(h, p2), "twice");
  refused(token_of_texts(h, R"({"s\u0075b":"admin",)" + p.substr(1)), "twice");
  refused(token_of_texts(h, R"({"x":{"a":1,"a":2},)" + p.substr(1)), "twice");
}

TEST_F(Tokens, CutAnywhereAreRefused) {
  const std::string good = token(header(), payload());
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(judge(good.substr(0, n))) << n;
}

TEST_F(Tokens, HugeAndOddOnesAreRefused) {
  refused(std::string(8193, 'a'), "above 8 KiB", Errc::kTooLarge);
  refused(token(header(), with("pad", std::string(8000, 'p'))), "above 8 KiB", Errc::kTooLarge);
  refused(std::string(8192, '.'), "three parts");
  refused("", "three parts");
  refused("a.b", "three parts");
  refused("a.b.c.d", "three parts");
  const std::string good = token(header(), payload());
  refused(good + "=", "no base64url");
  refused(good + ".x", "three parts");
  refused(" " + good, "no base64url");
  refused("\xff" + good, "no base64url");
  refused(token_of_texts("[]", payload().dump()), "no JSON object");
  refused(token_of_texts("null", payload().dump()), "no JSON object");
  refused(token_of_texts(header().dump(), "\"text\""), "no JSON object");
  refused(token_of_texts(header().dump(), payload().dump() + "{}"), "no JSON");
  refused(token_of_texts(header().dump(), "{\"sub\":\"\xff\xfe\"}"), "no JSON");
  refused(token_of_texts(header().dump(), std::string(3000, '[')), "too deep");
  refused(
      token_of_texts(header().dump(), R"({"a":)" + std::string(9, '[') + std::string(9, ']') + "}"),
      "too deep");
}

TEST_F(Tokens, TheSubjectCanStandInALog) {
  refused(token(header(), without("sub")), "sub");
  for (const json& odd :
       {json(""), json(5), json("a\nb"), json(std::string("a\0b", 3)), json(std::string(257, 's'))})
    refused(token(header(), with("sub", odd)), "sub");
  EXPECT_TRUE(judge(token(header(), with("sub", std::string(256, 's')))));
}

TEST_F(Tokens, OrganisationsAreNamesThatTheIssuerMaySpeakFor) {
  refused(token(header(), without("org")), "names no organisation");
  for (const json& odd :
       {json("Hualin"), json("a/b"), json(""), json(std::string(33, 'o')), json(1)})
    refused(token(header(), with("org", odd)), "organisation is no name");
  rules_.organisations = {"hualin", "mei"};
  remake();
  EXPECT_TRUE(judge(token(header(), payload())));
  refused(token(header(), with("org", "other")), "does not speak for");
  refused(token(header(), without("org")), "names no organisation");
  rules_.organisations = {"mei"};
  remake();
  const auto only = judge(token(header(), without("org")));
  ASSERT_TRUE(only);
  EXPECT_EQ(only->organisation, "mei");
}

TEST_F(Tokens, RolesComeFromTheConfiguredClaimAndNoFurtherThanAllowed) {
  const auto roles = [&](const json& p) {
    const auto r = judge(token(header(), p));
    return r ? names(r->roles) : r.error().text;
  };
  EXPECT_EQ(roles(without("scope")), "");
  EXPECT_EQ(roles(with("scope", "")), "");
  EXPECT_EQ(roles(with("scope", "  lotmark:admin   lotmark:read ")), "reader admin");
  EXPECT_EQ(roles(with("scope", "lotmark:Read LOTMARK:READ lotmark:reader read lotmark:")), "");
  EXPECT_EQ(roles(with("scope", json::array({"lotmark:agency", "lotmark:regulator"}))),
            "regulator agency");
  EXPECT_THAT(roles(with("scope", 7)), HasSubstr("no words"));
  EXPECT_THAT(roles(with("scope", json::array({7}))), HasSubstr("no words"));
  EXPECT_THAT(roles(with("scope", json(std::vector<std::string>(65, "x")))), HasSubstr("no words"));
  std::string many;
  for (int i = 0; i < 66; ++i) many += "x ";
  EXPECT_THAT(roles(with("scope", many)), HasSubstr("too many"));
  rules_.roles_claim = "roles";
  rules_.roles_max = {AccessRole::kReader};
  remake();
  json p = with("roles", {"lotmark:read", "lotmark:admin"});
  EXPECT_EQ(roles(p), "reader");
}

TEST_F(Tokens, BoundToACertificateSayWhichOne) {
  const std::string digest(32, 'd');
  const auto bound = judge(token(header(), with("cnf", {{"x5t#S256", url64(digest)}})));
  ASSERT_TRUE(bound) << bound.error().message();
  EXPECT_EQ(as_text(bound->certificate->view()), digest);
  for (const json& odd :
       {json("x"), json::object(), json{{"jkt", "abc"}}, json{{"x5t#S256", "abc"}},
        json{{"x5t#S256", url64(digest)}, {"jkt", "abc"}}})
    refused(token(header(), with("cnf", odd)), "tied to a key");
}

TEST_F(Tokens, KeysCanBeReplacedWhileOthersAsk) {
  const std::string old = token(header(), payload());
  const std::string text = json{{"keys", json::array({ec_jwk("ec2")})}}.dump();
  auto next = KeySet::read(as_bytes(text));
  ASSERT_TRUE(next);
  EXPECT_EQ(judge_.set_keys("https://nobody.example", *next).code(), Errc::kNotFound);
  EXPECT_TRUE(judge(old));
  ASSERT_TRUE(judge_.set_keys(rules_.issuer, *next));
  refused(old, "not known here", Errc::kKeyUnknown);
  EXPECT_TRUE(judge(token(header("ec2"), payload(), "ec2")));
}

TEST(TokenRules, AreLookedAtBeforeTheyAreUsed) {
  const auto code = [](TokenIssuer i) { return TokenJudge::make({std::move(i)}).code(); };
  TokenIssuer good;
  good.issuer = "a";
  good.audience = "b";
  EXPECT_EQ(code(good), Errc::kOk);
  for (const auto spoil :
       {+[](TokenIssuer& i) { i.issuer.clear(); }, +[](TokenIssuer& i) { i.audience.clear(); },
        +[](TokenIssuer& i) { i.roles_claim.clear(); },
        +[](TokenIssuer& i) { i.organisation_claim.clear(); },
        +[](TokenIssuer& i) { i.algorithms.clear(); },
        +[](TokenIssuer& i) { i.organisations = {"A"}; },
        +[](TokenIssuer& i) { i.issuer = std::string(257, 'i'); }}) {
    TokenIssuer bad = good;
    spoil(bad);
    EXPECT_EQ(code(bad), Errc::kConfig);
  }
  EXPECT_EQ(TokenJudge::make({good, good}).code(), Errc::kConfig);
  EXPECT_EQ(TokenJudge::make(std::vector<TokenIssuer>(17, good)).code(), Errc::kConfig);
  EXPECT_EQ(TokenJudge().judge("a.b.c", at(kNow)).code(), Errc::kDenied);
}

}  // namespace
}  // namespace lotmark::api::access::test
