// Random bytes for boards that have none, and the known answer each board asks for.
#include "firmware/app/drbg.h"

#include <gtest/gtest.h>

#include <set>

#include "firmware/app/crypto_mbedtls.h"
#include "tests/unit/firmware/fake_hal.h"

namespace lotmark::test {
namespace {

TEST(Drbg, NeverTheSameBytesAndNoneBeforeItsSeed) {
  const std::uint8_t secret[LM_SECRET_BYTES] = {1};
  std::set<Bytes> drawn;
  for (std::uint64_t boot : {1ull, 2ull, 256ull, 1ull << 40}) {
    lm_drbg d{};
    Bytes bytes(3000);
    EXPECT_NE(lm_drbg_random(&d, bytes.data(), 16), 0);
    ASSERT_EQ(lm_drbg_seed(&d, secret, boot), 0);
    for (int i = 0; i < 3; i++) {
      ASSERT_EQ(lm_drbg_random(&d, bytes.data(), bytes.size()), 0);
      for (auto at = bytes.begin(); bytes.end() - at >= 16; at += 16) drawn.emplace(at, at + 16);
    }
    lm_drbg_free(&d);
  }
  EXPECT_EQ(drawn.size(), 4u * 3u * (3000 / 16));
}

TEST(Signer, KnownAnswerOfRfc6979) { EXPECT_EQ(lm_signer_known_answer(), 0); }

}  // namespace
}  // namespace lotmark::test
