/* A TMP105 thermometer at 0x48 of the I2C bus. */
#pragma once

#include <stdint.h>

/* 12 bits, a conversion at a time. Returns 0 when the device took it. */
int lm_tmp105_init(void);
/* Ten-thousandths of a degree Celsius: the device's step is 625 of them. Returns 0 when done. */
int lm_tmp105_read(void* ctx, int32_t* value);
