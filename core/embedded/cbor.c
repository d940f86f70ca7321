#include "core/embedded/cbor.h"

#include <string.h>

enum { kUint = 0, kNegative = 1, kBytes = 2, kText = 3, kArray = 4, kMap = 5, kTag = 6 };

#define LM_INT_MAX ((uint64_t)9007199254740991u) /* 2^53 - 1 */

void lm_cbor_init(lm_cbor* w, uint8_t* out, size_t cap) {
  w->out = out;
  w->cap = cap;
  w->len = 0;
  w->failed = false;
}

void lm_cbor_raw(lm_cbor* w, const void* data, size_t size) {
  if (w->failed) return;
  if (w->out != NULL) {
    if (size > w->cap - w->len) {
      w->failed = true;
      return;
    }
    if (size != 0) memcpy(w->out + w->len, data, size);
  }
  w->len += size;
}

static void head(lm_cbor* w, unsigned major, uint64_t value) {
  uint8_t b[9];
  unsigned follow;
  if (value < 24) {
    b[0] = (uint8_t)((major << 5) | (unsigned)value);
    lm_cbor_raw(w, b, 1);
    return;
  }
  if (value <= 0xff) {
    b[0] = (uint8_t)((major << 5) | 24u);
    follow = 1;
  } else if (value <= 0xffff) {
    b[0] = (uint8_t)((major << 5) | 25u);
    follow = 2;
  } else if (value <= 0xffffffffu) {
    b[0] = (uint8_t)((major << 5) | 26u);
    follow = 4;
  } else {
    b[0] = (uint8_t)((major << 5) | 27u);
    follow = 8;
  }
  for (unsigned i = 0; i < follow; i++) {
    b[1 + i] = (uint8_t)(value >> (8u * (follow - 1u - i)));
  }
  lm_cbor_raw(w, b, 1u + follow);
}

void lm_cbor_uint(lm_cbor* w, uint64_t value) {
  if (value > LM_INT_MAX) w->failed = true;
  head(w, kUint, value);
}

void lm_cbor_int(lm_cbor* w, int64_t value) {
  if (value >= 0) {
    lm_cbor_uint(w, (uint64_t)value);
    return;
  }
  uint64_t n = (uint64_t)(-(value + 1));
  if (n >= LM_INT_MAX) w->failed = true;
  head(w, kNegative, n);
}

void lm_cbor_bytes_head(lm_cbor* w, size_t size) { head(w, kBytes, size); }

void lm_cbor_bytes(lm_cbor* w, const void* data, size_t size) {
  head(w, kBytes, size);
  lm_cbor_raw(w, data, size);
}

void lm_cbor_text(lm_cbor* w, const char* text, size_t size) {
  head(w, kText, size);
  lm_cbor_raw(w, text, size);
}

void lm_cbor_array(lm_cbor* w, size_t count) { head(w, kArray, count); }
void lm_cbor_map(lm_cbor* w, size_t count) { head(w, kMap, count); }
void lm_cbor_tag(lm_cbor* w, uint64_t tag) { head(w, kTag, tag); }

void lm_cbor_bool(lm_cbor* w, bool value) {
  uint8_t b = value ? 0xf5 : 0xf4;
  lm_cbor_raw(w, &b, 1);
}

void lm_cbor_null(lm_cbor* w) {
  uint8_t b = 0xf6;
  lm_cbor_raw(w, &b, 1);
}

bool lm_cbor_ok(const lm_cbor* w) { return !w->failed; }
