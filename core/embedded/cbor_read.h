/* Reads our profile of CBOR (docs/format/cbor.md) front to back, for small devices: what a device must understand of an
 * answer, not all a node checks.
 *
 * C11, no heap, no OS. Errors are sticky, as in cbor.h: read freely and ask once at the end. After an error every call gives
 * 0 or nothing.
 */
#pragma once

#include "core/embedded/cose.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lm_cbor_in {
  lm_span rest;
  bool failed;
} lm_cbor_in;

void lm_cbor_in_init(lm_cbor_in* r, lm_span bytes);

uint64_t lm_cbor_in_uint(lm_cbor_in* r);
/* Content of a byte string; it stays where it is. */
lm_span lm_cbor_in_bytes(lm_cbor_in* r);
/* How many items follow. */
size_t lm_cbor_in_array(lm_cbor_in* r);
size_t lm_cbor_in_map(lm_cbor_in* r);
void lm_cbor_in_tag(lm_cbor_in* r, uint64_t tag); /* fails on any other */
/* True, and past it, if null stands here. */
bool lm_cbor_in_null(lm_cbor_in* r);
/* Past one item of any kind, at most 8 deep. */
void lm_cbor_in_skip(lm_cbor_in* r);

bool lm_cbor_in_ok(const lm_cbor_in* r);

#ifdef __cplusplus
}
#endif
