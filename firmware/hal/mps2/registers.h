/* What of the board's hardware is used: ARM's CMSDK peripherals at the places of Application Note AN385. */
#pragma once

#include <stdint.h>

#define LM_CLOCK_HZ 25000000u

typedef struct lm_timer_regs {
  volatile uint32_t ctrl; /* LM_TIMER_* */
  volatile uint32_t value;
  volatile uint32_t reload;
  volatile uint32_t int_clear;
} lm_timer_regs;
enum { LM_TIMER_ENABLE = 1, LM_TIMER_INTERRUPT = 8 };

typedef struct lm_uart_regs {
  volatile uint32_t data;
  volatile uint32_t state; /* LM_UART_*_FULL */
  volatile uint32_t ctrl;
  volatile uint32_t int_clear;
  volatile uint32_t divider;
} lm_uart_regs;
enum {
  LM_UART_TX_FULL = 1,
  LM_UART_RX_FULL = 2,
  LM_UART_TX_ENABLE = 1,
  LM_UART_RX_ENABLE = 2,
  LM_UART_RX_INTERRUPT = 8,
  LM_UART_RX_CLEAR = 2
};

typedef struct lm_watchdog_regs {
  volatile uint32_t load;
  volatile uint32_t value;
  volatile uint32_t ctrl; /* counts and interrupts, then resets */
  volatile uint32_t int_clear;
} lm_watchdog_regs;
enum { LM_WATCHDOG_INTERRUPT = 1, LM_WATCHDOG_RESET = 2 };

/* Two wires set and cleared by bits; reading `set` gives their state. */
typedef struct lm_i2c_regs {
  volatile uint32_t set;
  volatile uint32_t clear;
} lm_i2c_regs;
enum { LM_I2C_SCL = 1, LM_I2C_SDA = 2 };

#define LM_TIMER0 ((lm_timer_regs*)0x40000000u)
#define LM_TIMER1 ((lm_timer_regs*)0x40001000u)
#define LM_UART0 ((lm_uart_regs*)0x40004000u)
#define LM_UART1 ((lm_uart_regs*)0x40005000u)
#define LM_WATCHDOG ((lm_watchdog_regs*)0x40008000u)
#define LM_FPGAIO_BUTTONS (*(volatile uint32_t*)0x40028008u)
#define LM_I2C ((lm_i2c_regs*)0x4002a000u) /* the second shield's */

#define LM_NVIC_ENABLE (*(volatile uint32_t*)0xe000e100u)
#define LM_NVIC_DISABLE (*(volatile uint32_t*)0xe000e180u)
enum { LM_IRQ_UART0_RX = 0, LM_IRQ_TIMER0 = 8 };
