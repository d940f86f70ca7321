#include "core/embedded/start.h"

#include "core/embedded/frame.h"

/* Payload: map head 1; kid 1 + 17; machine 1 + 2 + 64; boot 1 + 9; nonce 1 + 17; anchor 1 + 1 + 9
 * + 34. */
_Static_assert(LM_START_PAYLOAD_BYTES_MAX ==
                   1 + 18 + 3 + LM_MACHINE_BYTES_MAX + 10 + 18 + 11 + 2 + LM_DIGEST_BYTES,
               "payload size");
/* Object: tag and array 2; protected 2 + 130; unprotected 1; payload 2 + its bytes; signature 2
 * + 64. */
_Static_assert(LM_START_BYTES_MAX == 2 + 132 + 1 + 2 + LM_START_PAYLOAD_BYTES_MAX + 66,
               "object size");
_Static_assert(LM_START_BYTES_MAX <= LM_FRAME_BODY_BYTES_MAX, "a start signal fits one frame");

/* Bytes of the well-formed character at `s`, or 0. */
static size_t utf8_character(const uint8_t* s, size_t size) {
  uint8_t lead = s[0];
  if (lead < 0x80) return 1;
  size_t count = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || count > size) return 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (lead == 0xe0) low = 0xa0;  /* else an overlong form */
  if (lead == 0xed) high = 0x9f; /* else a surrogate */
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f; /* else above U+10FFFF */
  for (size_t i = 1; i < count; i++) {
    if (s[i] < low || s[i] > high) return 0;
    low = 0x80;
    high = 0xbf;
  }
  return count;
}

bool lm_machine_ok(const char* text, size_t size) {
  if (size == 0 || size > LM_MACHINE_BYTES_MAX) return false;
  const uint8_t* s = (const uint8_t*)text;
  for (size_t at = 0; at < size;) {
    size_t step = utf8_character(s + at, size - at);
    bool control =
        s[at] < 0x20 || s[at] == 0x7f || (s[at] == 0xc2 && step == 2 && s[at + 1] < 0xa0);
    if (step == 0 || control) return false;
    at += step;
  }
  return true;
}

void lm_start_payload(lm_cbor* w, const lm_start* start) {
  if (!lm_machine_ok(start->machine, start->machine_size)) w->failed = true;
  lm_cbor_map(w, 5);
  lm_cbor_uint(w, 0);
  lm_cbor_bytes(w, start->device, LM_KID_BYTES);
  lm_cbor_uint(w, 1);
  lm_cbor_text(w, start->machine, start->machine_size);
  lm_cbor_uint(w, 2);
  lm_cbor_uint(w, start->boot);
  lm_cbor_uint(w, 3);
  lm_cbor_bytes(w, start->nonce, LM_NONCE_BYTES);
  lm_cbor_uint(w, 4);
  if (start->anchor == NULL) {
    lm_cbor_null(w);
    return;
  }
  if (start->anchor->size == 0) w->failed = true;
  lm_cbor_array(w, 2);
  lm_cbor_uint(w, start->anchor->size);
  lm_cbor_bytes(w, start->anchor->root, LM_DIGEST_BYTES);
}

int lm_start_sign(lm_cbor* w, const uint8_t* chain, const lm_start* start, const lm_crypto* crypto,
                  uint8_t id[LM_DIGEST_BYTES]) {
  uint8_t payload[LM_START_PAYLOAD_BYTES_MAX];
  lm_cbor p;
  lm_cbor_init(&p, payload, sizeof payload);
  lm_start_payload(&p, start);
  if (!lm_cbor_ok(&p)) return 1;
  const lm_cose_header header = {.kid = start->device, .chain = chain, .type = "start"};
  int failed = lm_cose_sign1(w, &header, (lm_span){payload, p.len}, false, crypto, id);
  if (failed != 0) return failed;
  return lm_cbor_ok(w) ? 0 : 1;
}
