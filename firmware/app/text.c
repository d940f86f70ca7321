#include "firmware/app/text.h"

#include <string.h>

void lm_text_add_bytes(lm_text* t, const char* data, size_t size) {
  size_t room = sizeof t->data - t->size;
  if (size > room) size = room;
  memcpy(t->data + t->size, data, size);
  t->size += size;
}

void lm_text_add(lm_text* t, const char* text) { lm_text_add_bytes(t, text, strlen(text)); }

void lm_text_add_uint(lm_text* t, uint64_t value) {
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  lm_text_add_bytes(t, digits + at, sizeof digits - at);
}

void lm_text_add_hex(lm_text* t, const uint8_t* data, size_t size) {
  static const char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < size; i++) {
    char pair[2] = {kDigits[data[i] >> 4], kDigits[data[i] & 15]};
    lm_text_add_bytes(t, pair, sizeof pair);
  }
}
