/* What every device of ours is made of: identity, chain, boot count and key from its page, a line with frames, the newest
 * checkpoint it was given. The applications (app.h, sensor.h) stand on it.
 */
#pragma once

#include "core/embedded/frame.h"
#include "firmware/app/crypto_mbedtls.h"
#include "firmware/app/nv.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why a device signs nothing. The texts that go into error frames are in device.c. */
typedef enum lm_device_fault {
  kLmDeviceOk = 0,
  kLmDeviceNvUnreadable = 1, /* non-volatile memory does not answer */
  kLmDeviceNoIdentity = 2,   /* its identity block is missing or damaged */
  kLmDeviceKeyBad = 3,       /* its key is none, or mbedTLS failed */
  kLmDeviceNoBootCount = 4,  /* the boot count is lost or could not be raised */
  kLmDeviceNoRandom = 5      /* its random generator could not be seeded */
} lm_device_fault;

/* The fields are the application's; tests and the host program read them. */
typedef struct lm_device {
  const lm_hal* hal;
  lm_device_fault fault;
  lm_signer signer;
  lm_crypto crypto;
  char machine[LM_MACHINE_BYTES_MAX];
  size_t machine_size;
  uint32_t interval_s; /* as the factory set it; 0: not */
  uint64_t boot;
  bool enrolled;
  uint8_t chain[LM_DIGEST_BYTES]; /* once enrolled */
  lm_checkpoint anchor;           /* size 0: none given yet */

  lm_frame_decoder decoder;
  uint8_t frame[LM_FRAME_BYTES_MAX]; /* being sent */
} lm_device;

/* Reads the page, counts the boot, says hello as `program`. With a fault the device still answers frames, but signs nothing.
 * `hal` outlives the device. */
lm_device_fault lm_device_init(lm_device* d, const lm_hal* hal, const char* program,
                               const char* version);

/* Frames that came in, one buffer of them, so that a talkative line cannot starve the rest. Enrolment and anchors are seen
 * to; the others go to `on_frame`. */
void lm_device_read_line(lm_device* d, void (*on_frame)(void* app, const lm_frame* frame),
                         void* app);

/* True if the device may sign; else it says on the line why not. */
bool lm_device_may_sign(lm_device* d);

/* A line that does not take it is not an error: what matters is sent again, texts are not missed. */
void lm_device_send(lm_device* d, lm_frame_type type, const void* body, size_t size);
void lm_device_send_error(lm_device* d, const char* text); /* terminated */

/* The newest checkpoint, or NULL. */
const lm_checkpoint* lm_device_anchor(const lm_device* d);

/* Wipes the key. For tests and the host program; a board just loses power. */
void lm_device_end(lm_device* d);

#ifdef __cplusplus
}
#endif
