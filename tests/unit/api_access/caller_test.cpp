// Who is believed to be whom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/access/caller.h"
#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/http/message.h"
#include "tests/unit/api_access/token_maker.h"

namespace lotmark::api::access::test {
namespace {

using nlohmann::json;

constexpr std::int64_t kToday = 1'790'000'000;
constexpr const char* kProxy = "127.0.0.1";

http::Request from(const std::string& remote) {
  http::Request r;
  r.method = "GET";
  r.path = "/events";
  r.remote = remote;
  return r;
}

// As nginx hands on somebody whose certificate it verified.
http::Request proxied(const std::string& dn, const std::string& verify = "SUCCESS") {
  http::Request r = from(kProxy);
  r.headers["x-lotmark-client-address"] = "198.51.100.9";
  r.headers["x-lotmark-client-verify"] = verify;
  r.headers["x-lotmark-client-dn"] = dn;
  return r;
}

class CallersTest : public ::testing::Test {
 protected:
  CallersTest() {
    rules_.proxies = {kProxy, "2001:db8::1"};
    rules_.certificates = {
        {"hualin/erp", {}, "hualin", {AccessRole::kCapture}},
        {"", *Digest::from(Bytes(32, 0xab)), "mei", {AccessRole::kRegulator}},
    };
  }
  Callers callers() {
    auto made = Callers::make(rules_, tokens_);
    EXPECT_TRUE(made) << made.error().message();
    return *std::move(made);
  }
  Caller who(const http::Request& r) {
    const auto c = callers().identify(r, from_ms(kToday * 1000));
    EXPECT_TRUE(c) << c.error().message();
    return c ? *c : Caller{};
  }
  CallerRules rules_;
  TokenJudge tokens_;
};

TEST_F(CallersTest, SomebodyWithoutCredentialsIsAnAddress) {
  const Caller c = who(from("203.0.113.7"));
  EXPECT_EQ(c.id, "address:203.0.113.7");
  EXPECT_EQ(c.how, How::kNobody);
  EXPECT_TRUE(c.roles.empty());
  EXPECT_TRUE(c.organisation.empty());
  EXPECT_FALSE(c.loopback);
  EXPECT_FALSE(c.standing().known);
}

TEST_F(CallersTest, ANetworkOfIpv6CountsAsOne) {
  EXPECT_EQ(who(from("2001:db8:1:2:3:4:5:6")).id, "address:2001:db8:1:2::/64");
  EXPECT_EQ(who(from("2001:db8:1:2::9")).id, "address:2001:db8:1:2::/64");
  EXPECT_EQ(who(from("::ffff:203.0.113.7")).id, "address:203.0.113.7");
  EXPECT_EQ(who(from("fe80::1%eth0")).id, "address:fe80::/64");
  EXPECT_EQ(who(from("nonsense")).id, "address:");
}

TEST_F(CallersTest, AVerifiedCertificateIsSomebodyByItsCommonName) {
  http::Request direct = from("203.0.113.7");
  direct.peer_name = "hualin/erp";
  for (const auto& r :
       {direct, proxied("CN=hualin/erp,O=Hualin"), proxied("O=Hualin,CN=hualin/erp")}) {
    const Caller c = who(r);
    EXPECT_EQ(c.how, How::kCertificate);
    EXPECT_EQ(c.id, "certificate:hualin/erp");
    EXPECT_EQ(c.organisation, "hualin");
    EXPECT_EQ(c.roles, RoleSet{AccessRole::kCapture});
  }
}

TEST_F(CallersTest, ACertificateThatNoRuleNamesMayNothing) {
  const Caller c = who(proxied("CN=other"));
  EXPECT_EQ(c.how, How::kCertificate);
  EXPECT_EQ(c.id, "certificate:other");
  EXPECT_TRUE(c.roles.empty());
  EXPECT_TRUE(c.organisation.empty());
}

TEST_F(CallersTest, AFingerprintIsLookedForFirst) {
  http::Request r = proxied("CN=hualin/erp");
  r.headers["x-lotmark-client-fingerprint"] = std::string(64, 'a');
  EXPECT_EQ(who(r).organisation, "hualin") << "no rule has that one: the name counts";
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "aB";
  r.headers["x-lotmark-client-fingerprint"] = hex;
  EXPECT_EQ(who(r).organisation, "mei");
  EXPECT_EQ(who(r).roles, RoleSet{AccessRole::kRegulator});
  r.headers["x-lotmark-client-fingerprint"] = hex.substr(0, 40);
  EXPECT_EQ(who(r).organisation, "hualin") << "SHA-1 is not taken";
}

TEST_F(CallersTest, HeadersOfAnybodyButAProxyAreIgnored) {
  for (const char* remote :
       {"203.0.113.7", "127.0.0.2", "::1", "2001:db8::2", "", "127.0.0.1:80"}) {
    http::Request r = proxied("CN=hualin/erp");
    r.headers["x-lotmark-client-fingerprint"] = std::string(64, 'a');
    r.remote = remote;
    const Caller c = who(r);
    EXPECT_EQ(c.how, How::kNobody) << remote;
    EXPECT_TRUE(c.roles.empty()) << remote;
    EXPECT_THAT(c.id, ::testing::Not(::testing::HasSubstr("198.51.100.9"))) << remote;
    EXPECT_FALSE(c.loopback) << remote;
  }
  http::Request mapped = proxied("CN=hualin/erp");
  mapped.remote = "::ffff:127.0.0.1";
  EXPECT_EQ(who(mapped).how, How::kCertificate);
}

TEST_F(CallersTest, WithoutProxiesNoHeaderIsBelieved) {
  rules_.proxies.clear();
  EXPECT_EQ(who(proxied("CN=hualin/erp")).how, How::kNobody);
}

TEST_F(CallersTest, OnlySuccessIsAVerifiedCertificate) {
  for (const char* verify : {"", "NONE", "FAILED:certificate has expired", "success",
                             "SUCCESS, NONE", "NONE, SUCCESS", "SUCCESS "}) {
    EXPECT_EQ(who(proxied("CN=hualin/erp", verify)).how, How::kNobody) << verify;
  }
}

TEST_F(CallersTest, AProxysOwnCertificateIsNotItsCallers) {
  http::Request r = from(kProxy);
  r.peer_name = "hualin/erp";
  EXPECT_EQ(who(r).how, How::kNobody);
}

TEST_F(CallersTest, LoopbackIsSomebodyHereWithoutAnybodyBetween) {
  rules_.proxies.clear();
  EXPECT_TRUE(who(from("127.0.0.1")).loopback);
  EXPECT_TRUE(who(from("::1")).loopback);
  EXPECT_TRUE(who(from("::ffff:127.0.0.1")).loopback);
  EXPECT_FALSE(who(from("10.0.0.1")).loopback);
  for (const char* header : {"forwarded", "x-forwarded-for", "x-real-ip", "via",
                             "x-lotmark-client-address", "x-lotmark-client-verify"}) {
    http::Request r = from("127.0.0.1");
    r.headers[header] = "127.0.0.1";
    EXPECT_FALSE(who(r).loopback) << header;
  }
}

TEST_F(CallersTest, TheProxySaysWhereACallerIs) {
  EXPECT_EQ(who(proxied("", "NONE")).id, "address:198.51.100.9");
  http::Request r = proxied("", "NONE");
  r.headers["x-lotmark-client-address"] = "10.0.0.1, 198.51.100.9";  // a caller's own came through
  EXPECT_EQ(who(r).id, "address:127.0.0.1");
}

TEST(DistinguishedNames, HaveOneCommonName) {
  EXPECT_EQ(common_name_of("CN=a"), "a");
  EXPECT_EQ(common_name_of("O=x,CN=a/b"), "a/b");
  EXPECT_EQ(common_name_of("CN=a,O=x,C=CN"), "a");
  EXPECT_EQ(common_name_of("CN=a+UID=7,O=x"), "a");
  EXPECT_EQ(common_name_of(R"(CN=a\,b,O=x)"), "a,b");
  EXPECT_EQ(common_name_of(R"(CN=\C3\A9)"), "\xc3\xa9");
  EXPECT_EQ(common_name_of("CN= a"), " a");
}

TEST(DistinguishedNames, OfTwoMindsHaveNone) {
  for (const char* dn : {"",
                         "a",
                         "=a",
                         "CN=",
                         "CN=a,CN=b",
                         "CN=a+CN=b",
                         "CN=a,",
                         "CN=a,O",
                         ",CN=a",
                         "O=x",
                         "CN=#0401",
                         R"(CN=a\)",
                         R"(CN=a\0)",
                         R"(CN=a\zz)",
                         R"(CN=a\0Ab)",
                         R"(CN=\00)",
                         R"(CN=\FF)",
                         "CN=\"a\"",
                         "CN=a;CN=b",
                         "O=a b,x CN=c",
                         "/CN=a/O=x,CN=b=",
                         "O=\"x,CN=a\""}) {
    EXPECT_EQ(common_name_of(dn), std::nullopt) << dn;
  }
  EXPECT_EQ(common_name_of(R"(O=x\,CN=victim)"), std::nullopt) << "that is one value of O";
  EXPECT_EQ(common_name_of(R"(O=x\,CN=victim,CN=me)"), "me");
  EXPECT_EQ(common_name_of("CN=" + std::string(257, 'a')), std::nullopt);
  EXPECT_EQ(common_name_of(std::string(5000, 'a')), std::nullopt);
}

TEST(PlainAddresses, AreOneForm) {
  EXPECT_EQ(plain_address("2001:DB8:0::1"), "2001:db8::1");
  EXPECT_EQ(plain_address("::ffff:c000:207"), "192.0.2.7");
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4x", "::g", "host", "1.2.3.4, 5.6.7.8"})
    EXPECT_EQ(plain_address(bad), std::nullopt) << bad;
  EXPECT_EQ(plain_address(std::string(1000, ':')), std::nullopt);
}

// With keys and certificates of the openssl program.
class Credentials : public CallersTest {
 protected:
  void SetUp() override {
    if (!keys().ok()) GTEST_SKIP() << "the openssl program makes no keys here";
    TokenIssuer issuer;
    issuer.issuer = "https://id.example";
    issuer.audience = "lotmark";
    auto made = TokenJudge::make({issuer});
    ASSERT_TRUE(made);
    tokens_ = *std::move(made);
    const std::string text = json{{"keys", json::array({ec_jwk("ec")})}}.dump();
    auto set = KeySet::read(as_bytes(text));
    ASSERT_TRUE(set);
    ASSERT_TRUE(tokens_.set_keys("https://id.example", *std::move(set)));
  }
  static std::string good(const json& more = json::object()) {
    json payload = {{"iss", "https://id.example"}, {"aud", "lotmark"}, {"sub", "erp"},
                    {"exp", kToday + 300},         {"org", "hualin"},  {"scope", "lotmark:read"}};
    payload.update(more);
    return token({{"alg", "ES256"}, {"typ", "JWT"}, {"kid", "ec"}}, payload);
  }
  static http::Request bearing(const std::string& authorization) {
    http::Request r = from("203.0.113.7");
    r.headers["authorization"] = authorization;
    return r;
  }
  // PEM of a new certificate with that subject, and its DER's SHA-256.
  static std::pair<std::string, Digest> certificate(const std::string& subject) {
    keys().openssl("req -x509 -days 2 -key ec.pem -subj '" + subject + "' -out c.pem");
    keys().openssl("x509 -in c.pem -outform DER -out c.der");
    return {keys().read("c.pem"), sha256(as_bytes(keys().read("c.der")))};
  }
};

TEST_F(Credentials, ATokenIsSomebody) {
  for (const std::string scheme : {"Bearer ", "bearer ", "BEARER   "}) {
    const Caller c = who(bearing(scheme + good()));
    EXPECT_EQ(c.how, How::kToken);
    EXPECT_EQ(c.id, "token:erp@https://id.example");
    EXPECT_EQ(c.organisation, "hualin");
    EXPECT_EQ(c.roles, RoleSet{AccessRole::kReader});
    EXPECT_EQ(c.address, "203.0.113.7");
  }
}

TEST_F(Credentials, OtherSchemesAreNobodys) {
  for (const char* other : {"Basic dXNlcjpwYXNz", "Lotmark 00ff", "Bearerx y", "Bear", ""})
    EXPECT_EQ(who(bearing(other)).how, How::kNobody) << other;
  EXPECT_EQ(who(bearing(good())).how, How::kNobody);
}

TEST_F(Credentials, ThatDoNotHoldAreRefusedAndNotPassedOver) {
  for (const std::string bad : {"Bearer", "Bearer ", "Bearer x", "Bearer a.b.c"}) {
    http::Request r = bearing(bad);
    r.peer_name = "hualin/erp";
    EXPECT_EQ(callers().identify(r, from_ms(kToday * 1000)).code(), Errc::kDenied) << bad;
  }
  const http::Request r = bearing("Bearer " + good() + ", Bearer " + good());
  EXPECT_FALSE(callers().identify(r, from_ms(kToday * 1000)));
  EXPECT_FALSE(callers().identify(bearing("Bearer " + good()), from_ms((kToday + 361) * 1000)));
}

TEST_F(Credentials, ATokenSaysMoreThanACertificate) {
  http::Request r = bearing("Bearer " + good());
  r.peer_name = "hualin/erp";
  EXPECT_EQ(who(r).roles, RoleSet{AccessRole::kReader});
}

TEST_F(Credentials, ABoundTokenNeedsItsCertificate) {
  const auto [pem, digest] = certificate("/CN=anything");
  const std::string bound = good({{"cnf", {{"x5t#S256", url64(as_text(digest.view()))}}}});
  EXPECT_EQ(callers().identify(bearing("Bearer " + bound), from_ms(kToday * 1000)).code(),
            Errc::kDenied);
  http::Request r = proxied("");
  r.headers["authorization"] = "Bearer " + bound;
  r.headers["x-lotmark-client-certificate"] = http::percent_encode(pem);
  EXPECT_EQ(who(r).how, How::kToken);
  r.headers["x-lotmark-client-certificate"] = http::percent_encode(certificate("/CN=thief").first);
  EXPECT_FALSE(callers().identify(r, from_ms(kToday * 1000)));
  r.remote = "203.0.113.7";
  r.headers["x-lotmark-client-certificate"] = http::percent_encode(pem);
  EXPECT_FALSE(callers().identify(r, from_ms(kToday * 1000)));
}

TEST_F(Credentials, AWholeCertificateGivesNameAndFingerprint) {
  const auto [pem, digest] = certificate("/O=Mei/CN=mei\\/desk");
  const auto read = read_escaped_certificate(http::percent_encode(pem));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->common_name, "mei/desk");
  EXPECT_EQ(read->fingerprint, digest);
  rules_.certificates = {{"", digest, "mei", {AccessRole::kAdmin}}};
  http::Request r = proxied("CN=whatever the name says");
  r.headers["x-lotmark-client-certificate"] = http::percent_encode(pem);
  EXPECT_EQ(who(r).organisation, "mei");
  EXPECT_EQ(who(r).id, "fingerprint:" + to_hex(digest)) << "as its rule names it";
}

TEST_F(Credentials, TwoCertificatesOfOneNameAreTwoCallersWhereFingerprintsNameThem) {
  const auto one = certificate("/CN=mei\\/desk"), other = certificate("/CN=mei\\/desk");
  rules_.certificates = {{"", one.second, "mei", {AccessRole::kAdmin}},
                         {"", other.second, "hualin", {AccessRole::kReader}}};
  http::Request r = proxied("CN=mei/desk");
  r.headers["x-lotmark-client-certificate"] = http::percent_encode(one.first);
  const auto first = who(r);
  r.headers["x-lotmark-client-certificate"] = http::percent_encode(other.first);
  const auto second = who(r);
  EXPECT_EQ(first.organisation, "mei");
  EXPECT_EQ(second.organisation, "hualin");
  EXPECT_NE(first.id, second.id) << "rates, jobs and queries are not shared";
}

TEST_F(Credentials, ACertificateWithTwoNamesHasNone) {
  const auto read = read_escaped_certificate(
      http::percent_encode(certificate("/CN=hualin\\/erp/CN=thief").first));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->common_name, "");
  EXPECT_TRUE(read->fingerprint);
}

