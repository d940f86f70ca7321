#include "firmware/hal/mps2/tmp105.h"

#include <stdbool.h>

#include "firmware/hal/mps2/i2c.h"

enum { kAddress = 0x48, kTemperature = 0, kConfiguration = 1, kTwelveBits = 0x60 };

int lm_tmp105_init(void) {
  bool ok = lm_i2c_begin(kAddress, false) && lm_i2c_put(kConfiguration) && lm_i2c_put(kTwelveBits);
  lm_i2c_stop();
  return ok ? 0 : 1;
}

int lm_tmp105_read(void* ctx, int32_t* value) {
  (void)ctx;
  bool ok =
      lm_i2c_begin(kAddress, false) && lm_i2c_put(kTemperature) && lm_i2c_begin(kAddress, true);
  if (ok) {
    uint8_t high = lm_i2c_get(false);
    uint8_t low = lm_i2c_get(true);
    int32_t sixteenths = (int32_t)((uint32_t)high << 8 | low) >> 4;
    if (sixteenths >= 2048) sixteenths -= 4096; /* two's complement of 12 bits */
    *value = sixteenths * 625;
  }
  lm_i2c_stop();
  return ok ? 0 : 1;
}
