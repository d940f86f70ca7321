#include "core/embedded/bundle.h"

#include <string.h>

enum { kSaltBytes = 16, kAnnotationBytesMax = 1 + 6 * 9, kDepthMax = 5 };
_Static_assert(LM_BUNDLE_READINGS_MAX < 1u << kDepthMax, "the tree's roots do not fit");

/* Root of a complete part of the annotated tree (docs/format/trees.md). */
typedef struct node {
  uint64_t count;
  int64_t min;
  int64_t max;
  uint64_t t_first;
  uint64_t t_last;
  uint64_t gap_max;
  uint8_t hash[LM_DIGEST_BYTES];
} node;

static void put_annotation(lm_cbor* w, const node* n) {
  lm_cbor_array(w, 6);
  lm_cbor_uint(w, n->count);
  lm_cbor_int(w, n->min);
  lm_cbor_int(w, n->max);
  lm_cbor_uint(w, n->t_first);
  lm_cbor_uint(w, n->t_last);
  lm_cbor_uint(w, n->gap_max);
}

static int join(const lm_crypto* crypto, const node* l, const node* r, node* out) {
  static const uint8_t kInner = 1;
  uint8_t left[kAnnotationBytesMax];
  uint8_t right[kAnnotationBytesMax];
  lm_cbor wl;
  lm_cbor wr;
  lm_cbor_init(&wl, left, sizeof left);
  lm_cbor_init(&wr, right, sizeof right);
  put_annotation(&wl, l);
  put_annotation(&wr, r);
  const lm_span parts[] = {{&kInner, 1},
                           {left, wl.len},
                           {l->hash, LM_DIGEST_BYTES},
                           {right, wr.len},
                           {r->hash, LM_DIGEST_BYTES}};
  node n = {.count = l->count + r->count,
            .min = l->min < r->min ? l->min : r->min,
            .max = l->max > r->max ? l->max : r->max,
            .t_first = l->t_first,
            .t_last = r->t_last,
            .gap_max = l->gap_max > r->gap_max ? l->gap_max : r->gap_max};
  if (r->t_first - l->t_last > n.gap_max) n.gap_max = r->t_first - l->t_last;
  if (crypto->sha256(crypto->ctx, parts, sizeof parts / sizeof parts[0], n.hash) != 0) return 2;
  *out = n;
  return 0;
}

/* Leaf of reading `index` of channel 0. */
static int leaf(const lm_crypto* crypto, const uint8_t* salt, size_t index,
                const lm_reading* reading, node* out) {
  static const uint8_t kLeaf = 0;
  const uint8_t place[8] = {0, 0, 0, 0, 0, 0, 0, (uint8_t)index};
  const lm_span of_salt[] = {{salt, LM_DIGEST_BYTES}, {place, sizeof place}};
  uint8_t leaf_salt[LM_DIGEST_BYTES];
  if (crypto->sha256(crypto->ctx, of_salt, 2, leaf_salt) != 0) return 2;
  uint8_t entry[1 + 1 + kSaltBytes + 9 + 9];
  lm_cbor w;
  lm_cbor_init(&w, entry, sizeof entry);
  lm_cbor_array(&w, 3);
  lm_cbor_bytes(&w, leaf_salt, kSaltBytes);
  lm_cbor_uint(&w, reading->t);
  lm_cbor_int(&w, reading->value);
  if (!lm_cbor_ok(&w)) return 1;
  const lm_span parts[] = {{&kLeaf, 1}, {entry, w.len}};
  *out = (node){.count = 1,
                .min = reading->value,
                .max = reading->value,
                .t_first = reading->t,
                .t_last = reading->t};
  return crypto->sha256(crypto->ctx, parts, 2, out->hash) == 0 ? 0 : 2;
}

/* As a compact range: roots of complete parts, largest first, folded from the end. At least one reading. */
static int root(const lm_crypto* crypto, const uint8_t* salt, const lm_bundle* b, node* out) {
  node roots[kDepthMax];
  size_t held = 0;
  int failed = 0;
  for (size_t i = 0; i < b->count && failed == 0; i++) {
    node n;
    failed = leaf(crypto, salt, i, &b->readings[i], &n);
    for (size_t bits = i; (bits & 1u) != 0 && failed == 0; bits >>= 1) {
      failed = join(crypto, &roots[--held], &n, &n);
    }
    roots[held++] = n;
  }
  while (held > 1 && failed == 0) {
    held--;
    failed = join(crypto, &roots[held - 1], &roots[held], &roots[held - 1]);
  }
  *out = roots[0];
  return failed;
}

