// Certificates judged by another program: openssl.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/ca/certificates.h"
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/crypto/p256.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string at(const std::string& file) { return consortium() / ("c/" + file); }

TEST(Certificates, ChainAndPurposeHold) {
  const std::string verify = "openssl verify -x509_strict -CAfile " + at("ca/ca.crt");
  EXPECT_EQ(
      shell(verify + " -purpose sslserver -verify_ip 127.0.0.1 " + at("members/agency-1/tls.crt"))
          .exit,
      0);
  EXPECT_EQ(shell(verify + " -purpose sslclient " + at("members/agency-1/tls.crt")).exit, 0);
  EXPECT_EQ(shell(verify + " -purpose sslclient " + at("devices/fridge-1/tls.crt")).exit, 0);
  EXPECT_EQ(shell(verify + " -purpose sslserver -verify_hostname localhost " +
                  at("brokers/broker-1/tls.crt"))
                .exit,
            0);
  EXPECT_EQ(shell(verify + " -purpose sslserver " + at("apis/api-1/tls.crt")).exit, 0);
}

TEST(Certificates, DeviceIsNoServerAndBrokerNoClient) {
  const std::string verify = "openssl verify -CAfile " + at("ca/ca.crt");
  EXPECT_NE(shell(verify + " -purpose sslserver " + at("devices/fridge-1/tls.crt")).exit, 0);
  EXPECT_NE(shell(verify + " -purpose sslclient " + at("brokers/broker-1/tls.crt")).exit, 0);
}

TEST(Certificates, NameIsOrganisationAndDevice) {
  const Ran said =
      shell("openssl x509 -noout -subject -nameopt RFC2253 -in " + at("devices/fridge-1/tls.crt"));
  EXPECT_THAT(said.out, HasSubstr("CN=hualin/fridge-1"));
}

TEST(Certificates, KeyFitsItsCertificate) {
  const std::string folder = at("members/hualin-node/");
  const std::string compare = "[ \"$(openssl pkey -pubout -in " + folder +
                              "tls.key)\" = \"$(openssl x509 -pubkey -noout -in " + folder +
                              "tls.crt)\" ]";
  EXPECT_EQ(shell(compare).exit, 0);
}

TEST(CaIssue, RequestGetsACertificateForItsOwnKey) {
  const TempDir dir;
  ASSERT_EQ(
      shell("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout " +
            (dir / "k") + " -subj /CN=x -out " + (dir / "csr"))
          .exit,
      0);
  const Ran ran = lotmark({"ca", "issue", "--dir", at(""), "--csr", dir / "csr", "--name",
                           "hualin/fridge-9", "--out", dir / "crt"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(
      shell("openssl verify -purpose sslclient -CAfile " + at("ca/ca.crt") + " " + (dir / "crt"))
          .exit,
      0);
  EXPECT_EQ(shell("[ \"$(openssl pkey -pubout -in " + (dir / "k") +
                  ")\" = \"$(openssl x509 -pubkey -noout -in " + (dir / "crt") + ")\" ]")
                .exit,
            0);
}

TEST(CaIssue, RefusesWhatIsNoP256Request) {
  const TempDir dir;
  ASSERT_EQ(shell("openssl req -new -newkey rsa:2048 -nodes -keyout " + (dir / "k") +
                  " -subj /CN=x -out " + (dir / "csr"))
                .exit,
            0);
  const Ran ran = lotmark({"ca", "issue", "--dir", at(""), "--csr", dir / "csr"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("key-bad"));
}

TEST(CaIssue, RefusesNamesThatTopicsCannotHave) {
  const Scalar scalar = new_scalar();
  const std::string key = to_hex((*signer_openssl(scalar.view()))->public_key());
  for (const char* name :
       {"hualin/#", "hualin/+", "hualin", "hualin/a/b", "Hualin/a", "/a", "hualin/"}) {
    EXPECT_EQ(lotmark({"ca", "issue", "--dir", at(""), "--public-key", key, "--name", name}).exit,
              2)
        << name;
  }
}

TEST(CaIssue, NodeNeedsAHostThatIsOne) {
  const Scalar scalar = new_scalar();
  const std::string key = to_hex((*signer_openssl(scalar.view()))->public_key());
  const std::vector<std::string> base = {"ca", "issue",  "--dir", at(""),   "--public-key",
                                         key,  "--name", "a/n",   "--kind", "node"};
  EXPECT_EQ(lotmark(base).exit, 2);
  auto with = base;
  with.insert(with.end(), {"--host", "n.example"});
  EXPECT_THAT(lotmark(with).out, HasSubstr("BEGIN CERTIFICATE"));
  with.back() = "n.example,DNS:other.example";
  EXPECT_EQ(lotmark(with).exit, 2);
}

}  // namespace
}  // namespace lotmark::cli::test
