#include "firmware/app/named.h"

#include <string.h>

/* Takes a byte string off the front of `rest`. False if there is none, or it runs past the end. */
static bool take_bytes(lm_span* rest, lm_span* content) {
  if (rest->size == 0 || rest->data[0] >> 5 != 2) return false;
  size_t size = rest->data[0] & 31u;
  size_t follow = size == 24 ? 1 : size == 25 ? 2 : 0; /* a frame's body needs no longer lengths */
  if (size > 25 || rest->size < 1 + follow) return false;
  if (follow != 0) size = rest->data[1];
  if (follow == 2) size = size << 8 | rest->data[2];
  size_t head = 1 + follow;
  if (size > rest->size - head) return false;
  *content = (lm_span){rest->data + head, size};
  *rest = (lm_span){rest->data + head + size, rest->size - head - size};
  return true;
}

bool lm_object_names(lm_span object, const uint8_t id[LM_DIGEST_BYTES]) {
  lm_span part;
  if (object.size < 2 || object.data[0] != 0xd2 || object.data[1] != 0x84) return false;
  lm_span rest = {object.data + 2, object.size - 2};
  if (!take_bytes(&rest, &part)) return false;              /* protected */
  if (rest.size == 0 || rest.data[0] != 0xa0) return false; /* unprotected: empty */
  rest = (lm_span){rest.data + 1, rest.size - 1};
  if (!take_bytes(&rest, &part)) return false; /* payload */
  for (size_t at = 0; at + LM_DIGEST_BYTES <= part.size; at++) {
    if (memcmp(part.data + at, id, LM_DIGEST_BYTES) == 0) return true;
  }
  return false;
}
