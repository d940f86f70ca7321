/* The start-signal application: counts its power-ups, and on a press of the button (wired to the
 * machine's run contact) signs a start signal and sends it until the gateway answers.
 *
 * A superloop: lm_app_init once, lm_app_poll for ever. No heap, no OS, no stdio; everything is in
 * one lm_app. Nothing is signed without identity, chain and a fresh boot count. Signals not yet
 * answered live in memory alone: they end with the power, and the operator presses again.
 */
#pragma once

#include "firmware/app/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LM_APP_RESEND_MS 3000u
#define LM_APP_DEBOUNCE_MS 20u
/* Start signals waiting for an answer at one time. A press beyond is refused with an error frame.
 */
#define LM_APP_PENDING_MAX 4u

typedef struct lm_app_config {
  const char* version; /* program version for the hello line; terminated, outlives the app */
  uint32_t resend_ms;  /* between two sendings of one start signal; LM_APP_RESEND_MS */
} lm_app_config;

/* One signal on its way; the bytes are sealed once and re-sent as they are. */
typedef struct lm_pending {
  bool used;
  uint8_t object[LM_START_BYTES_MAX];
  size_t size; /* bytes */
  uint8_t id[LM_DIGEST_BYTES];
  uint32_t sent_ms; /* tick of the last sending */
} lm_pending;

/* The fields are the application's own; tests and the host program read them. */
typedef struct lm_app {
  lm_device device;
  lm_app_config config;

  bool button;           /* debounced */
  bool button_raw;       /* as last read */
  uint32_t button_at_ms; /* since when it reads so */

  lm_pending pending[LM_APP_PENDING_MAX];
} lm_app;

/* Reads the page, counts the boot, says hello. With a fault the application still runs and answers
 * frames, but signs nothing. `hal` and the texts of `config` outlive the app. */
lm_device_fault lm_app_init(lm_app* app, const lm_hal* hal, const lm_app_config* config);

/* One turn: frames that came in, the button, what is due again. Call at least every 10 ms, or the
 * button's debouncing coarsens. Returns within the time of one signature and of sending up to
 * LM_APP_PENDING_MAX + 1 frames for each frame that came in. */
void lm_app_poll(lm_app* app);

/* Start signals sent and not yet answered. */
size_t lm_app_pending(const lm_app* app);

/* Wipes the key. For tests and the host program; a board just loses power. */
void lm_app_end(lm_app* app);

#ifdef __cplusplus
}
#endif