TEST_F(Credentials, WhatIsNoCertificateGivesNothing) {
  const std::string pem = http::percent_encode(certificate("/CN=a").first);
  for (const std::string& bad :
       {std::string("x"), std::string("%"), pem.substr(0, pem.size() / 2), std::string(16385, 'a'),
        http::percent_encode(keys().read("ec.pem")),
        http::percent_encode(keys().read("ec.pub.pem"))}) {
    EXPECT_FALSE(read_escaped_certificate(bad)) << bad.substr(0, 40);
    http::Request r = proxied("CN=hualin/erp");
    r.headers["x-lotmark-client-certificate"] = bad;
    const Caller c = who(r);
    EXPECT_TRUE(c.roles.empty()) << "the name beside it is not taken instead";
    EXPECT_EQ(c.how, How::kCertificate);
  }
}

TEST_F(CallersTest, OthersThanTheSitesOwnArePartnersAndRegulatorsAtMost) {
  rules_.organisation = "hualin";
  rules_.certificates.push_back({"mei/all", {}, "mei", RoleSet::all()});
  EXPECT_EQ(who(proxied("CN=hualin/erp")).roles, RoleSet{AccessRole::kCapture});
  EXPECT_EQ(who(proxied("CN=mei/all")).roles,
            (RoleSet{AccessRole::kPartner, AccessRole::kRegulator}));
  EXPECT_EQ(who(proxied("CN=mei/all")).organisation, "mei");
  rules_.organisation = "mei";
  EXPECT_TRUE(who(proxied("CN=hualin/erp")).roles.empty());
  EXPECT_EQ(who(proxied("CN=mei/all")).roles, RoleSet::all());
}

