#include "firmware/hal/mps2/uart.h"

#include <stdbool.h>
#include <string.h>

#include "firmware/hal/mps2/board.h"
#include "firmware/hal/mps2/registers.h"

void uart0_rx_interrupt(void);

/* What comes in while a signature is made: at 115,200 baud 0.25 s are 2,900 bytes, and no gateway says that much
 * unasked. A power of two, so that the counters may wrap. */
enum { kReceivedMax = 2048, kDivider = LM_CLOCK_HZ / 115200 };
/* A line that stands takes part of the watchdog's two seconds: up to a frame for each bundle kept, so not much of them. */
enum { kWriteWaitTicks = LM_CLOCK_HZ / 20, kLogWaitTicks = LM_CLOCK_HZ / 100 };
_Static_assert((kReceivedMax & (kReceivedMax - 1)) == 0, "not a power of two");

static uint8_t received[kReceivedMax];
static volatile uint32_t put_count; /* by the interrupt */
static volatile uint32_t got_count; /* by the loop */

/* With the array full the byte stays where it is and the interrupt is turned off until there is room: a line with flow
 * control waits, another loses what comes next, and the frame's CRC tells. */
void uart0_rx_interrupt(void) {
  while ((LM_UART0->state & LM_UART_RX_FULL) != 0) {
    if (put_count - got_count == kReceivedMax) {
      LM_NVIC_DISABLE = 1u << LM_IRQ_UART0_RX;
      return;
    }
    LM_UART0->int_clear = LM_UART_RX_CLEAR;
    received[put_count % kReceivedMax] = (uint8_t)LM_UART0->data;
    put_count++;
  }
}

void lm_uart_init(void) {
  LM_UART0->divider = kDivider;
  LM_UART0->ctrl = LM_UART_TX_ENABLE | LM_UART_RX_ENABLE | LM_UART_RX_INTERRUPT;
  LM_NVIC_ENABLE = 1u << LM_IRQ_UART0_RX;
}

size_t lm_uart_read(void* ctx, uint8_t* data, size_t cap) {
  (void)ctx;
  size_t size = 0;
  while (size < cap && got_count != put_count) {
    data[size++] = received[got_count % kReceivedMax];
    got_count++;
  }
  LM_NVIC_ENABLE = 1u << LM_IRQ_UART0_RX;
  return size;
}

/* False when the line took nothing for as long as that. */
static bool send(lm_uart_regs* uart, uint8_t byte, uint32_t wait_ticks) {
  uint32_t begin = lm_ticks();
  while ((uart->state & LM_UART_TX_FULL) != 0) {
    if (lm_ticks() - begin > wait_ticks) return false;
  }
  uart->data = byte;
  return true;
}

int lm_uart_write(void* ctx, const uint8_t* data, size_t size) {
  (void)ctx;
  for (size_t i = 0; i < size; i++) {
    if (!send(LM_UART0, data[i], kWriteWaitTicks)) return 1;
  }
  return 0;
}

void lm_log_init(void) {
  LM_UART1->divider = kDivider;
  LM_UART1->ctrl = LM_UART_TX_ENABLE;
}

/* What a log that nobody takes misses does not hold the device up. */
void lm_log_bytes(const char* text, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (!send(LM_UART1, (uint8_t)text[i], kLogWaitTicks)) return;
  }
  (void)send(LM_UART1, '\n', kLogWaitTicks);
}

void lm_log(const char* text) { lm_log_bytes(text, strlen(text)); }
