#include "core/embedded/cose.h"

#include <string.h>

static const char kTypePrefix[] = "application/vnd.lotmark.";
static const char kTypeSuffix[] = ".v1+cose";
static const uint8_t kSigStart[] = {0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};

static void hex_text(lm_cbor* w, const uint8_t* data, size_t size) {
  static const char digits[] = "0123456789abcdef";
  uint8_t head[2] = {0x78, (uint8_t)(2 * size)};
  lm_cbor_raw(w, head, sizeof head);
  for (size_t i = 0; i < size; i++) {
    char pair[2] = {digits[data[i] >> 4], digits[data[i] & 15]};
    lm_cbor_raw(w, pair, sizeof pair);
  }
}

void lm_cose_protected(lm_cbor* w, const lm_cose_header* header) {
  size_t type_size = strlen(header->type);
  lm_cbor_map(w, 3u + (header->chain != NULL ? 1u : 0u) + (header->vote != NULL ? 1u : 0u));
  lm_cbor_uint(w, 1);
  lm_cbor_int(w, -7);
  lm_cbor_uint(w, 4);
  lm_cbor_bytes(w, header->kid, LM_KID_BYTES);
  if (header->chain != NULL) {
    lm_cbor_uint(w, 15);
    lm_cbor_map(w, header->vote != NULL ? 5 : 1);
    lm_cbor_uint(w, 1);
    hex_text(w, header->chain, LM_DIGEST_BYTES);
    if (header->vote != NULL) {
      lm_cbor_uint(w, 6);
      lm_cbor_uint(w, header->vote->seconds);
      lm_cbor_int(w, -65537);
      lm_cbor_uint(w, header->vote->size);
      lm_cbor_int(w, -65538);
      lm_cbor_uint(w, header->vote->epoch);
      lm_cbor_int(w, -65539);
      lm_cbor_uint(w, header->vote->term);
    }
  }
  lm_cbor_uint(w, 16);
  size_t text_size = sizeof kTypePrefix - 1 + type_size + sizeof kTypeSuffix - 1;
  uint8_t head[2] = {0x78, (uint8_t)text_size}; /* 33 to 64 bytes: always one length byte */
  lm_cbor_raw(w, head, sizeof head);
  lm_cbor_raw(w, kTypePrefix, sizeof kTypePrefix - 1);
  lm_cbor_raw(w, header->type, type_size);
  lm_cbor_raw(w, kTypeSuffix, sizeof kTypeSuffix - 1);
  if (header->vote != NULL) {
    lm_cbor_uint(w, 395);
    lm_cbor_uint(w, 1);
  }
}

int lm_cose_id(const lm_crypto* crypto, lm_span protected_header, lm_span payload,
               uint8_t id[LM_DIGEST_BYTES]) {
  uint8_t h1[9];
  uint8_t h2[10] = {0x40}; /* external_aad: empty */
  lm_cbor w1;
  lm_cbor w2;
  lm_cbor_init(&w1, h1, sizeof h1);
  lm_cbor_bytes_head(&w1, protected_header.size);
  lm_cbor_init(&w2, h2 + 1, sizeof h2 - 1);
  lm_cbor_bytes_head(&w2, payload.size);
  const lm_span parts[] = {
      {kSigStart, sizeof kSigStart}, {h1, w1.len}, protected_header, {h2, w2.len + 1}, payload};
  return crypto->sha256(crypto->ctx, parts, sizeof parts / sizeof parts[0], id);
}

int lm_cose_sign1(lm_cbor* w, const lm_cose_header* header, lm_span payload, bool detached,
                  const lm_crypto* crypto, uint8_t id[LM_DIGEST_BYTES]) {
  uint8_t protected_header[LM_PROTECTED_BYTES_MAX];
  uint8_t signature[LM_SIGNATURE_BYTES];
  lm_cbor p;
  lm_cbor_init(&p, protected_header, sizeof protected_header);
  lm_cose_protected(&p, header);
  if (!lm_cbor_ok(&p)) return 1;
  if (lm_cose_id(crypto, (lm_span){protected_header, p.len}, payload, id) != 0) return 2;
  if (crypto->sign(crypto->ctx, id, signature) != 0) return 2;
  lm_cbor_tag(w, 18);
  lm_cbor_array(w, 4);
  lm_cbor_bytes(w, protected_header, p.len);
  lm_cbor_map(w, 0);
  if (detached) {
    lm_cbor_null(w);
  } else {
    lm_cbor_bytes(w, payload.data, payload.size);
  }
  lm_cbor_bytes(w, signature, sizeof signature);
  return 0;
}
