#include <gtest/gtest.h>

#include "core/crypto/sha256.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/vote.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark {
namespace {

using test::fixed;
using test::hex;

class ContractCose : public testing::Test {
 protected:
  nlohmann::json v = test::contract("cose.json");
  std::map<std::string, std::unique_ptr<Signer>> signers;
  std::map<KeyId, std::string> label_of;
  void SetUp() override {
    for (const auto& k : v["keys"]) {
      auto s = signer_mbedtls(hex(k["scalar"]));
      ASSERT_TRUE(s);
      label_of[(*s)->kid()] = k["label"];
      signers[k["label"]] = std::move(*s);
    }
  }
};

TEST_F(ContractCose, KeysGiveTheirPointSpkiAndKid) {
  for (const auto& k : v["keys"]) {
    auto openssl = signer_openssl(hex(k["scalar"]));
    ASSERT_TRUE(openssl);
    for (const Signer* s : {signers[k["label"]].get(), openssl->get()}) {
      EXPECT_EQ(to_hex(s->public_key()), k["public_key"]);
      EXPECT_EQ(to_hex(s->kid()), k["kid"]);
    }
    EXPECT_EQ(to_hex(to_spki((*openssl)->public_key())), k["spki"]);
  }
}

TEST_F(ContractCose, ObjectsHaveTheirIds) {
  auto all = v["objects"];
  for (const auto& n : v["nested"]) all.push_back(n);
  for (const auto& o : all) {
    Sign1 s;
    const Bytes prot = hex(o["protected"]);
    s.protected_header = prot;
    const Bytes payload = o["payload"].is_null() ? Bytes() : hex(o["payload"]);
    EXPECT_EQ(to_hex(sha256(hex(o["sig_structure"]))), o["id"]) << o["name"];
    if (!payload.empty()) {
      EXPECT_EQ(to_hex(s.id(payload)), o["id"]) << o["name"];
    }
  }
}

TEST_F(ContractCose, OurSealGivesTheSameIdForEachObject) {
  auto all = v["objects"];
  for (const auto& n : v["nested"]) all.push_back(n);
  for (const auto& o : all) {
    if (o["type"] == "vote") continue;
    const auto kid = fixed<KeyId>(o["kid"]);
    std::optional<Digest> chain;
    if (!o["chain"].is_null()) chain = fixed<Digest>(o["chain"]);
    const Signer& signer = *signers[label_of[kid]];
    auto sealed = seal_payload(o["type"].get<std::string>().c_str(), hex(o["payload"]), signer,
                               chain ? &*chain : nullptr);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(to_hex(sealed->id), o["id"]) << o["name"];
  }
}

template <class T>
void round_trip(const nlohmann::json& o) {
  const Bytes payload = hex(o["payload"]);
  const auto kid = fixed<KeyId>(o["kid"]);
  auto body = decode<T>(payload, &kid);
  ASSERT_TRUE(body) << o["name"] << ": " << body.error().message();
  EXPECT_EQ(to_hex(encode(*body)), o["payload"]) << o["name"];
}

TEST_F(ContractCose, PayloadsDecodeAndEncodeToTheSameBytes) {
  auto all = v["objects"];
  for (const auto& n : v["nested"]) all.push_back(n);
  std::map<std::string, void (*)(const nlohmann::json&)> by_type = {
      {"start", round_trip<Start>},     {"arrival", round_trip<Arrival>},
      {"bundle", round_trip<Bundle>},   {"ack", round_trip<Ack>},
      {"opening", round_trip<Opening>}, {"application", round_trip<Application>},
      {"report", round_trip<Report>},   {"record", round_trip<Record>},
      {"head", round_trip<Head>},       {"release", round_trip<Release>},
      {"block", round_trip<Block>}};
  std::size_t done = 0;
  for (const auto& o : all) {
    if (o["type"] == "vote") continue;
    ASSERT_TRUE(by_type.contains(o["type"])) << o["type"];
    by_type[o["type"]](o);
    ++done;
  }
  EXPECT_EQ(done, all.size() - 1);
}

TEST_F(ContractCose, RefusesEachBadObjectWithItsNumber) {
  for (const auto& c : v["refuse"]) {
    ASSERT_EQ(c["type"], "start");
    const auto chain = fixed<Digest>(c["chain"]);
    auto opened = open<Start>(hex(c["hex"]), chain);
    Errc got = opened.code();
    if (opened) {  // up to its payload it is right: the signature must be what is wrong
      got = opened->verified_by(signers[label_of[opened->kid]]->public_key())
                ? Errc::kOk
                : Errc::kCoseSignature;
    }
    EXPECT_EQ(name(got), c["error"].get<std::string>()) << c["name"];
    EXPECT_EQ(static_cast<int>(got), c["errc"].get<int>()) << c["name"];
  }
}

TEST_F(ContractCose, AcceptsLowAndHighSWithTheSameId) {
  const auto chain = fixed<Digest>(v["objects"][0]["chain"]);
  for (const auto& c : v["accept"]) {
    auto opened = open<Start>(hex(c["hex"]), chain);
    ASSERT_TRUE(opened) << c["name"];
    EXPECT_TRUE(opened->verified_by(signers[label_of[opened->kid]]->public_key())) << c["name"];
    EXPECT_EQ(to_hex(opened->id), c["id"]);
  }
}

TEST_F(ContractCose, MbedtlsSignsAsRfc6979Says) {
  const auto& r = v["rfc6979"];
  auto s = signers[r["label"]]->sign(fixed<Digest>(r["digest"]));
  ASSERT_TRUE(s);
  EXPECT_EQ(to_hex(*s), r["signature"]);
}

TEST(Verifier, RefusesAPointOffTheCurveAndZeroSignatures) {
  PublicKey key;
  key.bytes[0] = 4;
  key.bytes[33] = 7;
  EXPECT_EQ(Verifier::from(key).code(), Errc::kKeyBad);
  auto scalar = Bytes(32, 1);
  auto s = signer_openssl(scalar);
  ASSERT_TRUE(s);
  EXPECT_FALSE(verify_once((*s)->public_key(), Digest{}, Signature{}));
}

}  // namespace
}  // namespace lotmark
