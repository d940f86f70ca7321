#include "firmware/app/sensor.h"

#include <string.h>

#include "firmware/app/ack.h"
#include "firmware/app/text.h"

static const uint64_t kIntMax = 9007199254740991u; /* 2^53 - 1 */

/* After power-up a gateway gets so long to say the time, so that the first reading has a date. */
enum { kGraceMs = 2000, kStepMs = 1000, kBackMsMax = 10000 };

static lm_kept* kept_at(lm_sensor* s, size_t i) {
  return &s->kept[(s->kept_first + i) % LM_SENSOR_KEPT_MAX];
}

static void drop_oldest(lm_sensor* s) {
  s->kept_first = (s->kept_first + 1) % LM_SENSOR_KEPT_MAX;
  s->kept_count--;
}

/* A life is one power-up: neither seq nor ids outlive it. */
static bool begin_life(lm_sensor* s) {
  const lm_hal* hal = s->device.hal;
  s->seq = 0;
  s->acked = 0;
  s->refused = 0;
  s->kept_count = 0;
  s->hole.seq = 0;
  return hal->random(hal->ctx, s->life, sizeof s->life) == 0;
}

/* Makes room for one more bundle: the oldest goes, and is part of the hole. */
static void let_go(lm_sensor* s) {
  if (s->kept_count < LM_SENSOR_KEPT_MAX) return;
  const lm_kept* oldest = kept_at(s, 0);
  lm_hole* hole = &s->hole;
  if (hole->seq == 0) {
    memset(hole, 0, sizeof *hole);
    hole->seq = oldest->seq;
    hole->first = s->acked == 0;
    memcpy(hole->prev, s->acked_id, sizeof hole->prev);
  }
  hole->last = oldest->seq;
  hole->readings += oldest->readings;
  memcpy(hole->lost, oldest->id, sizeof hole->lost);
  hole->size = 0;
  drop_oldest(s);
}

/* What is open, as a bundle. */
static lm_bundle describe(const lm_sensor* s) {
  const lm_device* d = &s->device;
  return (lm_bundle){.device = d->signer.kid,
                     .life = s->life,
                     .seq = s->seq + 1,
                     .prev = s->seq != 0 ? s->id : NULL,
                     .boot = d->boot,
                     .anchor = lm_device_anchor(d),
                     .made = s->time_ms,
                     .clock = s->clock_set ? kLmClockFreeRunning : kLmClockUnset,
                     .channel = s->config.channel,
                     .unit = s->config.unit,
                     .exp = s->config.exp,
                     .readings = s->readings,
                     .count = s->count,
                     .gap = s->gap_open ? &s->gap : NULL};
}

/* Signs what is open. A bundle that cannot be signed is the end of this log: the number is not used for another. */
static void seal(lm_sensor* s) {
  if (s->failed || (s->count == 0 && !s->gap_open)) return;
  let_go(s);
  lm_kept* k = kept_at(s, s->kept_count);
  lm_device* d = &s->device;
  const lm_bundle bundle = describe(s);
  uint8_t salt[LM_DIGEST_BYTES];
  lm_cbor w;
  lm_cbor_init(&w, k->wire, sizeof k->wire);
  if (d->hal->random(d->hal->ctx, salt, sizeof salt) != 0 ||
      lm_bundle_sign(&w, d->chain, &bundle, salt, &d->crypto, k->id) != 0) {
    s->failed = true;
    lm_device_send_error(d, "no more bundles: random generator or signing failed");
    return;
  }
  k->seq = bundle.seq;
  k->size = w.len;
  k->readings = bundle.count;
  k->sent = false;
  s->kept_count++;
  s->seq = bundle.seq;
  memcpy(s->id, k->id, sizeof s->id);
  s->count = 0;
  s->gap_open = false;
}

/* Would it fit a frame with all that may still grow: an anchor that comes, the time it is sealed, a first prev? */
static bool fits(const lm_sensor* s) {
  static const uint8_t kAny[LM_DIGEST_BYTES];
  const lm_checkpoint anchor = {.size = kIntMax};
  lm_bundle b = describe(s);
  b.anchor = &anchor;
  b.prev = kAny;
  b.made += 1000u * (uint64_t)s->config.window_s;
  size_t bytes = lm_bundle_bytes(s->device.chain, &b);
  return bytes != 0 && bytes <= LM_FRAME_BODY_BYTES_MAX;
}

static bool other_window(const lm_sensor* s, uint64_t from) {
  uint64_t window_ms = 1000u * (uint64_t)s->config.window_s;
  return from / window_ms != s->time_ms / window_ms;
}

