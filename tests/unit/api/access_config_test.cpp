// The tables of [access]: what they give, and every fault with its line.
#include <gtest/gtest.h>

#include "api/config.h"
#include "tests/unit/api/api_fixture.h"

namespace lotmark::api {
namespace {

using access::AccessRole;
using access::RoleSet;

class AccessTables : public ::testing::Test {
 protected:
  AccessTables() {
    for (const char* file : {"chain.db", "anchor", "keys.json", "ca.pem", "private.db", "key"})
      dir.write(file, "x");
  }
  Result<ApiConfig> read(const std::string& text) {
    return read_api_config(dir.write("api.toml", least + text));
  }
  std::string faults(const std::string& text) {
    auto c = read(text);
    EXPECT_EQ(c.code(), Errc::kConfig);
    return c ? "" : c.error().text;
  }
  test::TempDir dir;
  const std::string least =  // lines 1 to 4
      "[api]\nchain_db = \"chain.db\"\nanchor = \"anchor\"\norigin = \"https://lot.example\"\n";
  const std::string whole = R"(
[access]
organisation = "hualin"
proxies = ["127.0.0.1", "::1"]
nameless_per_minute = 60
named_per_minute = 1200
body_mib_per_minute = 32
[[access.certificates]]
common_name = "hualin/erp"
organisation = "hualin"
roles = ["capture", "reader"]
[[access.certificates]]
fingerprint = "ABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABABAB"
organisation = "mei"
roles = ["regulator"]
[[access.issuers]]
issuer = "https://id.example"
audience = "https://lot.example"
jwks_url = "https://id.example:8443/keys?x=1"
ca = "ca.pem"
algorithms = ["RS256"]
roles_claim = "roles"
organisation_claim = "tenant"
organisations = ["hualin", "mei"]
roles = ["partner"]
[[access.issuers]]
issuer = "https://own.example"
audience = "https://lot.example"
jwks_file = "keys.json"
)";
};

TEST_F(AccessTables, WithoutThemNobodyHasCredentials) {
  const auto c = read("");
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_FALSE(c->access);
}

TEST_F(AccessTables, AreReadWhole) {
  const auto c = read(whole);
  ASSERT_TRUE(c) << c.error().text;
  const AccessConfig& a = *c->access;
  EXPECT_EQ(a.callers.organisation, "hualin");
  EXPECT_EQ(a.callers.proxies, (std::vector<std::string>{"127.0.0.1", "::1"}));
  ASSERT_EQ(a.callers.certificates.size(), 2u);
  EXPECT_EQ(a.callers.certificates[0].roles, (RoleSet{AccessRole::kCapture, AccessRole::kReader}));
  EXPECT_EQ(a.callers.certificates[1].fingerprint, Digest::from(Bytes(32, 0xab)));
  ASSERT_EQ(a.issuers.size(), 2u);
  EXPECT_EQ(a.issuers[0].url, "https://id.example:8443/keys?x=1");
  EXPECT_EQ(a.issuers[0].ca, dir.path() / "ca.pem");
  EXPECT_EQ(a.issuers[0].rules.algorithms, std::vector{access::TokenAlg::kRs256});
  EXPECT_EQ(a.issuers[0].rules.roles_claim, "roles");
  EXPECT_EQ(a.issuers[0].rules.organisation_claim, "tenant");
  EXPECT_EQ(a.issuers[0].rules.organisations.size(), 2u);
  EXPECT_EQ(a.issuers[0].rules.roles_max, RoleSet{AccessRole::kPartner});
  EXPECT_EQ(a.issuers[1].file, dir.path() / "keys.json");
  EXPECT_EQ(a.issuers[1].rules.roles_claim, "scope");
  EXPECT_EQ(a.issuers[1].rules.roles_max, RoleSet::all());
  const auto rates = a.rates();
  EXPECT_EQ(rates.nobody.per_second, 1);
  EXPECT_EQ(rates.nobody.burst, 6);
  EXPECT_EQ(rates.known.per_second, 20);
  EXPECT_EQ(rates.bodies.burst, 32 * 1024);
}

TEST_F(AccessTables, WhatIsPrintedReadsTheSame) {
  for (const std::string& text : {whole, std::string("[access]\norganisation = \"a\"\n")}) {
    const auto c = read(text);
    ASSERT_TRUE(c) << c.error().text;
    const std::string printed = print_config(*c);
    const auto again = read_api_config(dir.write("again.toml", printed));
    ASSERT_TRUE(again) << again.error().text << "\n" << printed;
    EXPECT_EQ(print_config(*again), printed);
  }
}

TEST_F(AccessTables, EveryRateTheyAllowIsOneTheGateTakes) {
  for (const std::int64_t n : {std::int64_t{1}, std::int64_t{1'000'000}}) {
    AccessConfig a;
    a.nameless_per_minute = a.named_per_minute = n;
    a.body_mib_per_minute = n == 1 ? 16 : 900;
    const access::TokenJudge none;
    EXPECT_TRUE(access::Gate::make(*access::Callers::make({}, none), a.rates()));
    EXPECT_GE(a.rates().bodies.burst, 16 * 1024) << "the largest capture";
  }
}

TEST_F(AccessTables, AllFaultsComeAtOnceWithTheirLines) {
  const std::string f = faults(R"([access]
organisation = "Hua Lin"
proxies = ["localhost"]
nameless_per_minute = 0
colour = 1
[[access.certificates]]
organisation = "hualin"
roles = ["reader", "consumer"]
[[access.certificates]]
common_name = "x"
fingerprint = "12"
organisation = "hualin"
[[access.certificates]]
common_name = "y"
organisation = "UP"
roles = "reader"
[[access.certificates]]
common_name = "y"
organisation = "b"
roles = ["reader"]
[[access.issuers]]
issuer = "https://i"
jwks_url = "http://id.example/keys"
algorithms = ["HS256"]
[[access.issuers]]
issuer = "https://i"
audience = "a"
jwks_file = "keys.json"
jwks_url = "https://i/keys"
organisations = ["a b"]
roles = ["all"]
surprise = true
)");
  for (const char* expected : {":6: access.organisation: must be a name",
                               ":7: access.proxies: localhost is no IP address",
                               ":8: access.nameless_per_minute: must be a number",
                               ":9: access.colour: unknown key",
                               ":10: access.certificates.common_name: a certificate has either",
                               ":12: access.certificates.roles: consumer is none of",
                               ":14: access.certificates.common_name: a certificate has either",
                               ":15: access.certificates.fingerprint: must be a SHA-256",
                               ":13: access.certificates.roles: is missing",
                               ":19: access.certificates.organisation: must be a name",
                               ":20: access.certificates.roles: must be a list of texts",
                               ":22: access.certificates.common_name: has a table already",
                               ":25: access.issuers.audience: is missing",
                               ":27: access.issuers.jwks_url: must be an https",
                               ":28: access.issuers.algorithms: HS256 is none of",
                               ":30: access.issuers.issuer: has a table already",
                               ":32: access.issuers.jwks_file: an issuer has either",
                               ":29: access.issuers.ca: is missing",
                               ":34: access.issuers.organisations: a b is no name",
                               ":35: access.issuers.roles: all is none of",
                               ":36: access.issuers.surprise: unknown key"}) {
    EXPECT_NE(f.find(expected), std::string::npos) << expected << "\nin\n" << f;
  }
}

TEST_F(AccessTables, OtherTypesAreFaults) {
  EXPECT_NE(faults("[[access]]\norganisation = \"a\"\n").find("access: must be a table"),
            std::string::npos);
  EXPECT_NE(faults("[access]\norganisation = \"a\"\ncertificates = 1\n")
                .find(":7: access.certificates: must be tables: [[access.certificates]]"),
            std::string::npos);
  EXPECT_NE(faults("[access]\norganisation = \"a\"\nissuers = [\"x\"]\n").find("must be tables"),
            std::string::npos);
  EXPECT_NE(faults("[access]\norganisation = \"a\"\nproxies = [1]\n").find("a list of texts"),
            std::string::npos);
  EXPECT_NE(faults("[access]\n").find(":5: access.organisation: is missing"), std::string::npos);
}

TEST_F(AccessTables, TablesHaveABound) {
  std::string many = "[access]\norganisation = \"a\"\n";
  for (int i = 0; i < 17; ++i) {
    many += "[[access.issuers]]\nissuer = \"https://" + std::to_string(i) +
            "\"\naudience = \"a\"\njwks_file = \"keys.json\"\n";
  }
  EXPECT_NE(faults(many).find("access.issuers: are 16 at most"), std::string::npos);
}

TEST_F(AccessTables, KeysComeOverPlainHttpFromThisMachineAlone) {
  const std::string head =
      "[access]\norganisation = \"a\"\n[[access.issuers]]\nissuer = \"i\"\naudience = \"a\"\n";
  EXPECT_TRUE(read(head + "jwks_url = \"http://127.0.0.1:9000/keys\"\n"));
  EXPECT_TRUE(read(head + "jwks_url = \"http://localhost/keys\"\n"));
  for (const char* bad : {"http://127.0.0.1.example/keys", "http://localhost@evil.example/",
                          "http://10.0.0.1/", "ftp://127.0.0.1/", "https://", "keys"})
    EXPECT_FALSE(read(head + "jwks_url = \"" + bad + "\"\n")) << bad;
}

TEST_F(AccessTables, EventsAreReadOnlyWhereReadsAreLogged) {
  EXPECT_TRUE(read("[epcis]\nprivate_db = \"private.db\"\n"));
  EXPECT_NE(faults("[epcis]\nprivate_db = \"private.db\"\n[access]\norganisation = \"a\"\n")
                .find(":5: epcis.node: is missing: with [access]"),
            std::string::npos);
}

}  // namespace
}  // namespace lotmark::api
