#include "core/embedded/lost.h"

static void put_payload(lm_cbor* w, const lm_lost* lost) {
  if (lost->seq == 0 || lost->last < lost->seq) w->failed = true;
  lm_cbor_map(w, 9);
  lm_cbor_uint(w, 0);
  lm_cbor_bytes(w, lost->device, LM_KID_BYTES);
  lm_cbor_uint(w, 1);
  lm_cbor_bytes(w, lost->life, LM_LIFE_BYTES);
  lm_cbor_uint(w, 2);
  lm_cbor_uint(w, lost->seq);
  lm_cbor_uint(w, 3);
  lm_cbor_uint(w, lost->last);
  lm_cbor_uint(w, 4);
  if (lost->prev != NULL) {
    lm_cbor_bytes(w, lost->prev, LM_DIGEST_BYTES);
  } else {
    lm_cbor_null(w);
  }
  lm_cbor_uint(w, 5);
  lm_cbor_bytes(w, lost->id, LM_DIGEST_BYTES);
  lm_cbor_uint(w, 6);
  lm_cbor_uint(w, lost->readings);
  lm_cbor_uint(w, 7);
  lm_cbor_uint(w, (uint64_t)lost->reason);
  lm_cbor_uint(w, 8);
  lm_cbor_null(w); /* an ack only with reason receiver-lost */
}

int lm_lost_sign(lm_cbor* w, const uint8_t* chain, const lm_lost* lost, const lm_crypto* crypto,
                 uint8_t id[LM_DIGEST_BYTES]) {
  uint8_t payload[LM_LOST_PAYLOAD_BYTES_MAX];
  lm_cbor p;
  lm_cbor_init(&p, payload, sizeof payload);
  put_payload(&p, lost);
  if (!lm_cbor_ok(&p)) return 1;
  const lm_cose_header header = {.kid = lost->device, .chain = chain, .type = "gap"};
  int failed = lm_cose_sign1(w, &header, (lm_span){payload, p.len}, false, crypto, id);
  if (failed != 0) return failed;
  return lm_cbor_ok(w) ? 0 : 1;
}