/* Readings and a gap go into bundles of their own, so that a frame holds either. */
static void add_gap(lm_sensor* s, lm_reason reason) {
  if (s->count != 0 || (s->gap_open && (s->gap.reason != reason || other_window(s, s->gap.from)))) {
    seal(s);
  }
  if (!s->gap_open) {
    s->gap =
        (lm_gap){.whole_device = reason == kLmReasonPower, .from = s->time_ms, .reason = reason};
    s->gap_open = true;
  }
  s->gap.to = s->time_ms;
}

static void add_reading(lm_sensor* s, int32_t value) {
  if (s->gap_open || (s->count != 0 && other_window(s, s->readings[0].t))) seal(s);
  if (s->count == LM_BUNDLE_READINGS_MAX) seal(s);
  s->readings[s->count] = (lm_reading){.t = s->time_ms, .value = value};
  s->count++;
  if (s->count == 1 || fits(s)) return;
  s->count--;
  seal(s);
  s->readings[0] = (lm_reading){.t = s->time_ms, .value = value};
  s->count = 1;
}

static void take_reading(lm_sensor* s) {
  if (!s->device.enrolled || s->failed || s->now_ms < s->due_ms) return;
  s->due_ms += s->interval_ms;
  if (s->due_ms <= s->now_ms) s->due_ms = s->now_ms + s->interval_ms; /* held up: no burst */
  int32_t value = 0;
  if (s->config.read(s->device.hal->ctx, &value) == 0) {
    add_reading(s, value);
  } else {
    add_gap(s, kLmReasonSensorLost);
  }
}

/* A window that is over is sealed though no reading comes. */
static void close_window(lm_sensor* s) {
  if ((s->count != 0 && other_window(s, s->readings[0].t)) ||
      (s->gap_open && other_window(s, s->gap.from))) {
    seal(s);
  }
}

static bool due(const lm_sensor* s, bool sent, uint32_t sent_ms) {
  return !sent || s->ticks - sent_ms >= s->config.resend_ms;
}

static void send_hole(lm_sensor* s) {
  lm_hole* hole = &s->hole;
  lm_device* d = &s->device;
  if (hole->seq == 0 || (hole->size != 0 && !due(s, hole->sent, hole->sent_ms))) return;
  if (hole->size == 0) {
    const lm_lost lost = {.device = d->signer.kid,
                          .life = s->life,
                          .seq = hole->seq,
                          .last = hole->last,
                          .prev = hole->first ? NULL : hole->prev,
                          .id = hole->lost,
                          .readings = hole->readings,
                          .reason = kLmReasonOutboxFull};
    uint8_t id[LM_DIGEST_BYTES];
    lm_cbor w;
    lm_cbor_init(&w, hole->object, sizeof hole->object);
    if (lm_lost_sign(&w, d->chain, &lost, &d->crypto, id) != 0) return; /* tried again next turn */
    hole->size = w.len;
  }
  lm_device_send(d, kLmFrameBundle, hole->object, hole->size);
  hole->sent = true;
  hole->sent_ms = s->ticks;
}

static void send_kept(lm_sensor* s) {
  for (size_t i = 0; i < s->kept_count; i++) {
    lm_kept* k = kept_at(s, i);
    if (!due(s, k->sent, k->sent_ms)) continue;
    lm_device_send(&s->device, kLmFrameBundle, k->wire, k->size);
    k->sent = true;
    k->sent_ms = s->ticks;
  }
}

static void say_refusal(lm_sensor* s, const lm_ack* ack) {
  if (ack->refused <= ack->through || ack->refused == s->refused) return; /* taken, or said */
  s->refused = ack->refused;
  lm_text t = {.size = 0};
  lm_text_add(&t, "bundle ");
  lm_text_add_uint(&t, ack->refused);
  lm_text_add(&t, " refused by the node: error ");
  lm_text_add_uint(&t, ack->refused_error);
  lm_device_send(&s->device, kLmFrameError, t.data, t.size);
}

/* An ack that was overtaken, and one whose id is not that of what it covers: it is of another log. */
static bool contradicts(lm_sensor* s, const lm_ack* ack) {
  if (ack->through > s->seq || ack->time < s->ack_time) return true;
  if (!ack->named) return false;
  if (s->hole.seq != 0 && ack->through == s->hole.last) {
    return memcmp(ack->id, s->hole.lost, LM_DIGEST_BYTES) != 0;
  }
  for (size_t i = 0; i < s->kept_count; i++) {
    const lm_kept* k = kept_at(s, i);
    if (k->seq == ack->through) return memcmp(ack->id, k->id, LM_DIGEST_BYTES) != 0;
  }
  return false;
}

