/* An ack (docs/format/device.md) as far as a sensor node must understand it. */
#pragma once

#include "core/embedded/bundle.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lm_ack {
  uint64_t through;
  bool named; /* `id` is the id at `through` */
  uint8_t id[LM_DIGEST_BYTES];
  uint64_t time;          /* node's clock; it never falls between acks of one node */
  uint64_t refused;       /* first seq that was refused for good, 0: none */
  uint64_t refused_error; /* its number in docs/format/errors.md */
  bool need_seq;          /* something above `through` + 1 came in: what lies between is wanted */
} lm_ack;

/* True if `object` is an ack for that device and life. The signature is not checked: the device holds no member's key. Whoever
 * can write to its line could as well cut it; the gateway, which knows the keys, checks before it passes an ack on. */
bool lm_ack_read(lm_span object, const uint8_t kid[LM_KID_BYTES], const uint8_t life[LM_LIFE_BYTES],
                 lm_ack* ack);

#ifdef __cplusplus
}
#endif
