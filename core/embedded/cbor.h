/* Deterministic CBOR writer (RFC 8949 section 4.2.1, our profile: docs/format/cbor.md).
 *
 * C11, no heap, no OS: firmware and gateway compile the same file. Errors are sticky: write freely and
 * ask once at the end. With out == NULL nothing is stored and `len` only measures, so a caller can
 * size its buffer with a first pass.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lm_cbor {
  uint8_t* out; /* caller's buffer, or NULL to measure */
  size_t cap;   /* bytes at out */
  size_t len;   /* bytes written, or needed so far when measuring */
  bool failed;  /* something did not fit, or an integer was out of the profile's range */
} lm_cbor;

void lm_cbor_init(lm_cbor* w, uint8_t* out, size_t cap);

void lm_cbor_uint(lm_cbor* w, uint64_t value);
void lm_cbor_int(lm_cbor* w, int64_t value);
void lm_cbor_bytes(lm_cbor* w, const void* data, size_t size);
void lm_cbor_text(lm_cbor* w, const char* text, size_t size);
void lm_cbor_array(lm_cbor* w, size_t count);
void lm_cbor_map(lm_cbor* w, size_t count);
void lm_cbor_tag(lm_cbor* w, uint64_t tag);
void lm_cbor_bool(lm_cbor* w, bool value);
void lm_cbor_null(lm_cbor* w);
/* Bytes that are already one encoded item, or the content of a bstr whose head was written apart. */
void lm_cbor_raw(lm_cbor* w, const void* data, size_t size);
/* Only the head of a byte string of `size` bytes; the caller writes the content with lm_cbor_raw. */
void lm_cbor_bytes_head(lm_cbor* w, size_t size);

/* True if all that was written fits and is in range. */
bool lm_cbor_ok(const lm_cbor* w);

#ifdef __cplusplus
}
#endif
