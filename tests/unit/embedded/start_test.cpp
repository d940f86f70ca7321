// The start signal against the contract's vector: payload, protected header, id, signature, whole
// object.
#include "core/embedded/start.h"

#include <gtest/gtest.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "firmware/app/crypto_mbedtls.h"
#include "tests/unit/contract_vectors.h"

namespace {

using lotmark::Bytes;
using lotmark::test::contract;
using lotmark::test::hex;
using nlohmann::json;

// The one entry of `list` whose `key` is `value`.
json entry(const json& list, const char* key, const std::string& value) {
  for (const auto& e : list) {
    if (e.at(key) == value) return e;
  }
  throw std::runtime_error("no vector " + value);
}

int counting_random(void*, std::uint8_t* out, std::size_t size) {
  static std::uint8_t next = 1;
  for (std::size_t i = 0; i < size; i++) out[i] = next++;
  return 0;
}

// A key of the vectors behind mbedTLS.
class Key {
 public:
  explicit Key(const json& key) {
    hal_.random = counting_random;
    failed = lm_signer_init(&signer, hex(key["scalar"]).data(), &hal_);
  }
  ~Key() { lm_signer_free(&signer); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  lm_signer signer{};
  int failed = 0;

 private:
  lm_hal hal_{};
};

Bytes bytes(const std::uint8_t* data, std::size_t size) { return {data, data + size}; }

class StartVector : public testing::Test {
 protected:
  const json file = contract("cose.json");
  const json object = entry(file["objects"], "name", "start");
  const Bytes kid = hex(object["kid"]);
  const Bytes chain = hex(object["chain"]);
  const Bytes nonce = hex("f727a08936c7ee393f24a3e25c2503bb");
  const std::string machine = "filler-3";

