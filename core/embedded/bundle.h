/* A bundle wire of one channel, as small devices make it: docs/format/device.md, trees.md.
 *
 * C11, no heap, no OS. What a bigger device can say in a bundle and this cannot: more channels, more gaps than one, alarms.
 */
#pragma once

#include "core/embedded/start.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LM_LIFE_BYTES 8u
#define LM_BUNDLE_READINGS_MAX 16u
#define LM_CHANNEL_BYTES_MAX 32u
#define LM_UNIT_BYTES_MAX 16u
/* Map head 1 and 13 keys; kid 17, life 9, prev 34, anchor 1 + 9 + 34; seq, boot, from, to and made 9 each; clock 1; gaps
 * 1 + 1 + 1 + 9 + 9 + 1; alarms 1; channels 2, name 2 + 32, kind 1, unit 1 + 16, exp 1, annotation 55, root 34. */
#define LM_BUNDLE_PAYLOAD_BYTES_MAX 331u

/* e.clock and e.reason of docs/format/keys.md; numbers are never reused. */
typedef enum lm_clock {
  kLmClockSynchronised = 0,
  kLmClockFreeRunning = 1,
  kLmClockUnset = 2
} lm_clock;
typedef enum lm_reason {
  kLmReasonNotANumber = 0,
  kLmReasonSensorLost = 1,
  kLmReasonPower = 2,
  kLmReasonOutboxFull = 3
} lm_reason;

typedef struct lm_reading {
  uint64_t t;    /* ms */
  int64_t value; /* times 10^exp of the channel */
} lm_reading;

typedef struct lm_gap {
  bool whole_device; /* else of the channel */
  uint64_t from;     /* ms */
  uint64_t to;
  lm_reason reason;
} lm_gap;

/* Pointers stay the caller's. */
typedef struct lm_bundle {
  const uint8_t* device; /* kid of the signing key, LM_KID_BYTES */
  const uint8_t* life;   /* LM_LIFE_BYTES */
  uint64_t seq;          /* from 1, without a hole in a life */
  const uint8_t* prev; /* id of the object before, LM_DIGEST_BYTES; NULL for the first of a life */
  uint64_t boot;
  const lm_checkpoint* anchor; /* NULL before it was given one */
  uint64_t made;               /* ms */
  lm_clock clock;

  const char* channel;        /* 1 to LM_CHANNEL_BYTES_MAX bytes, terminated */
  const char* unit;           /* SenML, at most LM_UNIT_BYTES_MAX bytes, terminated */
  int exp;                    /* -18 to 18 */
  const lm_reading* readings; /* in time order; equal times are allowed */
  size_t count;               /* at most LM_BUNDLE_READINGS_MAX */
  const lm_gap* gap;          /* NULL: none */
} lm_bundle;

/* Writes the whole wire: the signed bundle, `salt` (LM_DIGEST_BYTES, fresh and unpredictable for each bundle), the readings.
 * Gives the bundle's id. Returns 0; 1 if something is out of range or does not fit; 2 if hashing or signing failed. Unless
 * 0, what is in the writer's buffer must not be used. */
int lm_bundle_sign(lm_cbor* w, const uint8_t* chain, const lm_bundle* bundle, const uint8_t* salt,
                   const lm_crypto* crypto, uint8_t id[LM_DIGEST_BYTES]);

/* Bytes of that wire, without hashing or signing; 0 if something is out of range. */
size_t lm_bundle_bytes(const uint8_t* chain, const lm_bundle* bundle);

#ifdef __cplusplus
}
#endif
