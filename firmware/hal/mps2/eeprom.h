/* An AT24C32 (4,096 bytes, pages of 32) at 0x50 of the I2C bus, as lm_hal's page. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define LM_EEPROM_BYTES 4096u

int lm_eeprom_read(void* ctx, size_t offset, uint8_t* data, size_t size);
/* Returns once the device has programmed all of it. */
int lm_eeprom_write(void* ctx, size_t offset, const uint8_t* data, size_t size);
