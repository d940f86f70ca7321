/* The sensor node: reads one sensor at a steady pace, signs bundles of what it read, and sends each until
 * the node's ack covers it.
 *
 * A superloop as app.h. What is not acked stands in memory alone, LM_SENSOR_KEPT_MAX bundles of it: beyond,
 * the oldest go and a signed gap stands in their place. A power-up begins a new life; what the power took
 * with it is said in its first bundle. The device has no clock: until its gateway says what time it is its
 * clock is "unset" and its times are ms since power-up, after that it is "free-running". What dates a bundle
 * beyond its word are its anchor and the node's log.
 */
#pragma once

#include "core/embedded/lost.h"
#include "firmware/app/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LM_SENSOR_KEPT_MAX 16u

typedef struct lm_sensor_config {
  const char* version; /* of the program; the texts are terminated and outlive the app */
  const char* channel;
  const char* unit; /* SenML */
  int exp;
  uint32_t interval_s; /* between two readings, unless the page says another */
  uint32_t window_s;   /* no bundle crosses a multiple: divides the enterprise's bundle_s */
  uint32_t resend_ms;  /* between two sendings of one bundle */
  /* Units of 10^exp. Returns 0 when done; else the sensor did not answer. `ctx` is the HAL's. */
  int (*read)(void* ctx, int32_t* value);
} lm_sensor_config;

/* A sealed bundle until it is acked. */
typedef struct lm_kept {
  uint64_t seq;
  uint8_t id[LM_DIGEST_BYTES];
  uint8_t wire[LM_FRAME_BODY_BYTES_MAX];
  size_t size; /* bytes */
  size_t readings;
  bool sent;
  uint32_t sent_ms; /* tick of the last sending */
} lm_kept;

/* What had to go, in one stretch, until it is acked. */
typedef struct lm_hole {
  uint64_t seq; /* 0: none */
  uint64_t last;
  bool first; /* nothing was before it in this life */
  uint8_t prev[LM_DIGEST_BYTES];
  uint8_t lost[LM_DIGEST_BYTES];
  uint64_t readings;
  uint8_t object[LM_LOST_BYTES_MAX];
  size_t size; /* bytes; 0: not sealed since it grew */
  bool sent;
  uint32_t sent_ms;
} lm_hole;

/* The fields are the application's own; tests read them. */
typedef struct lm_sensor {
  lm_device device;
  lm_sensor_config config;
  uint64_t interval_ms;
  bool failed; /* generator or signing: no more bundles */

  uint32_t ticks;  /* last read, so that it may wrap */
  uint64_t now_ms; /* since power-up */
  uint64_t due_ms; /* next reading, as now_ms */
  bool clock_set;
  uint64_t base_ms; /* added to now_ms once the clock is set */
  uint64_t time_ms; /* what is signed: never falls in a life */

  uint8_t life[LM_LIFE_BYTES];
  uint64_t seq; /* of the newest bundle */
  uint8_t id[LM_DIGEST_BYTES];
  uint64_t refused; /* last seq whose refusal was said */

  lm_reading readings[LM_BUNDLE_READINGS_MAX]; /* not sealed yet */
  size_t count;
  lm_gap gap; /* not sealed yet */
  bool gap_open;

  lm_kept kept[LM_SENSOR_KEPT_MAX]; /* a ring */
  size_t kept_first;
  size_t kept_count;
  lm_hole hole;                      /* before the first of them */
  uint8_t acked_id[LM_DIGEST_BYTES]; /* id before hole and ring */
  uint64_t acked;                    /* its seq, 0: none */
  uint64_t ack_time;                 /* of the newest ack taken */
} lm_sensor;

/* Reads the page, counts the boot, says hello. With a fault it still answers frames. `hal` outlives the app. */
lm_device_fault lm_sensor_init(lm_sensor* s, const lm_hal* hal, const lm_sensor_config* config);

/* One turn. Call at least ten times in an interval. */
void lm_sensor_poll(lm_sensor* s);

/* Bundles sealed and not yet acked. */
size_t lm_sensor_kept(const lm_sensor* s);

void lm_sensor_end(lm_sensor* s);

#ifdef __cplusplus
}
#endif
