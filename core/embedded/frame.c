#include "core/embedded/frame.h"

#include <stdbool.h>
#include <string.h>

enum { kCrcBytes = 4, kRawBytesMin = 1 + kCrcBytes, kGroupBytesMax = 254, kFullGroup = 255 };

uint32_t lm_crc32(uint32_t crc, const void* data, size_t size) {
  /* Four bits at a step: 64 bytes of table, not 1,024. */
  static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                     0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                     0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t* bytes = (const uint8_t*)data;
  crc = ~crc;
  for (size_t i = 0; i < size; i++) {
    crc ^= bytes[i];
    crc = (crc >> 4) ^ table[crc & 15u];
    crc = (crc >> 4) ^ table[crc & 15u];
  }
  return ~crc;
}

/* COBS writer: `code_at` is where the code of the open group goes once its length is known. */
typedef struct cobs_writer {
  uint8_t* out;
  size_t cap;
  size_t len;
  size_t code_at;
  unsigned group; /* bytes in the open group */
  bool full;      /* ran out of `cap` */
} cobs_writer;

static void put(cobs_writer* w, uint8_t byte) {
  if (w->len == w->cap) {
    w->full = true;
    return;
  }
  w->out[w->len++] = byte;
}

static void open_group(cobs_writer* w) {
  w->code_at = w->len;
  w->group = 0;
  put(w, 0);
}

static void close_group(cobs_writer* w) {
  if (!w->full) w->out[w->code_at] = (uint8_t)(w->group + 1u);
}

static void write_cobs(cobs_writer* w, const uint8_t* data, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (w->group == kGroupBytesMax) {
      close_group(w);
      open_group(w);
    }
    if (data[i] == 0) {
      close_group(w);
      open_group(w);
    } else {
      put(w, data[i]);
      w->group++;
    }
  }
}

size_t lm_frame_encode(uint8_t type, const uint8_t* body, size_t body_size, uint8_t* out,
                       size_t cap) {
  if (body_size > LM_FRAME_BODY_BYTES_MAX) return 0;
  uint32_t crc = lm_crc32(lm_crc32(0, &type, 1), body, body_size);
  uint8_t trailer[kCrcBytes];
  for (unsigned i = 0; i < kCrcBytes; i++) trailer[i] = (uint8_t)(crc >> (8u * i));
  cobs_writer w = {.out = out, .cap = cap};
  open_group(&w);
  write_cobs(&w, &type, 1);
  write_cobs(&w, body, body_size);
  write_cobs(&w, trailer, sizeof trailer);
  close_group(&w);
  put(&w, 0);
  return w.full ? 0 : w.len;
}

static void restart(lm_frame_decoder* d) {
  d->size = 0;
  d->code = 0;
  d->previous_code = 0;
  d->left = 0;
  d->failure = kLmFrameMore;
}

void lm_frame_decoder_init(lm_frame_decoder* d) {
  memset(d->raw, 0, sizeof d->raw);
  restart(d);
}

static void append(lm_frame_decoder* d, uint8_t byte) {
  if (d->size == sizeof d->raw) {
    d->failure = kLmFrameTooLarge;
    return;
  }
  d->raw[d->size++] = byte;
}

/* What the bytes since the last 0x00 are, now that the next one came. */
static lm_frame_result judge(const lm_frame_decoder* d, lm_frame* frame) {
  if (d->failure != kLmFrameMore) return d->failure;
  if (d->code == 0) return kLmFrameMore;
  if (d->left != 0) return kLmFrameBadCobs;
  /* An empty last group after a full one adds nothing: one form only, so it is refused. */
  if (d->code == 1 && d->previous_code == kFullGroup) return kLmFrameBadCobs;
  if (d->size < kRawBytesMin) return kLmFrameTooShort;
  size_t covered = d->size - kCrcBytes;
  uint32_t crc = 0;
  for (unsigned i = 0; i < kCrcBytes; i++) crc |= (uint32_t)d->raw[covered + i] << (8u * i);
  if (crc != lm_crc32(0, d->raw, covered)) return kLmFrameBadCrc;
  frame->type = d->raw[0];
  frame->body = d->raw + 1;
  frame->body_size = covered - 1;
  return kLmFrameReady;
}

lm_frame_result lm_frame_feed(lm_frame_decoder* d, uint8_t byte, lm_frame* frame) {
  if (byte == 0) {
    lm_frame_result result = judge(d, frame);
    restart(d);
    return result;
  }
  if (d->failure != kLmFrameMore) return kLmFrameMore; /* dropped up to the next 0x00 */
  if (d->left != 0) {
    append(d, byte);
    d->left--;
    return kLmFrameMore;
  }
  if (d->code != 0 && d->code != kFullGroup) append(d, 0);
  d->previous_code = d->code;
  d->code = byte;
  d->left = (uint8_t)(byte - 1u);
  return kLmFrameMore;
}

lm_frame_result lm_frame_feed_chunk(lm_frame_decoder* d, const uint8_t** data, size_t* size,
                                    lm_frame* frame) {
  while (*size != 0) {
    uint8_t byte = **data;
    (*data)++;
    (*size)--;
    lm_frame_result result = lm_frame_feed(d, byte, frame);
    if (result != kLmFrameMore) return result;
  }
  return kLmFrameMore;
}