TEST_F(CallersTest, RulesAreLookedAtBeforeTheyAreUsed) {
  const auto code = [&](CallerRules r) { return Callers::make(std::move(r), tokens_).code(); };
  EXPECT_EQ(code(rules_), Errc::kOk);
  const CertificateRule good = rules_.certificates[0];
  const auto with = [&](auto spoil) {
    CallerRules r;
    CertificateRule c = good;
    spoil(c);
    r.certificates = {c};
    return code(r);
  };
  EXPECT_EQ(with([](CertificateRule& c) { c.common_name.clear(); }), Errc::kConfig);
  EXPECT_EQ(with([](CertificateRule& c) { c.fingerprint = Digest{}; }), Errc::kConfig);
  EXPECT_EQ(with([](CertificateRule& c) { c.common_name = std::string(257, 'c'); }), Errc::kConfig);
  EXPECT_EQ(with([](CertificateRule& c) { c.organisation = "Not A Name"; }), Errc::kConfig);
  EXPECT_EQ(with([](CertificateRule& c) { c.roles = {}; }), Errc::kConfig);
  CallerRules r;
  r.certificates = {good, good};
  EXPECT_EQ(code(r), Errc::kConfig);
  r.certificates = {};
  r.proxies = {"localhost"};
  EXPECT_EQ(code(r), Errc::kConfig);
  r.proxies = {};
  r.organisation = "Not A Name";
  EXPECT_EQ(code(r), Errc::kConfig);
  r.organisation.clear();
  r.proxies = std::vector<std::string>(4097, "10.0.0.1");
  EXPECT_EQ(code(r), Errc::kConfig);
}

}  // namespace
}  // namespace lotmark::api::access::test
