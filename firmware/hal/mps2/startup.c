/* Reset, vectors and faults. */
#include <stdint.h>
#include <string.h>

#include "firmware/hal/mps2/board.h"
#include "firmware/hal/mps2/measure.h"

/* Of the linker script. */
extern uint32_t stack_bottom[];
extern uint32_t stack_top[];
extern uint32_t data_load[];
extern uint32_t data_begin[];
extern uint32_t data_end[];
extern uint32_t bss_begin[];
extern uint32_t bss_end[];

int main(void);
void reset(void);
void timer0_interrupt(void);
void uart0_rx_interrupt(void);

void lm_halt(int code) {
  (void)code;
  for (;;) {
  }
}

/* Nothing goes on after a fault: the watchdog starts the board anew, which counts as a power-up. */
static void fault(void) {
  lm_log("fault");
  lm_halt(1);
}

/* The watchdog's first warning comes as NMI. The second time it resets. */
static void watchdog_warning(void) {
  lm_log("watchdog");
  lm_halt(1);
}

typedef void (*vector)(void);
enum { kCoreVectors = 16, kInterrupts = 32 };

typedef struct vectors {
  uint32_t* stack;
  vector entries[kCoreVectors - 1 + kInterrupts];
} vectors;

extern const vectors kVectors;
__attribute__((section(".vectors")))
const vectors kVectors = {.stack = stack_top,
                          .entries = {
                              [0] = reset,
                              [1] = watchdog_warning, /* NMI */
                              [2] = fault, /* HardFault; the others are not enabled and end here */
                              [3] = fault,
                              [4] = fault,
                              [5] = fault,
                              [kCoreVectors - 1 + 0] = uart0_rx_interrupt,
                              [kCoreVectors - 1 + 8] = timer0_interrupt,
                          }};

/* No call before the stack is painted: what is below the frame of this function is unused. */
__attribute__((noreturn)) void reset(void) {
  uint32_t* top;
  __asm__ volatile("mov %0, sp" : "=r"(top));
  for (uint32_t* word = stack_bottom; word < top; word++) *word = LM_PAINT;
  for (uint32_t *to = data_begin, *from = data_load; to < data_end;) *to++ = *from++;
  for (uint32_t* to = bss_begin; to < bss_end;) *to++ = 0;
  (void)main();
  lm_halt(0);
  __builtin_unreachable();
}
