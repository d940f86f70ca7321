/* What the application needs of a board. A port fills in one lm_hal; nothing else of the
 * application changes. All calls come from the one superloop, never from an interrupt.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lm_hal {
  void* ctx; /* handed to every call; the port's own */

  /* Bytes that came in since the last call, at most `cap`; returns how many. Never waits. */
  size_t (*uart_read)(void* ctx, uint8_t* data, size_t cap);
  /* Sends all bytes in order, or returns non-zero (then any part of them may have left). May wait
   * for room as long as the line takes to drain. */
  int (*uart_write)(void* ctx, const uint8_t* data, size_t size);

  /* The small non-volatile page (LM_NV_PAGE_BYTES of app/nv.h). Return 0 when done. A write changes
   * no byte outside its range and is durable once it returned; cut off by a loss of power it may
   * leave any part of its range written. */
  int (*nv_read)(void* ctx, size_t offset, uint8_t* data, size_t size);
  int (*nv_write)(void* ctx, size_t offset, const uint8_t* data, size_t size);

  /* Bytes nobody can predict. Returns 0 when done. */
  int (*random)(void* ctx, uint8_t* data, size_t size);
  /* NULL where the board has a random generator. Else called once at power-up, before the first
   * `random`, with the page's secret and a boot count that no power-up before had: what keys a
   * generator whose bytes never come twice (app/drbg.h). Returns 0 when done. */
  int (*seed_random)(void* ctx, const uint8_t secret[32], uint64_t boot);
  /* Milliseconds since some moment; wraps at 2^32. */
  uint32_t (*ticks_ms)(void* ctx);
  /* The contact as it is now, bouncing and all; true while closed. */
  bool (*button)(void* ctx);
} lm_hal;

#ifdef __cplusplus
}
#endif