/* The same annotation without a hash, for measuring. */
static void annotate(const lm_bundle* b, node* out) {
  const lm_reading* r = b->readings;
  node n = {.count = b->count,
            .min = r[0].value,
            .max = r[0].value,
            .t_first = r[0].t,
            .t_last = r[b->count - 1].t};
  for (size_t i = 1; i < b->count; i++) {
    if (r[i].value < n.min) n.min = r[i].value;
    if (r[i].value > n.max) n.max = r[i].value;
    if (r[i].t - r[i - 1].t > n.gap_max) n.gap_max = r[i].t - r[i - 1].t;
  }
  *out = n;
}

static bool in_range(const lm_bundle* b) {
  size_t name = strlen(b->channel);
  if (name == 0 || name > LM_CHANNEL_BYTES_MAX || strlen(b->unit) > LM_UNIT_BYTES_MAX) return false;
  if (b->seq == 0 || b->exp < -18 || b->exp > 18 || b->count > LM_BUNDLE_READINGS_MAX) return false;
  if (b->anchor != NULL && b->anchor->size == 0) return false;
  if (b->gap != NULL && b->gap->from > b->gap->to) return false;
  for (size_t i = 1; i < b->count; i++) {
    if (b->readings[i].t < b->readings[i - 1].t) return false;
  }
  return true;
}

static void put_digest(lm_cbor* w, const uint8_t* digest) {
  if (digest == NULL) {
    lm_cbor_null(w);
  } else {
    lm_cbor_bytes(w, digest, LM_DIGEST_BYTES);
  }
}

/* `from` and `to` of the whole: with neither readings nor a gap, when it was made. */
static void span_of(const lm_bundle* b, uint64_t* from, uint64_t* to) {
  *from = b->made;
  *to = b->made;
  if (b->count != 0) {
    *from = b->readings[0].t;
    *to = b->readings[b->count - 1].t;
  }
  if (b->gap == NULL) return;
  if (b->count == 0 || b->gap->from < *from) *from = b->gap->from;
  if (b->count == 0 || b->gap->to > *to) *to = b->gap->to;
}

static void put_gaps(lm_cbor* w, const lm_gap* gap) {
  lm_cbor_array(w, gap != NULL ? 1 : 0);
  if (gap == NULL) return;
  lm_cbor_array(w, 4);
  if (gap->whole_device) {
    lm_cbor_null(w);
  } else {
    lm_cbor_uint(w, 0);
  }
  lm_cbor_uint(w, gap->from);
  lm_cbor_uint(w, gap->to);
  lm_cbor_uint(w, (uint64_t)gap->reason);
}

static void put_channel(lm_cbor* w, const lm_bundle* b, const node* n) {
  lm_cbor_array(w, 1);
  lm_cbor_array(w, 6);
  lm_cbor_text(w, b->channel, strlen(b->channel));
  lm_cbor_uint(w, 0); /* a quantity */
  lm_cbor_text(w, b->unit, strlen(b->unit));
  lm_cbor_int(w, b->exp);
  if (b->count != 0) {
    put_annotation(w, n);
    lm_cbor_bytes(w, n->hash, LM_DIGEST_BYTES);
  } else {
    lm_cbor_null(w);
    lm_cbor_null(w);
  }
}

