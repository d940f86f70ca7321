#include "firmware/app/ack.h"

#include <string.h>

#include "core/embedded/cbor_read.h"

enum { kNeedSeq = 46, kRefusedMax = 64 };

static bool same(lm_span got, const uint8_t* wanted, size_t size) {
  return got.size == size && memcmp(got.data, wanted, size) == 0;
}

/* The payload of a signed object. */
static lm_span payload_of(lm_span object) {
  lm_cbor_in r;
  lm_cbor_in_init(&r, object);
  lm_cbor_in_tag(&r, 18);
  bool four = lm_cbor_in_array(&r) == 4;
  (void)lm_cbor_in_bytes(&r);
  bool bare = lm_cbor_in_map(&r) == 0;
  lm_span payload = lm_cbor_in_bytes(&r);
  bool whole = lm_cbor_in_bytes(&r).size == LM_SIGNATURE_BYTES && r.rest.size == 0;
  if (!lm_cbor_in_ok(&r) || !four || !bare || !whole) return (lm_span){object.data, 0};
  return payload;
}

static void key(lm_cbor_in* r, uint64_t wanted) {
  if (lm_cbor_in_uint(r) != wanted) r->failed = true;
}

static void read_refused(lm_cbor_in* r, lm_ack* ack) {
  size_t count = lm_cbor_in_array(r);
  if (count > kRefusedMax) r->failed = true;
  for (size_t i = 0; i < count && lm_cbor_in_ok(r); i++) {
    if (lm_cbor_in_array(r) != 2) r->failed = true;
    uint64_t seq = lm_cbor_in_uint(r);
    uint64_t error = lm_cbor_in_uint(r);
    if (error == kNeedSeq) {
      ack->need_seq = true;
    } else if (ack->refused == 0) {
      ack->refused = seq;
      ack->refused_error = error;
    }
  }
}

bool lm_ack_read(lm_span object, const uint8_t kid[LM_KID_BYTES], const uint8_t life[LM_LIFE_BYTES],
                 lm_ack* ack) {
  memset(ack, 0, sizeof *ack);
  lm_cbor_in r;
  lm_cbor_in_init(&r, payload_of(object));
  if (lm_cbor_in_map(&r) != 9) return false;
  key(&r, 0);
  bool ours = same(lm_cbor_in_bytes(&r), kid, LM_KID_BYTES);
  key(&r, 1);
  ours = same(lm_cbor_in_bytes(&r), life, LM_LIFE_BYTES) && ours;
  key(&r, 2);
  ack->through = lm_cbor_in_uint(&r);
  key(&r, 3);
  if (!lm_cbor_in_null(&r)) {
    lm_span id = lm_cbor_in_bytes(&r);
    ack->named = id.size == LM_DIGEST_BYTES;
    if (ack->named) memcpy(ack->id, id.data, LM_DIGEST_BYTES);
    if (!ack->named) r.failed = true;
  }
  key(&r, 4);
  ack->time = lm_cbor_in_uint(&r);
  for (uint64_t place = 5; place < 8; place++) { /* the node's log, a checkpoint */
    key(&r, place);
    lm_cbor_in_skip(&r);
  }
  key(&r, 8);
  read_refused(&r, ack);
  return ours && lm_cbor_in_ok(&r) && r.rest.size == 0;
}
