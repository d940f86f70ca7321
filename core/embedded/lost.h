/* A gap: a stretch of a device's log that will never come. docs/format/device.md. C11, no heap, no OS. */
#pragma once

#include "core/embedded/bundle.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Payload: map head 1 and 9 keys; kid 17, life 9, prev and lost 34 each; seq, last and readings 9 each; reason 1, ack 1.
 * Object: tag and array 2; protected 2 + 130; unprotected 1; payload 2 + its bytes; signature 2 + 64. */
#define LM_LOST_PAYLOAD_BYTES_MAX 133u
#define LM_LOST_BYTES_MAX 336u

/* Pointers stay the caller's. */
typedef struct lm_lost {
  const uint8_t* device; /* kid of the signing key, LM_KID_BYTES */
  const uint8_t* life;   /* LM_LIFE_BYTES */
  uint64_t seq;          /* first lost, from 1 */
  uint64_t last;         /* at least seq */
  const uint8_t* prev;   /* id before the first lost; NULL before the first of a life */
  const uint8_t* id;     /* id of the last lost */
  uint64_t readings;     /* how many were in them */
  lm_reason reason;
} lm_lost;

/* The whole signed object; gives its id. Returns 0; 1 if something is out of range or does not fit; 2 if hashing or signing
 * failed. Unless 0, what is in the writer's buffer must not be used. */
int lm_lost_sign(lm_cbor* w, const uint8_t* chain, const lm_lost* lost, const lm_crypto* crypto,
                 uint8_t id[LM_DIGEST_BYTES]);

#ifdef __cplusplus
}
#endif
