/* HMAC-DRBG (NIST SP 800-90A) with SHA-256, for boards without a random generator of their own. */
#pragma once

#include <mbedtls/hmac_drbg.h>

#include "firmware/app/nv.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lm_drbg {
  mbedtls_hmac_drbg_context context;
  bool seeded;
} lm_drbg;

/* Takes the page's secret and a boot count that no power-up before had, so that no bytes come twice.
 * Returns 0 when done. The secret stays in the page: who reads it can work out what was drawn and
 * what will be. lm_drbg_free is due either way. */
int lm_drbg_seed(lm_drbg* d, const uint8_t secret[LM_SECRET_BYTES], uint64_t boot);
/* Returns 0 when done; not before it was seeded. */
int lm_drbg_random(lm_drbg* d, uint8_t* data, size_t size);
void lm_drbg_free(lm_drbg* d);

#ifdef __cplusplus
}
#endif
