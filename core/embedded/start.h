/* The start signal: what a device signs when its machine starts (docs/format/device.md, start).
 *
 * C11, no heap, no OS; caller's buffers throughout.
 */
#pragma once

#include "core/embedded/cose.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LM_MACHINE_BYTES_MAX 64u
#define LM_NONCE_BYTES 16u
/* The longest that can come out, so that a buffer can be sized once; asserted in start.c. */
#define LM_START_PAYLOAD_BYTES_MAX 159u
#define LM_START_BYTES_MAX 362u

/* Newest checkpoint a device was given: size of the tree of blocks, from 1, and its root. */
typedef struct lm_checkpoint {
  uint64_t size;
  uint8_t root[LM_DIGEST_BYTES];
} lm_checkpoint;

/* Pointers stay the caller's. */
typedef struct lm_start {
  const uint8_t* device;       /* kid of the signing key, LM_KID_BYTES */
  const char* machine;         /* see lm_machine_ok; not terminated */
  size_t machine_size;         /* bytes */
  uint64_t boot;               /* power-ups of the device, from 1 */
  const uint8_t* nonce;        /* LM_NONCE_BYTES, never used twice */
  const lm_checkpoint* anchor; /* NULL before it was given one */
} lm_start;

/* True for a machine's name: 1 to LM_MACHINE_BYTES_MAX bytes of well-formed UTF-8 (RFC 3629)
 * without control characters. */
bool lm_machine_ok(const char* text, size_t size);

/* The payload map. A machine that is not OK or an anchor of size 0 fails the writer. */
void lm_start_payload(lm_cbor* w, const lm_start* start);

/* The whole signed object of a device enrolled in `chain` (LM_DIGEST_BYTES); gives its id. Returns
 * 0 when done; 1 if a field is out of range or the object does not fit; 2 if hashing or signing
 * failed. Unless 0, what is in the writer's buffer must not be used. */
int lm_start_sign(lm_cbor* w, const uint8_t* chain, const lm_start* start, const lm_crypto* crypto,
                  uint8_t id[LM_DIGEST_BYTES]);

#ifdef __cplusplus
}
#endif
