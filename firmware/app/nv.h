/* The non-volatile page: who the device is, which chain it signs for, how often it was powered up.
 *
 *   offset  bytes  block
 *        0    140  identity: "LMNV", version 2, size of machine, interval (2), private key (32), secret of
 *                  the random generator (32), machine (64, rest 0), CRC-32
 *      160    140  the same again; or, on a page that no device ran on yet, the factory's seed in
 *                  its place: "LMSD", version 2, size of machine, interval (2), seed (48), machine (64, rest
 *                  0), CRC-32
 *      320     40  chain: "LMCH", chain (32), CRC-32. By the factory tool or, once, at enrolment
 *      384     40  the same again
 *      448     16  boot slot A: "LMB0", count (8), CRC-32
 *      480     16  boot slot B: as A
 *
 * Numbers are little-endian. Each CRC-32 covers its block from the magic on. A block that does not
 * check out counts as not there. Gaps are 0. Blocks start at multiples of 32 so that an EEPROM's
 * page write never straddles two boot slots.
 *
 * A board without a random generator gets a seed instead of a key: the device derives key and secret
 * from it, always the same, writes the identity into the first place, reads it back, and only then
 * over the seed. Cut off anywhere it begins again, and once it is through the seed is gone.
 *
 * The boot count goes to the slot that does not hold the newest count and is read back before it is
 * used. Cut off anywhere, the write leaves the old count or the new one, and no number is ever used
 * twice.
 */
#pragma once

#include "core/embedded/start.h"
#include "firmware/hal/hal.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LM_NV_PAGE_BYTES 512u
#define LM_KEY_BYTES 32u
#define LM_SECRET_BYTES 32u
#define LM_SEED_BYTES 48u /* what HMAC-DRBG with SHA-256 takes as entropy and nonce */

typedef struct lm_nv_identity {
  uint8_t key[LM_KEY_BYTES];       /* P-256 scalar, big-endian; the holder wipes it */
  uint8_t secret[LM_SECRET_BYTES]; /* keys the random generator of a board that has none */
  char machine[LM_MACHINE_BYTES_MAX];
  size_t machine_size; /* bytes */
  uint16_t interval_s; /* of a sensor node, between two readings; 0: the program's own */
} lm_nv_identity;

typedef enum lm_nv_result {
  kLmNvOk = 0,
  kLmNvIo = 1,      /* the page could not be read or written */
  kLmNvMissing = 2, /* the block is not there, or torn, or of another version */
  kLmNvFull = 3     /* the boot count cannot grow (2^53 - 1) */
} lm_nv_result;

/* A factory-fresh page: identity, boot count 0, and the chain unless `chain` is NULL
 * (LM_DIGEST_BYTES). False if the machine is not lm_machine_ok. */
bool lm_nv_make_page(const lm_nv_identity* identity, const uint8_t* chain,
                     uint8_t page[LM_NV_PAGE_BYTES]);

/* The same with a seed in place of key and secret (`key` and `secret` of `identity` are not read). */
bool lm_nv_make_seed_page(const lm_nv_identity* identity, const uint8_t seed[LM_SEED_BYTES],
                          const uint8_t* chain, uint8_t page[LM_NV_PAGE_BYTES]);
/* Key and secret that a device derives from its seed, by HMAC-DRBG. Returns 0 when done. */
int lm_nv_derive(const uint8_t seed[LM_SEED_BYTES], lm_nv_identity* identity);

/* The identity; before it is given out both places hold it, and no seed is left. */
lm_nv_result lm_nv_read_identity(const lm_hal* hal, lm_nv_identity* identity);
lm_nv_result lm_nv_read_chain(const lm_hal* hal, uint8_t chain[LM_DIGEST_BYTES]);
/* Returns after reading back what it wrote. Torn, it leaves no chain, and enrolment is repeated. */
lm_nv_result lm_nv_write_chain(const lm_hal* hal, const uint8_t chain[LM_DIGEST_BYTES]);
/* Counts this power-up: `boot` is one above every count used before. kLmNvMissing if neither slot
 * checks out: then no count is safe and the device must not sign. */
lm_nv_result lm_nv_count_boot(const lm_hal* hal, uint64_t* boot);

#ifdef __cplusplus
}
#endif
