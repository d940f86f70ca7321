/* The HAL on a POSIX machine: the line is two file descriptors, the page a file, the button a plan
 * of presses. One thread.
 */
#pragma once

#include "firmware/hal/hal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How long a simulated press lasts at least, and how long the button is up before it. */
#define LM_HOST_PRESS_MS 50u

typedef struct lm_host_options {
  int in;            /* read end of the line; set non-blocking */
  int out;           /* write end */
  const char* nv;    /* file of the page, LM_NV_PAGE_BYTES long */
  uint32_t presses;  /* how often the button is pressed */
  uint32_t every_ms; /* from press to press, at least 2 * LM_HOST_PRESS_MS */
} lm_host_options;

typedef struct lm_host {
  lm_hal hal; /* hand this to the application */
  lm_host_options options;
  int nv;
  uint64_t begin_ms;

  bool down;           /* the button */
  bool settled;        /* seen so for long enough to change */
  uint32_t pressed;    /* how often it went down */
  uint64_t changed_ms; /* when it last went up or down */

  bool closed; /* the other end of the line is gone */
} lm_host;

/* Opens and locks the page's file. Returns 0, or an errno: EBUSY when another device runs on that
 * file, EINVAL when it has not the size of a page. `host` must not move afterwards. */
int lm_host_open(lm_host* host, const lm_host_options* options);
/* Waits until the line has something or `ms` have passed. False once the other end is gone. */
bool lm_host_wait(lm_host* host, int ms);
void lm_host_close(lm_host* host);

/* The system's generator; also for the factory tool. Returns 0 when done. */
int lm_host_random(void* ctx, uint8_t* data, size_t size);

#ifdef __cplusplus
}
#endif
