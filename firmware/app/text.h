/* One line of text in a fixed buffer, without stdio. What does not fit is cut off. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LM_TEXT_BYTES_MAX 320u

typedef struct lm_text {
  char data[LM_TEXT_BYTES_MAX]; /* not terminated */
  size_t size;
} lm_text;

void lm_text_add(lm_text* t, const char* text); /* terminated */
void lm_text_add_bytes(lm_text* t, const char* data, size_t size);
void lm_text_add_uint(lm_text* t, uint64_t value); /* decimal */
void lm_text_add_hex(lm_text* t, const uint8_t* data, size_t size);

#ifdef __cplusplus
}
#endif
