#include "firmware/app/device.h"

#include <string.h>

#include <mbedtls/platform_util.h>

#include "firmware/app/text.h"

static const uint64_t kSizeMax = 9007199254740991u; /* 2^53 - 1 */

void lm_device_send(lm_device* d, lm_frame_type type, const void* body, size_t size) {
  size_t bytes =
      lm_frame_encode((uint8_t)type, (const uint8_t*)body, size, d->frame, sizeof d->frame);
  if (bytes != 0) (void)d->hal->uart_write(d->hal->ctx, d->frame, bytes);
}

void lm_device_send_error(lm_device* d, const char* text) {
  lm_device_send(d, kLmFrameError, text, strlen(text));
}

static const char* fault_text(lm_device_fault fault) {
  switch (fault) {
    case kLmDeviceOk: return "";
    case kLmDeviceNvUnreadable: return "non-volatile memory cannot be read: replace the device";
    case kLmDeviceNoIdentity: return "no identity: write the page with the factory tool";
    case kLmDeviceKeyBad: return "the key is not usable: write a new page with the factory tool";
    case kLmDeviceNoBootCount:
      return "boot count lost or stuck: write a new page, with a new key, with the factory tool";
    case kLmDeviceNoRandom: return "no random generator: replace the device";
  }
  return "";
}

static void say_hello(lm_device* d, const char* program, const char* version) {
  lm_text t = {.size = 0};
  lm_text_add(&t, program);
  lm_text_add(&t, " version=");
  lm_text_add(&t, version);
  if (d->fault == kLmDeviceOk) {
    lm_text_add(&t, " boot=");
    lm_text_add_uint(&t, d->boot);
    lm_text_add(&t, " kid=");
    lm_text_add_hex(&t, d->signer.kid, sizeof d->signer.kid);
    lm_text_add(&t, " enrolled=");
    lm_text_add(&t, d->enrolled ? "yes" : "no");
    lm_text_add(&t, " machine=");
    lm_text_add_bytes(&t, d->machine, d->machine_size);
  } else {
    lm_text_add(&t, " fault=");
    lm_text_add_uint(&t, (uint64_t)d->fault);
  }
  lm_device_send(d, kLmFrameHello, t.data, t.size);
}

/* The boot is counted before anything is made with the key, random bytes included. */
static lm_device_fault take_up(lm_device* d, const lm_nv_identity* identity) {
  const lm_hal* hal = d->hal;
  if (lm_nv_count_boot(hal, &d->boot) != kLmNvOk) return kLmDeviceNoBootCount;
  if (hal->seed_random != NULL && hal->seed_random(hal->ctx, identity->secret, d->boot) != 0) {
    return kLmDeviceNoRandom;
  }
  if (lm_signer_init(&d->signer, identity->key, hal) != 0) {
    lm_signer_free(&d->signer);
    return kLmDeviceKeyBad;
  }
  d->crypto = lm_signer_crypto(&d->signer);
  memcpy(d->machine, identity->machine, identity->machine_size);
  d->machine_size = identity->machine_size;
  d->interval_s = identity->interval_s;
  d->enrolled = lm_nv_read_chain(hal, d->chain) == kLmNvOk;
  return kLmDeviceOk;
}

static lm_device_fault load(lm_device* d) {
  lm_nv_identity identity;
  lm_nv_result read = lm_nv_read_identity(d->hal, &identity);
  if (read == kLmNvIo) return kLmDeviceNvUnreadable;
  if (read != kLmNvOk) return kLmDeviceNoIdentity;
  lm_device_fault fault = take_up(d, &identity);
  mbedtls_platform_zeroize(&identity, sizeof identity);
  return fault;
}

/* Once enrolled, the chain stays: a device that could be talked into another chain would sign for
 * strangers. */
static void on_enrol(lm_device* d, const lm_frame* frame) {
  if (d->fault != kLmDeviceOk) {
    lm_device_send_error(d, fault_text(d->fault));
  } else if (frame->body_size != LM_DIGEST_BYTES) {
    lm_device_send_error(d, "enrol refused: the chain is 32 bytes");
  } else if (d->enrolled && memcmp(d->chain, frame->body, LM_DIGEST_BYTES) != 0) {
    lm_device_send_error(d, "enrol refused: enrolled in another chain");
  } else if (!d->enrolled && lm_nv_write_chain(d->hal, frame->body) != kLmNvOk) {
    lm_device_send_error(d, "enrol failed: non-volatile memory");
  } else {
    memcpy(d->chain, frame->body, LM_DIGEST_BYTES);
    d->enrolled = true;
    lm_device_send_error(d, "");
  }
}

/* Only ever forward: an older checkpoint would widen the time bracket of what is signed next. */
static void on_anchor(lm_device* d, const lm_frame* frame) {
  if (frame->body_size != 8 + LM_DIGEST_BYTES) {
    lm_device_send_error(d, "anchor refused: size and root are 40 bytes");
    return;
  }
  uint64_t size = 0;
  for (unsigned i = 0; i < 8; i++) size = size << 8 | frame->body[i];
  if (size > kSizeMax) {
    lm_device_send_error(d, "anchor refused: size out of range");
    return;
  }
  if (size <= d->anchor.size) return;
  d->anchor.size = size;
  memcpy(d->anchor.root, frame->body + 8, LM_DIGEST_BYTES);
}

static void on_frame(lm_device* d, const lm_frame* frame,
                     void (*others)(void* app, const lm_frame* frame), void* app) {
  switch (frame->type) {
    case kLmFrameEnrol: on_enrol(d, frame); break;
    case kLmFrameAnchor: on_anchor(d, frame); break;
    default: others(app, frame);
  }
}

void lm_device_read_line(lm_device* d, void (*others)(void* app, const lm_frame* frame),
                         void* app) {
  uint8_t buffer[64];
  size_t size = d->hal->uart_read(d->hal->ctx, buffer, sizeof buffer);
  const uint8_t* data = buffer;
  lm_frame frame;
  while (size != 0) {
    /* Damaged frames are dropped: the gateway sends again what matters. */
    if (lm_frame_feed_chunk(&d->decoder, &data, &size, &frame) == kLmFrameReady) {
      on_frame(d, &frame, others, app);
    }
  }
}

bool lm_device_may_sign(lm_device* d) {
  if (d->fault != kLmDeviceOk) {
    lm_device_send_error(d, fault_text(d->fault));
  } else if (!d->enrolled) {
    lm_device_send_error(d, "not enrolled: no chain to sign for");
  }
  return d->fault == kLmDeviceOk && d->enrolled;
}

const lm_checkpoint* lm_device_anchor(const lm_device* d) {
  return d->anchor.size != 0 ? &d->anchor : NULL;
}

lm_device_fault lm_device_init(lm_device* d, const lm_hal* hal, const char* program,
                               const char* version) {
  memset(d, 0, sizeof *d);
  d->hal = hal;
  lm_frame_decoder_init(&d->decoder);
  d->fault = load(d);
  static const uint8_t kEnd = 0; /* closes whatever noise the power-up put on the line */
  (void)hal->uart_write(hal->ctx, &kEnd, 1);
  say_hello(d, program, version);
  if (d->fault != kLmDeviceOk) lm_device_send_error(d, fault_text(d->fault));
  return d->fault;
}

void lm_device_end(lm_device* d) {
  if (d->fault == kLmDeviceOk) lm_signer_free(&d->signer);
  mbedtls_platform_zeroize(d, sizeof *d);
}