static void on_ack(lm_sensor* s, const lm_frame* frame) {
  lm_ack ack;
  if (!lm_ack_read((lm_span){frame->body, frame->body_size}, s->device.signer.kid, s->life, &ack))
    return;
  if (contradicts(s, &ack)) return;
  bool newer = ack.time > s->ack_time;
  s->ack_time = ack.time;
  say_refusal(s, &ack);
  if (ack.need_seq && newer && ack.through < s->acked) {
    /* The node lost what it had acked, and so did this device: it can only begin anew. */
    lm_device_send_error(&s->device, "the node asks for bundles that are gone: a new life begins");
    s->failed = !begin_life(s);
    return;
  }
  if (ack.through <= s->acked) return;
  while (s->kept_count != 0 && kept_at(s, 0)->seq <= ack.through) {
    memcpy(s->acked_id, kept_at(s, 0)->id, LM_DIGEST_BYTES);
    drop_oldest(s);
  }
  if (s->hole.seq != 0 && s->hole.last <= ack.through) {
    if (s->hole.last == ack.through) memcpy(s->acked_id, s->hole.lost, LM_DIGEST_BYTES);
    s->hole.seq = 0;
  }
  s->acked = ack.through;
}

static void set_clock(lm_sensor* s, uint64_t time_ms) {
  /* What the power took is dated by the first time that is known; readings of before keep theirs. */
  bool undated = !s->clock_set && s->gap_open && s->gap.reason == kLmReasonPower;
  if (s->device.enrolled && !undated) seal(s);
  s->clock_set = true;
  s->base_ms = time_ms - s->now_ms;
  if (time_ms > s->time_ms) s->time_ms = time_ms;
  if (undated) {
    s->gap.from = s->time_ms;
    s->gap.to = s->time_ms;
  }
}

/* The gateway's word for it. Forward it is believed at once; a little back, the signed time stands still until it is caught
 * up with. */
static void on_time(lm_sensor* s, const lm_frame* frame) {
  if (frame->body_size != 8) {
    lm_device_send_error(&s->device, "time refused: it is 8 bytes");
    return;
  }
  uint64_t time_ms = 0;
  for (unsigned i = 0; i < 8; i++) time_ms = time_ms << 8 | frame->body[i];
  if (time_ms > kIntMax || time_ms < s->now_ms) {
    lm_device_send_error(&s->device, "time refused: out of range");
    return;
  }
  uint64_t mine_ms = s->now_ms + s->base_ms;
  if (s->clock_set && time_ms + kBackMsMax < mine_ms) {
    lm_device_send_error(&s->device, "time refused: it lies far back");
    return;
  }
  if (s->clock_set && time_ms <= mine_ms + kStepMs && mine_ms <= time_ms + kStepMs) return;
  set_clock(s, time_ms);
}

static void on_frame(void* ctx, const lm_frame* frame) {
  lm_sensor* s = (lm_sensor*)ctx;
  if (s->device.fault != kLmDeviceOk) return;
  if (frame->type == kLmFrameAck) on_ack(s, frame);
  if (frame->type == kLmFrameTime) on_time(s, frame);
}

lm_device_fault lm_sensor_init(lm_sensor* s, const lm_hal* hal, const lm_sensor_config* config) {
  memset(s, 0, sizeof *s);
  s->config = *config;
  lm_device* d = &s->device;
  (void)lm_device_init(d, hal, "sensor-node", config->version);
  uint32_t interval_s = d->interval_s != 0 ? d->interval_s : config->interval_s;
  s->interval_ms = 1000u * (uint64_t)interval_s;
  s->ticks = hal->ticks_ms(hal->ctx);
  s->due_ms = kGraceMs;
  if (d->fault != kLmDeviceOk) return d->fault;
  s->failed = !begin_life(s);
  /* Nobody knows what the power took with it, or for how long it was away. */
  if (d->boot > 1) add_gap(s, kLmReasonPower);
  return d->fault;
}

void lm_sensor_poll(lm_sensor* s) {
  lm_device* d = &s->device;
  lm_device_read_line(d, on_frame, s);
  uint32_t ticks = d->hal->ticks_ms(d->hal->ctx);
  s->now_ms += ticks - s->ticks;
  s->ticks = ticks;
  if (s->now_ms + s->base_ms > s->time_ms) s->time_ms = s->now_ms + s->base_ms;
  if (d->fault != kLmDeviceOk || !d->enrolled) return;
  take_reading(s);
  close_window(s);
  send_hole(s);
  send_kept(s);
}

size_t lm_sensor_kept(const lm_sensor* s) { return s->kept_count; }

void lm_sensor_end(lm_sensor* s) { lm_device_end(&s->device); }
