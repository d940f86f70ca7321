/* The start-signal device on an MPS2 board. */
#include "firmware/app/app.h"
#include "firmware/hal/mps2/board.h"
#include "firmware/hal/mps2/measure.h"

static lm_app app;

int main(void) {
  lm_board_init();
  lm_log("start-device " LOTMARK_VERSION);
  lm_board_known_answer();
  uint32_t begin = lm_ticks();
  const lm_app_config config = {.version = LOTMARK_VERSION, .resend_ms = LM_APP_RESEND_MS};
  (void)lm_app_init(&app, lm_board_hal(), &config); /* a fault is said on the line */
  app.device.crypto = lm_measured(&app.device.crypto);
  lm_log_use("ready", begin);
  for (;;) {
    lm_app_poll(&app);
    lm_board_turn();
  }
}
