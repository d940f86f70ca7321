#include "firmware/app/crypto_mbedtls.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/sha256.h>
#include <string.h>

enum { kKeyBytes = 32 };

static int rng(void* ctx, unsigned char* out, size_t size) {
  const lm_hal* hal = (const lm_hal*)ctx;
  return hal->random(hal->ctx, out, size) == 0 ? 0 : MBEDTLS_ERR_ECP_RANDOM_FAILED;
}

static int sha256(void* ctx, const lm_span* parts, size_t count, uint8_t out[LM_DIGEST_BYTES]) {
  (void)ctx;
  mbedtls_sha256_context hash;
  mbedtls_sha256_init(&hash);
  int failed = mbedtls_sha256_starts_ret(&hash, 0);
  for (size_t i = 0; i < count && failed == 0; i++) {
    if (parts[i].size != 0) {
      failed = mbedtls_sha256_update_ret(&hash, parts[i].data, parts[i].size);
    }
  }
  if (failed == 0) failed = mbedtls_sha256_finish_ret(&hash, out);
  mbedtls_sha256_free(&hash);
  return failed;
}

static int sign(void* ctx, const uint8_t digest[LM_DIGEST_BYTES], uint8_t out[LM_SIGNATURE_BYTES]) {
  lm_signer* s = (lm_signer*)ctx;
  mbedtls_mpi r;
  mbedtls_mpi t;
  mbedtls_mpi_init(&r);
  mbedtls_mpi_init(&t);
  int failed = mbedtls_ecdsa_sign_det_ext(&s->group, &r, &t, &s->key, digest, LM_DIGEST_BYTES,
                                          MBEDTLS_MD_SHA256, rng, (void*)s->hal);
  if (failed == 0) failed = mbedtls_mpi_write_binary(&r, out, kKeyBytes);
  if (failed == 0) failed = mbedtls_mpi_write_binary(&t, out + kKeyBytes, kKeyBytes);
  mbedtls_mpi_free(&t);
  mbedtls_mpi_free(&r);
  return failed;
}

/* kid: first 16 bytes of SHA-256 over the SubjectPublicKeyInfo, whose head is the same for every
 * P-256 point. */
static int work_out_kid(lm_signer* s) {
  static const uint8_t kSpkiHead[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
  const lm_span parts[] = {{kSpkiHead, sizeof kSpkiHead}, {s->public_key, sizeof s->public_key}};
  uint8_t digest[LM_DIGEST_BYTES];
  int failed = sha256(NULL, parts, 2, digest);
  if (failed == 0) memcpy(s->kid, digest, sizeof s->kid);
  return failed;
}

int lm_signer_init(lm_signer* s, const uint8_t key[32], const lm_hal* hal) {
  s->hal = hal;
  mbedtls_ecp_group_init(&s->group);
  mbedtls_mpi_init(&s->key);
  mbedtls_ecp_point point;
  mbedtls_ecp_point_init(&point);
  size_t written = 0;
  int failed = mbedtls_ecp_group_load(&s->group, MBEDTLS_ECP_DP_SECP256R1);
  if (failed == 0) failed = mbedtls_mpi_read_binary(&s->key, key, kKeyBytes);
  if (failed == 0) failed = mbedtls_ecp_check_privkey(&s->group, &s->key);
  if (failed == 0) {
    failed = mbedtls_ecp_mul(&s->group, &point, &s->key, &s->group.G, rng, (void*)hal);
  }
  if (failed == 0) {
    failed = mbedtls_ecp_point_write_binary(&s->group, &point, MBEDTLS_ECP_PF_UNCOMPRESSED,
                                            &written, s->public_key, sizeof s->public_key);
  }
  mbedtls_ecp_point_free(&point);
  if (failed == 0 && written != sizeof s->public_key) failed = MBEDTLS_ERR_ECP_INVALID_KEY;
  return failed != 0 ? failed : work_out_kid(s);
}

void lm_signer_free(lm_signer* s) {
  mbedtls_mpi_free(&s->key); /* wipes */
  mbedtls_ecp_group_free(&s->group);
}

lm_crypto lm_signer_crypto(lm_signer* s) {
  return (lm_crypto){.ctx = s, .sha256 = sha256, .sign = sign};
}

/* Blinds a key that everybody knows. */
static int counting(void* ctx, uint8_t* data, size_t size) {
  (void)ctx;
  for (size_t i = 0; i < size; i++) data[i] = (uint8_t)(i + 1);
  return 0;
}

int lm_signer_known_answer(void) {
  static const uint8_t kKey[] = {0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21,
                                 0x57, 0x67, 0xb1, 0xd6, 0x93, 0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8,
                                 0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21};
  static const uint8_t kSignature[LM_SIGNATURE_BYTES] = {
      0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40, 0xdd, 0x9c, 0xd4,
      0x5e, 0x81, 0xd6, 0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3, 0x4d,
      0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16, 0xf7, 0xcb, 0x1c, 0x94, 0x2d, 0x65, 0x7c,
      0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65, 0xf3, 0xe9, 0x00, 0xdb,
      0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8};
  static const uint8_t kMessage[] = {'s', 'a', 'm', 'p', 'l', 'e'};
  const lm_hal hal = {.random = counting};
  const lm_span message = {kMessage, sizeof kMessage};
  uint8_t digest[LM_DIGEST_BYTES];
  uint8_t signature[LM_SIGNATURE_BYTES];
  lm_signer s = {.hal = &hal};
  mbedtls_ecp_group_init(&s.group);
  mbedtls_mpi_init(&s.key);
  int failed = mbedtls_ecp_group_load(&s.group, MBEDTLS_ECP_DP_SECP256R1);
  if (failed == 0) failed = mbedtls_mpi_read_binary(&s.key, kKey, sizeof kKey);
  if (failed == 0) failed = sha256(NULL, &message, 1, digest);
  if (failed == 0) failed = sign(&s, digest, signature);
  lm_signer_free(&s);
  if (failed != 0) return failed;
  return memcmp(signature, kSignature, sizeof signature) == 0 ? 0 : 1;
}
