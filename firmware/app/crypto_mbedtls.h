/* ES256 and SHA-256 by mbedTLS 2.28, behind the callbacks of core/embedded/cose.h.
 *
 * Signatures are deterministic (RFC 6979): a weak random generator cannot leak the key. The
 * generator only blinds against power analysis. Our code takes no heap; mbedTLS takes its big
 * numbers from the allocator it was built with (on a board: MBEDTLS_MEMORY_BUFFER_ALLOC_C over a
 * static buffer).
 */
#pragma once

#include <mbedtls/ecp.h>

#include "core/embedded/cose.h"
#include "firmware/hal/hal.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LM_PUBLIC_KEY_BYTES 65u

typedef struct lm_signer {
  const lm_hal* hal; /* for its random bytes; outlives the signer */
  mbedtls_ecp_group group;
  mbedtls_mpi key;
  uint8_t public_key[LM_PUBLIC_KEY_BYTES]; /* uncompressed point */
  uint8_t kid[LM_KID_BYTES];
} lm_signer;

/* Takes a copy of the scalar (32 bytes, big-endian) and works out point and kid. Returns 0;
 * otherwise the scalar is no P-256 key or mbedTLS failed. lm_signer_free is due either way. */
int lm_signer_init(lm_signer* s, const uint8_t key[32], const lm_hal* hal);
/* Wipes the key. */
void lm_signer_free(lm_signer* s);

/* Callbacks over the signer, which outlives them. */
lm_crypto lm_signer_crypto(lm_signer* s);

/* Signs the message of RFC 6979, A.2.5 and compares: 0 if key, hash and curve of this build make the
 * signature that stands there. For boards to ask at power-up. */
int lm_signer_known_answer(void);

#ifdef __cplusplus
}
#endif
