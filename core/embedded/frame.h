/* Frames on a serial line: docs/format/frames.md.
 *
 * A frame is COBS(type byte || body || CRC-32, little-endian, of type and body) followed by one
 * 0x00. COBS leaves no 0x00 inside, so a reader that lost its place finds it again at the next
 * 0x00.
 *
 * C11, no heap, no OS: firmware and gateway compile the same file. Caller's buffers; a decoder is
 * one object a line, for one thread at a time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LM_FRAME_BODY_BYTES_MAX 512u
/* Before COBS: type, body, CRC. */
#define LM_FRAME_RAW_BYTES_MAX (1u + LM_FRAME_BODY_BYTES_MAX + 4u)
/* On the line: one code byte for each 254 begun, and the closing 0x00. */
#define LM_FRAME_BYTES_MAX (LM_FRAME_RAW_BYTES_MAX + (LM_FRAME_RAW_BYTES_MAX + 253u) / 254u + 1u)

/* Types of frames. Never renumber: devices in the field keep theirs. A reader ignores types that it
 * does not know. */
typedef enum lm_frame_type {
  kLmFrameStart = 1,  /* device -> gateway: signed start object */
  kLmFrameBundle = 2, /* device -> gateway: bundle wire */
  kLmFrameHello = 3,  /* device -> gateway: text, a line for the log */
  kLmFrameEnrol = 4,  /* gateway -> device: chain, 32 bytes; answered by kLmFrameError */
  kLmFrameError = 5,  /* device -> gateway: text, what went wrong; empty answers a done enrol */
  kLmFrameAck = 6,    /* gateway -> device: signed arrival or ack object */
  kLmFrameState = 7,  /* device -> gateway: signed birth object */
  kLmFramePress =
      8, /* gateway -> device: empty; make a start signal as if the button was pressed */
  kLmFrameAnchor =
      9, /* gateway -> device: newest checkpoint: size, 8 bytes big-endian, and root, 32 */
  kLmFrameTime = 10 /* gateway -> device: ms UTC, 8 bytes big-endian */
} lm_frame_type;

/* What feeding a byte led to. Each 0x00 on the line leads to at most one of those above zero. */
typedef enum lm_frame_result {
  kLmFrameMore = 0,  /* nothing yet; also an empty frame (two 0x00 in a row), which is idle line */
  kLmFrameReady = 1, /* a whole frame that checks out */
  kLmFrameTooLarge = 2, /* its body would be above LM_FRAME_BODY_BYTES_MAX */
  kLmFrameTooShort = 3, /* not even a type and a CRC */
  kLmFrameBadCobs = 4,  /* a group ends early, or is one that the encoder never writes */
  kLmFrameBadCrc = 5
} lm_frame_result;

typedef struct lm_frame {
  uint8_t type;        /* an lm_frame_type, or a number that this version does not know */
  const uint8_t* body; /* inside the decoder; good until it is fed again */
  size_t body_size;
} lm_frame;

/* The fields are the decoder's own. */
typedef struct lm_frame_decoder {
  uint8_t raw[LM_FRAME_RAW_BYTES_MAX];
  size_t size;             /* decoded so far */
  uint8_t code;            /* of the group being read; 0 before the first */
  uint8_t previous_code;   /* of the group before it; 0 if none */
  uint8_t left;            /* bytes of the group still to come */
  lm_frame_result failure; /* kept until the 0x00, else kLmFrameMore */
} lm_frame_decoder;

/* CRC-32 of ISO 3309 (Ethernet, zlib): 0xcbf43926 for "123456789". `crc` is 0 at first, later the
 * value returned for the bytes before. */
uint32_t lm_crc32(uint32_t crc, const void* data, size_t size);

/* Writes one frame, its 0x00 included, and returns the bytes written; 0 if the body is above the
 * limit or the frame does not fit in `cap` (LM_FRAME_BYTES_MAX always does); `out` then holds
 * rubbish. */
size_t lm_frame_encode(uint8_t type, const uint8_t* body, size_t body_size, uint8_t* out,
                       size_t cap);

void lm_frame_decoder_init(lm_frame_decoder* d);

/* Takes one byte. `frame` is set only with kLmFrameReady. */
lm_frame_result lm_frame_feed(lm_frame_decoder* d, uint8_t byte, lm_frame* frame);

/* Takes bytes from `*data` until something comes of them, and moves `*data` and `*size` past what
 * was taken. Call until `*size` is 0. */
lm_frame_result lm_frame_feed_chunk(lm_frame_decoder* d, const uint8_t** data, size_t* size,
                                    lm_frame* frame);

#ifdef __cplusplus
}
#endif
