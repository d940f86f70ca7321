/* UART0, the line to the gateway, as lm_hal has it; UART1, the log. 115,200 baud, 8 bits, no parity. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void lm_uart_init(void);
size_t lm_uart_read(void* ctx, uint8_t* data, size_t cap);
/* Fails once the line has taken nothing for 50 ms. */
int lm_uart_write(void* ctx, const uint8_t* data, size_t size);
void lm_log_init(void);
