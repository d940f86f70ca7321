#include "firmware/hal/mps2/eeprom.h"

#include <stdbool.h>

#include "firmware/hal/mps2/board.h"
#include "firmware/hal/mps2/i2c.h"
#include "firmware/hal/mps2/registers.h"

enum {
  kAddress = 0x50,
  kPageBytes = 32,
  kWriteTicksMax = LM_CLOCK_HZ / 50
}; /* 20 ms; 10 by its data sheet */

/* The device does not answer while it programs. */
static bool begin_at(size_t offset) {
  uint32_t begin = lm_ticks();
  while (!lm_i2c_begin(kAddress, false)) {
    lm_i2c_stop();
    if (lm_ticks() - begin > kWriteTicksMax) return false;
  }
  return lm_i2c_put((uint8_t)(offset >> 8)) && lm_i2c_put((uint8_t)offset);
}

static bool fits(size_t offset, size_t size) {
  return offset <= LM_EEPROM_BYTES && size <= LM_EEPROM_BYTES - offset;
}

int lm_eeprom_read(void* ctx, size_t offset, uint8_t* data, size_t size) {
  (void)ctx;
  if (!fits(offset, size)) return 1;
  bool ok = begin_at(offset) && lm_i2c_begin(kAddress, true);
  for (size_t i = 0; i < size && ok; i++) data[i] = lm_i2c_get(i + 1 == size);
  lm_i2c_stop();
  return ok ? 0 : 1;
}

static bool write_page(size_t offset, const uint8_t* data, size_t size) {
  bool ok = begin_at(offset);
  for (size_t i = 0; i < size && ok; i++) ok = lm_i2c_put(data[i]);
  lm_i2c_stop(); /* here it begins to program */
  return ok;
}

int lm_eeprom_write(void* ctx, size_t offset, const uint8_t* data, size_t size) {
  (void)ctx;
  if (!fits(offset, size)) return 1;
  while (size != 0) {
    size_t part = kPageBytes - offset % kPageBytes;
    if (part > size) part = size;
    if (!write_page(offset, data, part)) return 1;
    offset += part;
    data += part;
    size -= part;
  }
  bool answered = begin_at(0); /* programmed, and durable */
  lm_i2c_stop();
  return answered ? 0 : 1;
}
