#include "firmware/app/app.h"

#include <string.h>

#include <mbedtls/platform_util.h>

#include "firmware/app/named.h"
#include "firmware/app/text.h"

static const uint64_t kSizeMax = 9007199254740991u; /* 2^53 - 1 */

static void send(lm_app* app, lm_frame_type type, const void* body, size_t size) {
  size_t bytes =
      lm_frame_encode((uint8_t)type, (const uint8_t*)body, size, app->frame, sizeof app->frame);
  /* A line that does not take it is not an error of ours: signals are sent again, texts are not
   * missed. */
  if (bytes != 0) (void)app->hal->uart_write(app->hal->ctx, app->frame, bytes);
}

static void send_error(lm_app* app, const char* text) {
  send(app, kLmFrameError, text, strlen(text));
}

static const char* fault_text(lm_app_fault fault) {
  switch (fault) {
    case kLmAppOk: return "";
    case kLmAppNvUnreadable: return "non-volatile memory cannot be read: replace the device";
    case kLmAppNoIdentity: return "no identity: write the page with the factory tool";
    case kLmAppKeyBad: return "the key is not usable: write a new page with the factory tool";
    case kLmAppNoBootCount:
      return "boot count lost or stuck: write a new page, with a new key, with the factory tool";
    case kLmAppNoRandom: return "no random generator: replace the device";
  }
  return "";
}

static void say_hello(lm_app* app) {
  lm_text t = {.size = 0};
  lm_text_add(&t, "start-device version=");
  lm_text_add(&t, app->config.version);
  if (app->fault == kLmAppOk) {
    lm_text_add(&t, " boot=");
    lm_text_add_uint(&t, app->boot);
    lm_text_add(&t, " kid=");
    lm_text_add_hex(&t, app->signer.kid, sizeof app->signer.kid);
    lm_text_add(&t, " enrolled=");
    lm_text_add(&t, app->enrolled ? "yes" : "no");
    lm_text_add(&t, " machine=");
    lm_text_add_bytes(&t, app->machine, app->machine_size);
  } else {
    lm_text_add(&t, " fault=");
    lm_text_add_uint(&t, (uint64_t)app->fault);
  }
  send(app, kLmFrameHello, t.data, t.size);
}

/* The boot is counted before anything is made with the key, random bytes included. */
static lm_app_fault take_up(lm_app* app, const lm_nv_identity* identity) {
  const lm_hal* hal = app->hal;
  if (lm_nv_count_boot(hal, &app->boot) != kLmNvOk) return kLmAppNoBootCount;
  if (hal->seed_random != NULL && hal->seed_random(hal->ctx, identity->secret, app->boot) != 0) {
    return kLmAppNoRandom;
  }
  if (lm_signer_init(&app->signer, identity->key, hal) != 0) {
    lm_signer_free(&app->signer);
    return kLmAppKeyBad;
  }
  app->crypto = lm_signer_crypto(&app->signer);
  memcpy(app->machine, identity->machine, identity->machine_size);
  app->machine_size = identity->machine_size;
  app->enrolled = lm_nv_read_chain(hal, app->chain) == kLmNvOk;
  return kLmAppOk;
}

static lm_app_fault load(lm_app* app) {
  lm_nv_identity identity;
  lm_nv_result read = lm_nv_read_identity(app->hal, &identity);
  if (read == kLmNvIo) return kLmAppNvUnreadable;
  if (read != kLmNvOk) return kLmAppNoIdentity;
  lm_app_fault fault = take_up(app, &identity);
  mbedtls_platform_zeroize(&identity, sizeof identity);
  return fault;
}

lm_app_fault lm_app_init(lm_app* app, const lm_hal* hal, const lm_app_config* config) {
  memset(app, 0, sizeof *app);
  app->hal = hal;
  app->config = *config;
  lm_frame_decoder_init(&app->decoder);
  app->fault = load(app);
  /* A contact found closed at power-up is no press: the machine may have been running all along. */
  app->button_raw = hal->button(hal->ctx);
  app->button = app->button_raw;
  app->button_at_ms = hal->ticks_ms(hal->ctx);
  static const uint8_t kEnd = 0; /* closes whatever noise the power-up put on the line */
  (void)hal->uart_write(hal->ctx, &kEnd, 1);
  say_hello(app);
  if (app->fault != kLmAppOk) send_error(app, fault_text(app->fault));
  return app->fault;
}

static void send_pending(lm_app* app, lm_pending* p) {
  send(app, kLmFrameStart, p->object, p->size);
  p->sent_ms = app->hal->ticks_ms(app->hal->ctx);
}

