// The COSE working group's own example of these algorithms: ecdh-wrap-examples/p256-wrap-256-02.json of
// cose-wg/Examples 53c9d63 (public domain), ECDH-ES + A256KW around a key of A256GCM. Its kid is a text, so the recipient
// stands here in our form, with the kid of its key.
#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "core/sealed/ciphers.h"
#include "core/sealed/recipient.h"
#include "tests/unit/sealed/sealed_vectors.h"

namespace lotmark::sealed {
namespace {

using test::must;

constexpr std::string_view kReaderScalar =
    "aff907c99f9ad3aae6c4cdf21122bce2bd68b5283e6907154ad911840fa208cf";
constexpr std::string_view kReaderX =
    "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d";
constexpr std::string_view kEphemeralX =
    "687312aa4e2112cb2a06721f984788d3d1e235f64f48cebbc81cb19e11d3f8e1";
constexpr std::string_view kEphemeralY =
    "c31c514ccb8af91800dd519ada41cf6b03ecdfb212fdb34d371d536c7419acc4";
constexpr std::string_view kSecret =
    "f96ce131792f76977ff6f437ee823ef344ca00cb0a72fcffd90c7afb50c1aa7d";
constexpr std::string_view kContext = "842483f6f6f683f6f6f68219010044a101381e";
constexpr std::string_view kKek =
    "9252efa4a271f4fc41eae57eccff748e8c83a6264ff519c782233ef895712291";
constexpr std::string_view kWrapped =
    "9f7ff60d7189124425a470e48ff66a00b6e3d013b07c2428f2c29ecb6e605dbbadc3ea91ab671e59";
constexpr std::string_view kContentKey =
    "b2353161740aacf1f7163647984b522a848df1c3c9cf4df2fe6c632bf7886413";
constexpr std::string_view kIv = "02d1f7e6f26c43d4868d87ce";
constexpr std::string_view kAad = "8367456e637279707443a1010340";
constexpr std::string_view kCiphertext =
    "256b748deb647131c12a10ac261da0628e420492a36f3ded8642b4b6fa1eb15dcec80a0f";

Bytes bytes_of(std::string_view hex) { return from_hex(hex).value(); }

OpeningKey reader() { return must(OpeningKey::from(test::scalar_from(bytes_of(kReaderScalar)))); }

PublicKey ephemeral() {
  return *PublicKey::from(bytes_of("04" + std::string(kEphemeralX) + std::string(kEphemeralY)));
}

TEST(CoseWorkingGroup, SecretAndKeyEncryptionKeyAreTheExamples) {
  EXPECT_EQ(to_hex(reader().public_key()).substr(2, 64), kReaderX);
  const auto secret = must(reader().agree(ephemeral()));
  EXPECT_EQ(to_hex(secret.view()), kSecret);
  EXPECT_EQ(to_hex(hkdf(secret, bytes_of(kContext)).view()), kKek);
}

TEST(CoseWorkingGroup, RecipientUnwrapsToTheExamplesContentKey) {
  const std::string recipient = "8344a101381ea20450" + to_hex(reader().kid()) +
                                "20a401022001215820" + std::string(kEphemeralX) + "225820" +
                                std::string(kEphemeralY) + "5828" + std::string(kWrapped);
  EXPECT_EQ(to_hex(must(unwrap(bytes_of(recipient), reader())).view()), kContentKey);
}

TEST(CoseWorkingGroup, WrappingIsTheExamples) {
  const auto kek = test::scalar_from(bytes_of(kKek));
  const auto key = ContentKey::from(bytes_of(kContentKey));
  EXPECT_EQ(to_hex(key_wrap(kek, *key)), kWrapped);
}

TEST(CoseWorkingGroup, ContentIsEncryptedAndDecryptedAsTheExample) {
  const auto key = ContentKey::from(bytes_of(kContentKey));
  const auto plain = must(gcm_decrypt(*key, bytes_of(kIv), bytes_of(kAad), bytes_of(kCiphertext)));
  EXPECT_EQ(as_text(plain), "This is the content.");
  EXPECT_EQ(to_hex(gcm_encrypt(*key, bytes_of(kIv), bytes_of(kAad), plain)), kCiphertext);
}

}  // namespace
}  // namespace lotmark::sealed
