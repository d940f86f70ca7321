/* The I2C bus of the second shield, by hand: the board's controller only sets and reads two wires. One transfer at a
 * time, 400 kHz, no arbitration; a device may stretch the clock for up to a millisecond. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* START and the address; true if a device answered. After a transfer that failed, lm_i2c_stop is due as well. */
bool lm_i2c_begin(uint8_t address, bool read);
/* True if the device took the byte. */
bool lm_i2c_put(uint8_t byte);
/* The device is told that `last` is the last. */
uint8_t lm_i2c_get(bool last);
void lm_i2c_stop(void);