static bool seal_start(lm_app* app, lm_pending* p) {
  uint8_t nonce[LM_NONCE_BYTES];
  if (app->hal->random(app->hal->ctx, nonce, sizeof nonce) != 0) return false;
  const lm_start start = {.device = app->signer.kid,
                          .machine = app->machine,
                          .machine_size = app->machine_size,
                          .boot = app->boot,
                          .nonce = nonce,
                          .anchor = app->anchor.size != 0 ? &app->anchor : NULL};
  lm_cbor w;
  lm_cbor_init(&w, p->object, sizeof p->object);
  if (lm_start_sign(&w, app->chain, &start, &app->crypto, p->id) != 0) return false;
  p->size = w.len;
  return true;
}

static void on_press(lm_app* app) {
  if (app->fault != kLmAppOk) {
    send_error(app, fault_text(app->fault));
    return;
  }
  if (!app->enrolled) {
    send_error(app, "not enrolled: no chain to sign for");
    return;
  }
  lm_pending* p = NULL;
  for (size_t i = 0; i < LM_APP_PENDING_MAX && p == NULL; i++) {
    if (!app->pending[i].used) p = &app->pending[i];
  }
  if (p == NULL) {
    send_error(app, "press refused: too many start signals unanswered");
    return;
  }
  if (!seal_start(app, p)) {
    send_error(app, "press refused: random generator or signing failed");
    return;
  }
  p->used = true;
  send_pending(app, p);
}

/* Once enrolled, the chain stays: a device that could be talked into another chain would sign for
 * strangers. */
static void on_enrol(lm_app* app, const lm_frame* frame) {
  if (app->fault != kLmAppOk) {
    send_error(app, fault_text(app->fault));
  } else if (frame->body_size != LM_DIGEST_BYTES) {
    send_error(app, "enrol refused: the chain is 32 bytes");
  } else if (app->enrolled && memcmp(app->chain, frame->body, LM_DIGEST_BYTES) != 0) {
    send_error(app, "enrol refused: enrolled in another chain");
  } else if (!app->enrolled && lm_nv_write_chain(app->hal, frame->body) != kLmNvOk) {
    send_error(app, "enrol failed: non-volatile memory");
  } else {
    memcpy(app->chain, frame->body, LM_DIGEST_BYTES);
    app->enrolled = true;
    send_error(app, "");
  }
}

static void on_ack(lm_app* app, const lm_frame* frame) {
  for (size_t i = 0; i < LM_APP_PENDING_MAX; i++) {
    lm_pending* p = &app->pending[i];
    if (p->used && lm_object_names((lm_span){frame->body, frame->body_size}, p->id)) {
      p->used = false;
    }
  }
}

/* Only ever forward: an older checkpoint would widen the time bracket of what is signed next. */
static void on_anchor(lm_app* app, const lm_frame* frame) {
  if (frame->body_size != 8 + LM_DIGEST_BYTES) {
    send_error(app, "anchor refused: size and root are 40 bytes");
    return;
  }
  uint64_t size = 0;
  for (unsigned i = 0; i < 8; i++) size = size << 8 | frame->body[i];
  if (size > kSizeMax) {
    send_error(app, "anchor refused: size out of range");
    return;
  }
  if (size <= app->anchor.size) return;
  app->anchor.size = size;
  memcpy(app->anchor.root, frame->body + 8, LM_DIGEST_BYTES);
}

static void on_frame(lm_app* app, const lm_frame* frame) {
  switch (frame->type) {
    case kLmFrameEnrol: on_enrol(app, frame); break;
    case kLmFrameAck: on_ack(app, frame); break;
    case kLmFramePress: on_press(app); break;
    case kLmFrameAnchor: on_anchor(app, frame); break;
    default: /* of a later version, or another device's on a shared line */ break;
  }
}

/* At most one buffer a turn, so that a talkative line cannot starve the button. */
static void read_line(lm_app* app) {
  uint8_t buffer[64];
  size_t size = app->hal->uart_read(app->hal->ctx, buffer, sizeof buffer);
  const uint8_t* data = buffer;
  lm_frame frame;
  while (size != 0) {
    /* Damaged frames are dropped: the gateway sends again what matters. */
    if (lm_frame_feed_chunk(&app->decoder, &data, &size, &frame) == kLmFrameReady) {
      on_frame(app, &frame);
    }
  }
}

static void read_button(lm_app* app) {
  uint32_t now = app->hal->ticks_ms(app->hal->ctx);
  bool raw = app->hal->button(app->hal->ctx);
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
    uint32_t now = app->hal->ticks_ms(app->hal->ctx);
    if (p->used && now - p->sent_ms >= app->config.resend_ms) send_pending(app, p);
  }
}

void lm_app_poll(lm_app* app) {
  read_line(app);
  read_button(app);
  send_again(app);
}

size_t lm_app_pending(const lm_app* app) {
  size_t count = 0;
  for (size_t i = 0; i < LM_APP_PENDING_MAX; i++) count += app->pending[i].used ? 1u : 0u;
  return count;
}

void lm_app_end(lm_app* app) {
  if (app->fault == kLmAppOk) lm_signer_free(&app->signer);
  mbedtls_platform_zeroize(app, sizeof *app);
}
