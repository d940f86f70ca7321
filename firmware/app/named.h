/* Does a signed object that came back (arrival or ack) name one of ours? */
#pragma once

#include "core/embedded/cose.h"

#ifdef __cplusplus
extern "C" {
#endif

/* True if `object` has the shape of a signed object and `id` stands in its payload's bytes.
 *
 * Neither type nor signature is checked: the device holds no member's key. Whoever can write to its
 * line could as well cut it; being told "arrived" wrongly only ends the re-sending, it never makes
 * a signature. The gateway, which knows the keys, checks before it passes an arrival on. The
 * header's bytes (which hold the chain) are left out of the search. */
bool lm_object_names(lm_span object, const uint8_t id[LM_DIGEST_BYTES]);

#ifdef __cplusplus
}
#endif