  lm_start start() const {
    return {kid.data(), machine.data(), machine.size(), 7, nonce.data(), nullptr};
  }
};

TEST_F(StartVector, PayloadIsReproduced) {
  Bytes out(LM_START_PAYLOAD_BYTES_MAX);
  lm_cbor w;
  lm_cbor_init(&w, out.data(), out.size());
  const lm_start s = start();
  lm_start_payload(&w, &s);
  ASSERT_TRUE(lm_cbor_ok(&w));
  out.resize(w.len);
  EXPECT_EQ(out, hex(object["payload"]));
}

TEST_F(StartVector, ProtectedHeaderIsReproduced) {
  Bytes out(LM_PROTECTED_BYTES_MAX);
  lm_cbor w;
  lm_cbor_init(&w, out.data(), out.size());
  const lm_cose_header header{kid.data(), chain.data(), "start", nullptr};
  lm_cose_protected(&w, &header);
  ASSERT_TRUE(lm_cbor_ok(&w));
  out.resize(w.len);
  EXPECT_EQ(out, hex(object["protected"]));
}

TEST_F(StartVector, WholeObjectAndIdAreReproduced) {
  Key key(entry(file["keys"], "kid", object["kid"].get<std::string>()));
  ASSERT_EQ(key.failed, 0);
  const lm_crypto crypto = lm_signer_crypto(&key.signer);
  Bytes out(LM_START_BYTES_MAX);
  std::uint8_t id[LM_DIGEST_BYTES];
  lm_cbor w;
  lm_cbor_init(&w, out.data(), out.size());
  const lm_start s = start();
  ASSERT_EQ(lm_start_sign(&w, chain.data(), &s, &crypto, id), 0);
  out.resize(w.len);
  EXPECT_EQ(bytes(id, sizeof id), hex(object["id"]));
  EXPECT_EQ(out, hex(entry(file["accept"], "name", "start")["hex"]));
}

TEST_F(StartVector, IdIsTheDigestOfTheSigStructure) {
  Key key(entry(file["keys"], "kid", object["kid"].get<std::string>()));
  const lm_crypto crypto = lm_signer_crypto(&key.signer);
  const Bytes whole = hex(object["sig_structure"]);
  const lm_span part{whole.data(), whole.size()};
  std::uint8_t id[LM_DIGEST_BYTES];
  ASSERT_EQ(crypto.sha256(crypto.ctx, &part, 1, id), 0);
  EXPECT_EQ(bytes(id, sizeof id), hex(object["id"]));
}

TEST_F(StartVector, PublicKeysAndKidsAreReproduced) {
  for (const auto& k : file["keys"]) {
    Key key(k);
    ASSERT_EQ(key.failed, 0) << k["label"];
    EXPECT_EQ(bytes(key.signer.public_key, LM_PUBLIC_KEY_BYTES), hex(k["public_key"]));
    EXPECT_EQ(bytes(key.signer.kid, LM_KID_BYTES), hex(k["kid"]));
  }
}

TEST_F(StartVector, SignatureIsThatOfRfc6979) {
  const json& v = file["rfc6979"];
  Key key(entry(file["keys"], "label", v["label"].get<std::string>()));
  const lm_crypto crypto = lm_signer_crypto(&key.signer);
  for (int i = 0; i < 2; i++) {  // the blinding differs, the signature does not
    std::uint8_t signature[LM_SIGNATURE_BYTES];
    ASSERT_EQ(crypto.sign(crypto.ctx, hex(v["digest"]).data(), signature), 0);
    EXPECT_EQ(bytes(signature, sizeof signature), hex(v["signature"]));
  }
}

TEST_F(StartVector, LongestObjectJustFits) {
  Key key(file["keys"][0]);
  const lm_crypto crypto = lm_signer_crypto(&key.signer);
  const std::string longest(LM_MACHINE_BYTES_MAX, 'm');
  lm_checkpoint anchor{(std::uint64_t{1} << 53) - 1, {}};
  lm_start s = start();
  s.machine = longest.data();
  s.machine_size = longest.size();
  s.boot = anchor.size;
  s.anchor = &anchor;
  std::uint8_t id[LM_DIGEST_BYTES];
  for (std::size_t cap = 0; cap <= LM_START_BYTES_MAX; cap++) {
    Bytes out(LM_START_BYTES_MAX + 8, 0xee);
    lm_cbor w;
    lm_cbor_init(&w, out.data(), cap);
    if (cap % 16 != 0 && cap < LM_START_BYTES_MAX - 3) continue;
    EXPECT_EQ(lm_start_sign(&w, chain.data(), &s, &crypto, id), cap == LM_START_BYTES_MAX ? 0 : 1);
    for (std::size_t i = cap; i < out.size(); i++) ASSERT_EQ(out[i], 0xee) << cap;
  }
}

TEST_F(StartVector, AnchorIsSizeAndRoot) {
  lm_checkpoint anchor{5, {}};
  std::memset(anchor.root, 0xab, sizeof anchor.root);
  lm_start s = start();
  s.anchor = &anchor;
  Bytes out(LM_START_PAYLOAD_BYTES_MAX);
  lm_cbor w;
  lm_cbor_init(&w, out.data(), out.size());
  lm_start_payload(&w, &s);
  ASSERT_TRUE(lm_cbor_ok(&w));
  out.resize(w.len);
  Bytes expected = hex(object["payload"]);
  expected.pop_back();  // null
  for (int b : {0x82, 0x05, 0x58, 0x20}) expected.push_back(static_cast<std::uint8_t>(b));
  expected.insert(expected.end(), 32, 0xab);
  EXPECT_EQ(out, expected);
}

TEST_F(StartVector, FieldsOutOfRangeAreRefused) {
  Key key(file["keys"][0]);
  const lm_crypto crypto = lm_signer_crypto(&key.signer);
  const auto result = [&](const lm_start& s) {
    std::uint8_t out[LM_START_BYTES_MAX + 100];
    std::uint8_t id[LM_DIGEST_BYTES];
    lm_cbor w;
    lm_cbor_init(&w, out, sizeof out);
    return lm_start_sign(&w, chain.data(), &s, &crypto, id);
  };
  lm_start empty = start();
  empty.machine_size = 0;
  EXPECT_EQ(result(empty), 1);
  const std::string too_long(LM_MACHINE_BYTES_MAX + 1, 'm');
  lm_start longer = start();
  longer.machine = too_long.data();
  longer.machine_size = too_long.size();
  EXPECT_EQ(result(longer), 1);
  lm_start boot = start();
  boot.boot = std::uint64_t{1} << 53;
  EXPECT_EQ(result(boot), 1);
  lm_checkpoint none{0, {}};
  lm_start anchor = start();
  anchor.anchor = &none;
  EXPECT_EQ(result(anchor), 1);
}

TEST_F(StartVector, FailingCryptoIsReported) {
  const lm_crypto crypto{nullptr,
                         [](void*, const lm_span*, std::size_t, std::uint8_t*) { return 0; },
                         [](void*, const std::uint8_t*, std::uint8_t*) { return -1; }};
  std::uint8_t out[LM_START_BYTES_MAX];
  std::uint8_t id[LM_DIGEST_BYTES];
  lm_cbor w;
  lm_cbor_init(&w, out, sizeof out);
  const lm_start s = start();
  EXPECT_EQ(lm_start_sign(&w, chain.data(), &s, &crypto, id), 2);
  EXPECT_EQ(w.len, 0u);
}

TEST(Machine, NamesThatAreText) {
  const auto ok = [](const std::string& s) { return lm_machine_ok(s.data(), s.size()); };
  for (const char* good : {"a", "filler-3", "Abfüller 2", "灌装机3", "\xf0\x9f\x98\x80",
                           "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xc2\xa0"}) {
    EXPECT_TRUE(ok(good)) << good;
  }
  for (const char* bad : {"", "a\n", "\x7f", "\xc2\x85", "\x80", "\xc3", "\xc0\x80", "\xc1\xbf",
                          "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "a\xe2\x82", "\xe2\x28\xa1"}) {
    EXPECT_FALSE(ok(bad)) << bad;
  }
  EXPECT_FALSE(ok(std::string(1, '\0')));
  EXPECT_TRUE(ok(std::string(64, 'm')));
  EXPECT_FALSE(ok(std::string(65, 'm')));
}

}  // namespace
