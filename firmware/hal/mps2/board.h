/* The MPS2 board with the AN385 image (Cortex-M3, 25 MHz) as the applications' HAL.
 *
 * UART0 is the line to the gateway, UART1 a log for people. The page is an AT24C32 EEPROM, the contact the first of the
 * board's buttons. There is no random generator: the page's secret and the boot count key one.
 */
#pragma once

#include "firmware/hal/hal.h"

/* What mbedTLS allocates from; a fifth more than it was ever seen to reach into. */
#define LM_ARENA_BYTES 6144u
extern uint32_t lm_arena[LM_ARENA_BYTES / sizeof(uint32_t)];

/* Starts clocks, lines, watchdog and allocator. */
void lm_board_init(void);
/* Good for as long as the board runs. */
const lm_hal* lm_board_hal(void);
/* Tells the watchdog that the loop goes round, and sleeps until something happened: at most a
 * millisecond. Not called for two seconds the board says "watchdog", after two more it begins anew. */
void lm_board_turn(void);

/* 25 MHz, wraps at 2^32 (171 s). */
uint32_t lm_ticks(void);
void lm_wait_ticks(uint32_t ticks);

/* A line on UART1, the text terminated; and one of `size` bytes. */
void lm_log(const char* text);
void lm_log_bytes(const char* text, size_t size);