static void put_payload(lm_cbor* w, const lm_bundle* b, const node* n) {
  uint64_t from;
  uint64_t to;
  span_of(b, &from, &to);
  lm_cbor_map(w, 13);
  lm_cbor_uint(w, 0);
  lm_cbor_bytes(w, b->device, LM_KID_BYTES);
  lm_cbor_uint(w, 1);
  lm_cbor_bytes(w, b->life, LM_LIFE_BYTES);
  lm_cbor_uint(w, 2);
  lm_cbor_uint(w, b->seq);
  lm_cbor_uint(w, 3);
  put_digest(w, b->prev);
  lm_cbor_uint(w, 4);
  lm_cbor_uint(w, b->boot);
  lm_cbor_uint(w, 5);
  if (b->anchor != NULL) {
    lm_cbor_array(w, 2);
    lm_cbor_uint(w, b->anchor->size);
    lm_cbor_bytes(w, b->anchor->root, LM_DIGEST_BYTES);
  } else {
    lm_cbor_null(w);
  }
  const uint64_t times[] = {from, to, b->made};
  for (size_t i = 0; i < 3; i++) {
    lm_cbor_uint(w, 6 + i);
    lm_cbor_uint(w, times[i]);
  }
  lm_cbor_uint(w, 9);
  lm_cbor_uint(w, (uint64_t)b->clock);
  lm_cbor_uint(w, 10);
  put_gaps(w, b->gap);
  lm_cbor_uint(w, 11);
  lm_cbor_array(w, 0); /* no alarms */
  lm_cbor_uint(w, 12);
  put_channel(w, b, n);
}

static void put_readings(lm_cbor* w, const lm_bundle* b, const uint8_t* salt) {
  lm_cbor_bytes(w, salt, LM_DIGEST_BYTES);
  lm_cbor_array(w, 1);
  lm_cbor_array(w, b->count);
  for (size_t i = 0; i < b->count; i++) {
    lm_cbor_array(w, 2);
    lm_cbor_uint(w, b->readings[i].t);
    lm_cbor_int(w, b->readings[i].value);
  }
}

/* Bytes of the signed object around a payload of that size. */
static size_t object_bytes(const lm_cose_header* header, size_t payload) {
  lm_cbor p;
  lm_cbor_init(&p, NULL, 0);
  lm_cose_protected(&p, header);
  lm_cbor w;
  lm_cbor_init(&w, NULL, 0);
  lm_cbor_tag(&w, 18);
  lm_cbor_array(&w, 4);
  lm_cbor_bytes_head(&w, p.len);
  lm_cbor_map(&w, 0);
  lm_cbor_bytes_head(&w, payload);
  lm_cbor_bytes_head(&w, LM_SIGNATURE_BYTES);
  return w.len + p.len + payload + LM_SIGNATURE_BYTES;
}

size_t lm_bundle_bytes(const uint8_t* chain, const lm_bundle* bundle) {
  if (!in_range(bundle)) return 0;
  static const uint8_t kAnySalt[LM_DIGEST_BYTES];
  const lm_cose_header header = {.kid = bundle->device, .chain = chain, .type = "bundle"};
  node n = {.count = 0};
  if (bundle->count != 0) annotate(bundle, &n);
  lm_cbor p;
  lm_cbor_init(&p, NULL, 0);
  put_payload(&p, bundle, &n);
  size_t object = object_bytes(&header, p.len);
  lm_cbor w;
  lm_cbor_init(&w, NULL, 0);
  lm_cbor_array(&w, 3);
  lm_cbor_bytes_head(&w, object);
  put_readings(&w, bundle, kAnySalt);
  return lm_cbor_ok(&p) && lm_cbor_ok(&w) ? w.len + object : 0;
}

int lm_bundle_sign(lm_cbor* w, const uint8_t* chain, const lm_bundle* bundle, const uint8_t* salt,
                   const lm_crypto* crypto, uint8_t id[LM_DIGEST_BYTES]) {
  if (!in_range(bundle)) return 1;
  node n = {.count = 0};
  int failed = bundle->count != 0 ? root(crypto, salt, bundle, &n) : 0;
  if (failed != 0) return failed;
  uint8_t payload[LM_BUNDLE_PAYLOAD_BYTES_MAX];
  lm_cbor p;
  lm_cbor_init(&p, payload, sizeof payload);
  put_payload(&p, bundle, &n);
  if (!lm_cbor_ok(&p)) return 1;
  const lm_cose_header header = {.kid = bundle->device, .chain = chain, .type = "bundle"};
  lm_cbor_array(w, 3);
  lm_cbor_bytes_head(w, object_bytes(&header, p.len));
  failed = lm_cose_sign1(w, &header, (lm_span){payload, p.len}, false, crypto, id);
  if (failed != 0) return failed;
  put_readings(w, bundle, salt);
  return lm_cbor_ok(w) ? 0 : 1;
}
