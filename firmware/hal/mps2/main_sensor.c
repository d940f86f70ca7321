/* The sensor node on an MPS2 board: a TMP105. */
#include "firmware/app/sensor.h"
#include "firmware/app/text.h"
#include "firmware/hal/mps2/board.h"
#include "firmware/hal/mps2/measure.h"
#include "firmware/hal/mps2/tmp105.h"

static lm_sensor app;

/* The sensor may have lost its power alone: it is set up anew whenever it did not answer. */
static int read(void* ctx, int32_t* value) {
  static bool ready;
  if (!ready) ready = lm_tmp105_init() == 0;
  ready = ready && lm_tmp105_read(ctx, value) == 0;
  return ready ? 0 : 1;
}

static void log_number(const char* what, uint64_t number) {
  lm_text t = {.size = 0};
  lm_text_add(&t, what);
  lm_text_add_uint(&t, number);
  lm_log_bytes(t.data, t.size);
}

int main(void) {
  lm_board_init();
  lm_log("sensor-node " LOTMARK_VERSION);
  lm_board_known_answer();
  uint32_t begin = lm_ticks();
  const lm_sensor_config config = {.version = LOTMARK_VERSION,
                                   .channel = "temp",
                                   .unit = "Cel",
                                   .exp = -4,
                                   .interval_s = 15,
                                   .window_s = 60,
                                   .resend_ms = 5000,
                                   .read = read};
  (void)lm_sensor_init(&app, lm_board_hal(), &config); /* a fault is said on the line */
  app.device.crypto = lm_measured(&app.device.crypto);
  lm_log_use("ready", begin);
  uint64_t acked = 0;
  for (;;) {
    lm_sensor_poll(&app);
    if (app.acked != acked) log_number("acked ", app.acked);
    acked = app.acked;
    lm_board_turn();
  }
}
