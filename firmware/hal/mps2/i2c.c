#include "firmware/hal/mps2/i2c.h"

#include "firmware/hal/mps2/board.h"
#include "firmware/hal/mps2/registers.h"

enum { kHalfTicks = LM_CLOCK_HZ / 800000, kStretchTicks = LM_CLOCK_HZ / 1000 };

static void scl(bool high) {
  if (!high) {
    LM_I2C->clear = LM_I2C_SCL;
    lm_wait_ticks(kHalfTicks);
    return;
  }
  LM_I2C->set = LM_I2C_SCL;
  uint32_t begin = lm_ticks();
  while ((LM_I2C->set & LM_I2C_SCL) == 0 && lm_ticks() - begin < kStretchTicks) {
  }
  lm_wait_ticks(kHalfTicks);
}

static void sda(bool high) {
  if (high) {
    LM_I2C->set = LM_I2C_SDA;
  } else {
    LM_I2C->clear = LM_I2C_SDA;
  }
}

static bool read_sda(void) { return (LM_I2C->set & LM_I2C_SDA) != 0; }

static void put_bit(bool bit) {
  sda(bit);
  scl(true);
  scl(false);
}

static bool get_bit(void) {
  sda(true); /* let go */
  scl(true);
  bool bit = read_sda();
  scl(false);
  return bit;
}

bool lm_i2c_begin(uint8_t address, bool read) {
  /* Also good as a repeated START: both wires first go high, data before clock. */
  sda(true);
  scl(true);
  sda(false);
  lm_wait_ticks(kHalfTicks);
  scl(false);
  return lm_i2c_put((uint8_t)(address << 1 | (read ? 1u : 0u)));
}

bool lm_i2c_put(uint8_t byte) {
  for (unsigned i = 0; i < 8; i++) put_bit((byte & (0x80u >> i)) != 0);
  return !get_bit();
}

uint8_t lm_i2c_get(bool last) {
  uint8_t byte = 0;
  for (unsigned i = 0; i < 8; i++) byte = (uint8_t)(byte << 1 | (get_bit() ? 1u : 0u));
  put_bit(last);
  return byte;
}

void lm_i2c_stop(void) {
  sda(false);
  scl(true);
  sda(true);
  lm_wait_ticks(kHalfTicks);
}
