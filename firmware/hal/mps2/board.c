#include "firmware/hal/mps2/board.h"

#include <mbedtls/memory_buffer_alloc.h>

#include "firmware/app/drbg.h"
#include "firmware/hal/mps2/eeprom.h"
#include "firmware/hal/mps2/measure.h"
#include "firmware/hal/mps2/registers.h"
#include "firmware/hal/mps2/uart.h"

void timer0_interrupt(void);

enum { kTicksPerMs = LM_CLOCK_HZ / 1000, kWatchdogMs = 2000 };

static volatile uint32_t now_ms;
static lm_drbg generator;
uint32_t lm_arena[LM_ARENA_BYTES / sizeof(uint32_t)] __attribute__((aligned(8)));

void timer0_interrupt(void) {
  LM_TIMER0->int_clear = 1;
  now_ms++;
}

uint32_t lm_ticks(void) { return ~LM_TIMER1->value; } /* it counts down */

void lm_wait_ticks(uint32_t ticks) {
  uint32_t begin = lm_ticks();
  while (lm_ticks() - begin < ticks) {
  }
}

static void start_watchdog(void) {
  LM_WATCHDOG->load = kWatchdogMs * kTicksPerMs;
  LM_WATCHDOG->ctrl = LM_WATCHDOG_INTERRUPT | LM_WATCHDOG_RESET;
}

void lm_board_init(void) {
  LM_TIMER1->reload = 0xffffffffu;
  LM_TIMER1->value = 0xffffffffu;
  LM_TIMER1->ctrl = LM_TIMER_ENABLE;
  LM_TIMER0->reload = kTicksPerMs - 1;
  LM_TIMER0->value = kTicksPerMs - 1;
  LM_TIMER0->ctrl = LM_TIMER_ENABLE | LM_TIMER_INTERRUPT;
  LM_NVIC_ENABLE = 1u << LM_IRQ_TIMER0;
  lm_uart_init();
  lm_log_init();
  mbedtls_memory_buffer_alloc_init((unsigned char*)lm_arena, sizeof lm_arena);
  /* Behind the head of the one free block that it begins with. */
  for (size_t i = 16; i < sizeof lm_arena / sizeof *lm_arena; i++) lm_arena[i] = LM_PAINT;
  start_watchdog();
}

void lm_board_turn(void) {
  LM_WATCHDOG->int_clear = 1; /* begins to count anew */
  __asm__ volatile("wfi");
}

static int random(void* ctx, uint8_t* data, size_t size) {
  (void)ctx;
  return lm_drbg_random(&generator, data, size);
}

static int seed_random(void* ctx, const uint8_t secret[LM_SECRET_BYTES], uint64_t boot) {
  (void)ctx;
  return lm_drbg_seed(&generator, secret, boot);
}

static uint32_t ticks_ms(void* ctx) {
  (void)ctx;
  return now_ms;
}

static bool button(void* ctx) {
  (void)ctx;
  return (LM_FPGAIO_BUTTONS & 1u) != 0;
}

const lm_hal* lm_board_hal(void) {
  static const lm_hal kHal = {.uart_read = lm_uart_read,
                              .uart_write = lm_uart_write,
                              .nv_read = lm_eeprom_read,
                              .nv_write = lm_eeprom_write,
                              .random = random,
                              .seed_random = seed_random,
                              .ticks_ms = ticks_ms,
                              .button = button};
  return &kHal;
}
