#include "firmware/app/app.h"

#include <string.h>

#include "firmware/app/named.h"

lm_device_fault lm_app_init(lm_app* app, const lm_hal* hal, const lm_app_config* config) {
  memset(app, 0, sizeof *app);
  app->config = *config;
  (void)lm_device_init(&app->device, hal, "start-device", config->version);
  /* A contact found closed at power-up is no press: the machine may have been running all along. */
  app->button_raw = hal->button(hal->ctx);
  app->button = app->button_raw;
  app->button_at_ms = hal->ticks_ms(hal->ctx);
  return app->device.fault;
}

static uint32_t ticks_ms(const lm_app* app) {
  const lm_hal* hal = app->device.hal;
  return hal->ticks_ms(hal->ctx);
}

static void send_pending(lm_app* app, lm_pending* p) {
  lm_device_send(&app->device, kLmFrameStart, p->object, p->size);
  p->sent_ms = ticks_ms(app);
}

static bool seal_start(lm_app* app, lm_pending* p) {
  lm_device* d = &app->device;
  uint8_t nonce[LM_NONCE_BYTES];
  if (d->hal->random(d->hal->ctx, nonce, sizeof nonce) != 0) return false;
  const lm_start start = {.device = d->signer.kid,
                          .machine = d->machine,
                          .machine_size = d->machine_size,
                          .boot = d->boot,
                          .nonce = nonce,
                          .anchor = lm_device_anchor(d)};
  lm_cbor w;
  lm_cbor_init(&w, p->object, sizeof p->object);
  if (lm_start_sign(&w, d->chain, &start, &d->crypto, p->id) != 0) return false;
  p->size = w.len;
  return true;
}

static void on_press(lm_app* app) {
  if (!lm_device_may_sign(&app->device)) return;
  lm_pending* p = NULL;
  for (size_t i = 0; i < LM_APP_PENDING_MAX && p == NULL; i++) {
    if (!app->pending[i].used) p = &app->pending[i];
  }
  if (p == NULL) {
    lm_device_send_error(&app->device, "press refused: too many start signals unanswered");
    return;
  }
  if (!seal_start(app, p)) {
    lm_device_send_error(&app->device, "press refused: random generator or signing failed");
    return;
  }
  p->used = true;
  send_pending(app, p);
}

static void on_ack(lm_app* app, const lm_frame* frame) {
  for (size_t i = 0; i < LM_APP_PENDING_MAX; i++) {
    lm_pending* p = &app->pending[i];
    if (p->used && lm_object_names((lm_span){frame->body, frame->body_size}, p->id)) {
      p->used = false;
    }
  }
}

static void on_frame(void* ctx, const lm_frame* frame) {
  lm_app* app = (lm_app*)ctx;
  switch (frame->type) {
    case kLmFrameAck: on_ack(app, frame); break;
    case kLmFramePress: on_press(app); break;
    default: /* of a later version, or another device's on a shared line */ break;
  }
}

static void read_button(lm_app* app) {
  uint32_t now = ticks_ms(app);
  bool raw = app->device.hal->button(app->device.hal->ctx);
  if (raw != app->button_raw) {
    app->button_raw = raw;
    app->button_at_ms = now;
  }
  if (raw == app->button || now - app->button_at_ms < LM_APP_DEBOUNCE_MS) return;
  app->button = raw;
  if (raw) on_press(app);
}

static void send_again(lm_app* app) {
  for (size_t i = 0; i < LM_APP_PENDING_MAX; i++) {
    lm_pending* p = &app->pending[i];
    if (p->used && ticks_ms(app) - p->sent_ms >= app->config.resend_ms) send_pending(app, p);
  }
}

void lm_app_poll(lm_app* app) {
  lm_device_read_line(&app->device, on_frame, app);
  read_button(app);
  send_again(app);
}

size_t lm_app_pending(const lm_app* app) {
  size_t count = 0;
  for (size_t i = 0; i < LM_APP_PENDING_MAX; i++) count += app->pending[i].used ? 1u : 0u;
  return count;
}

void lm_app_end(lm_app* app) { lm_device_end(&app->device); }
