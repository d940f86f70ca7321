#include "firmware/app/drbg.h"

#include <string.h>

#include <mbedtls/ecp.h>
#include <mbedtls/platform_util.h>

/* What each use is for stands behind its seed, so that no two uses ever draw the same bytes. */
static const char kForDevice[] = "lotmark/device-key/1";
static const char kForBoot[] = "lotmark/boot-random/1";

enum { kBootBytes = 8 };

static int begin(mbedtls_hmac_drbg_context* context, const uint8_t* data, size_t size) {
  return mbedtls_hmac_drbg_seed_buf(context, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), data,
                                    size);
}

int lm_nv_derive(const uint8_t seed[LM_SEED_BYTES], lm_nv_identity* identity) {
  uint8_t input[LM_SEED_BYTES + sizeof kForDevice - 1];
  memcpy(input, seed, LM_SEED_BYTES);
  memcpy(input + LM_SEED_BYTES, kForDevice, sizeof kForDevice - 1);
  mbedtls_hmac_drbg_context drbg;
  mbedtls_ecp_group group;
  mbedtls_mpi key;
  mbedtls_hmac_drbg_init(&drbg);
  mbedtls_ecp_group_init(&group);
  mbedtls_mpi_init(&key);
  int failed = begin(&drbg, input, sizeof input);
  if (failed == 0) failed = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1);
  if (failed == 0) failed = mbedtls_ecp_gen_privkey(&group, &key, mbedtls_hmac_drbg_random, &drbg);
  if (failed == 0) failed = mbedtls_mpi_write_binary(&key, identity->key, LM_KEY_BYTES);
  if (failed == 0) failed = mbedtls_hmac_drbg_random(&drbg, identity->secret, LM_SECRET_BYTES);
  mbedtls_mpi_free(&key);
  mbedtls_ecp_group_free(&group);
  mbedtls_hmac_drbg_free(&drbg);
  mbedtls_platform_zeroize(input, sizeof input);
  return failed;
}

int lm_drbg_seed(lm_drbg* d, const uint8_t secret[LM_SECRET_BYTES], uint64_t boot) {
  uint8_t input[LM_SECRET_BYTES + kBootBytes + sizeof kForBoot - 1];
  memcpy(input, secret, LM_SECRET_BYTES);
  for (unsigned i = 0; i < kBootBytes; i++) {
    input[LM_SECRET_BYTES + i] = (uint8_t)(boot >> (8u * i));
  }
  memcpy(input + LM_SECRET_BYTES + kBootBytes, kForBoot, sizeof kForBoot - 1);
  mbedtls_hmac_drbg_init(&d->context);
  int failed = begin(&d->context, input, sizeof input);
  d->seeded = failed == 0;
  mbedtls_platform_zeroize(input, sizeof input);
  return failed;
}

int lm_drbg_random(lm_drbg* d, uint8_t* data, size_t size) {
  if (!d->seeded) return 1;
  while (size != 0) {
    size_t part = size < MBEDTLS_HMAC_DRBG_MAX_REQUEST ? size : MBEDTLS_HMAC_DRBG_MAX_REQUEST;
    int failed = mbedtls_hmac_drbg_random(&d->context, data, part);
    if (failed != 0) return failed;
    data += part;
    size -= part;
  }
  return 0;
}

void lm_drbg_free(lm_drbg* d) {
  mbedtls_hmac_drbg_free(&d->context);
  d->seeded = false;
}
