#include "core/embedded/cbor_read.h"

enum { kUint = 0, kBytes = 2, kText = 3, kArray = 4, kMap = 5, kTag = 6, kSimple = 7 };
enum { kDepthMax = 8, kNull = 0xf6 };

void lm_cbor_in_init(lm_cbor_in* r, lm_span bytes) {
  r->rest = bytes;
  r->failed = false;
}

static void advance(lm_cbor_in* r, size_t size) {
  r->rest.data += size;
  r->rest.size -= size;
}

/* Major type and value of a head in its shortest form. */
static unsigned head(lm_cbor_in* r, uint64_t* value) {
  *value = 0;
  if (r->failed || r->rest.size == 0) {
    r->failed = true;
    return kSimple;
  }
  unsigned major = r->rest.data[0] >> 5;
  unsigned low = r->rest.data[0] & 31u;
  size_t follow = low < 24 ? 0 : low > 27 ? 9 : (size_t)1 << (low - 24);
  if (follow > 8 || r->rest.size < 1 + follow || (major == kSimple && follow != 0)) {
    r->failed = true;
    return kSimple;
  }
  uint64_t v = low;
  if (follow != 0) {
    v = 0;
    for (size_t i = 0; i < follow; i++) v = v << 8 | r->rest.data[1 + i];
    static const uint64_t kLeast[] = {24, 0x100, 0x10000, 0x100000000u};
    if (v < kLeast[low - 24]) r->failed = true;
  }
  advance(r, 1 + follow);
  *value = r->failed ? 0 : v;
  return major;
}

static uint64_t expect(lm_cbor_in* r, unsigned major) {
  uint64_t value;
  if (head(r, &value) != major) r->failed = true;
  return r->failed ? 0 : value;
}

uint64_t lm_cbor_in_uint(lm_cbor_in* r) { return expect(r, kUint); }

static lm_span content(lm_cbor_in* r, uint64_t size) {
  if (r->failed || size > r->rest.size) {
    r->failed = true;
    return (lm_span){r->rest.data, 0};
  }
  lm_span out = {r->rest.data, (size_t)size};
  advance(r, out.size);
  return out;
}

lm_span lm_cbor_in_bytes(lm_cbor_in* r) {
  uint64_t size = expect(r, kBytes);
  return content(r, size);
}

/* Each item is a byte at least: a count that cannot be is no count. */
static size_t count_of(lm_cbor_in* r, unsigned major) {
  uint64_t count = expect(r, major);
  if (count > r->rest.size) r->failed = true;
  return r->failed ? 0 : (size_t)count;
}

size_t lm_cbor_in_array(lm_cbor_in* r) { return count_of(r, kArray); }
size_t lm_cbor_in_map(lm_cbor_in* r) { return count_of(r, kMap); }

void lm_cbor_in_tag(lm_cbor_in* r, uint64_t tag) {
  if (expect(r, kTag) != tag) r->failed = true;
}

bool lm_cbor_in_null(lm_cbor_in* r) {
  if (r->failed || r->rest.size == 0 || r->rest.data[0] != kNull) return false;
  advance(r, 1);
  return true;
}

/* Not by recursion: how many items are left at each depth. */
void lm_cbor_in_skip(lm_cbor_in* r) {
  size_t left[kDepthMax];
  size_t depth = 0;
  left[0] = 1;
  while (!r->failed) {
    if (left[depth] == 0) {
      if (depth == 0) return;
      depth--;
      continue;
    }
    left[depth]--;
    uint64_t value;
    unsigned major = head(r, &value);
    if (r->failed) return;
    if (major == kBytes || major == kText) {
      (void)content(r, value);
    } else if (major == kArray || major == kMap || major == kTag) {
      if ((major != kTag && value > r->rest.size) || depth + 1 == kDepthMax) {
        r->failed = true;
        return;
      }
      left[++depth] = major == kTag ? 1 : major == kMap ? 2 * (size_t)value : (size_t)value;
    }
  }
}

bool lm_cbor_in_ok(const lm_cbor_in* r) { return !r->failed; }
