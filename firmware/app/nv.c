#include "firmware/app/nv.h"

#include <string.h>

#include <mbedtls/platform_util.h>

#include "core/embedded/frame.h"

enum {
  kMagicBytes = 4,
  kCrcBytes = 4,
  kVersion = 2,
  kPlaces = 2, /* of identity, chain and boot count */

  kIdentityAt = 0,
  kIdentityStride = 160,
  kVersionAt = kMagicBytes,
  kMachineSizeAt = kVersionAt + 1,
  kIntervalAt = kMachineSizeAt + 1,
  kKeyAt = 8,
  kSecretAt = kKeyAt + LM_KEY_BYTES,
  kMachineAt = kSecretAt + LM_SECRET_BYTES,
  kIdentityBytes = kMachineAt + LM_MACHINE_BYTES_MAX + kCrcBytes,

  kSeedAt = kIdentityAt + kIdentityStride, /* the second place of the identity */
  kSeedMachineAt = kKeyAt + LM_SEED_BYTES,
  kSeedBytes = kSeedMachineAt + LM_MACHINE_BYTES_MAX + kCrcBytes,

  kChainAt = 320,
  kChainStride = 64,
  kChainBytes = kMagicBytes + LM_DIGEST_BYTES + kCrcBytes,

  kBootAt = 448,
  kBootStride = 32,
  kBootBytes = kMagicBytes + 8 + kCrcBytes
};

_Static_assert(kIdentityBytes <= kIdentityStride, "identities overlap");
_Static_assert(kSeedBytes <= kIdentityBytes, "the second identity does not cover the seed");
_Static_assert(kIdentityAt + kPlaces * kIdentityStride <= kChainAt, "identity overlaps chain");
_Static_assert(kChainAt + kPlaces * kChainStride <= kBootAt, "chain overlaps boot slots");
_Static_assert(kBootAt + kPlaces * kBootStride <= LM_NV_PAGE_BYTES, "page too small");
_Static_assert(kBootBytes <= kBootStride, "boot slots overlap");

static const char kIdentityMagic[] = "LMNV";
static const char kSeedMagic[] = "LMSD";
static const char kChainMagic[] = "LMCH";
static const char kBootMagic[] = "LMB0";
static const uint64_t kBootMax = 9007199254740991u; /* 2^53 - 1, as CBOR here ends */

/* Block = magic, content already in place, CRC. */
static void seal(uint8_t* block, size_t size, const char* magic) {
  memcpy(block, magic, kMagicBytes);
  uint32_t crc = lm_crc32(0, block, size - kCrcBytes);
  for (unsigned i = 0; i < kCrcBytes; i++) block[size - kCrcBytes + i] = (uint8_t)(crc >> (8u * i));
}

static bool sealed(const uint8_t* block, size_t size, const char* magic) {
  uint32_t crc = 0;
  for (unsigned i = 0; i < kCrcBytes; i++) {
    crc |= (uint32_t)block[size - kCrcBytes + i] << (8u * i);
  }
  return memcmp(block, magic, kMagicBytes) == 0 && crc == lm_crc32(0, block, size - kCrcBytes);
}

static lm_nv_result read_block(const lm_hal* hal, size_t at, uint8_t* block, size_t size,
                               const char* magic) {
  if (hal->nv_read(hal->ctx, at, block, size) != 0) return kLmNvIo;
  return sealed(block, size, magic) ? kLmNvOk : kLmNvMissing;
}

/* Writes a sealed block and reads it back. */
static lm_nv_result write_block(const lm_hal* hal, size_t at, const uint8_t* block, size_t size) {
  uint8_t back[kIdentityBytes];
  if (size > sizeof back) return kLmNvIo;
  if (hal->nv_write(hal->ctx, at, block, size) != 0) return kLmNvIo;
  if (hal->nv_read(hal->ctx, at, back, size) != 0) return kLmNvIo;
  bool same = memcmp(back, block, size) == 0;
  mbedtls_platform_zeroize(back, sizeof back);
  return same ? kLmNvOk : kLmNvIo;
}

static void fill_chain(uint8_t block[kChainBytes], const uint8_t* chain) {
  memcpy(block + kMagicBytes, chain, LM_DIGEST_BYTES);
  seal(block, kChainBytes, kChainMagic);
}

static void fill_boot(uint8_t block[kBootBytes], uint64_t count) {
  for (unsigned i = 0; i < 8; i++) block[kMagicBytes + i] = (uint8_t)(count >> (8u * i));
  seal(block, kBootBytes, kBootMagic);
}

static void fill_head(uint8_t* block, size_t machine_at, const lm_nv_identity* identity) {
  block[kVersionAt] = kVersion;
  block[kMachineSizeAt] = (uint8_t)identity->machine_size;
  block[kIntervalAt] = (uint8_t)identity->interval_s;
  block[kIntervalAt + 1] = (uint8_t)(identity->interval_s >> 8);
  memcpy(block + machine_at, identity->machine, identity->machine_size);
}

static void fill_identity(uint8_t block[kIdentityBytes], const lm_nv_identity* identity) {
  memset(block, 0, kIdentityBytes);
  fill_head(block, kMachineAt, identity);
  memcpy(block + kKeyAt, identity->key, LM_KEY_BYTES);
  memcpy(block + kSecretAt, identity->secret, LM_SECRET_BYTES);
  seal(block, kIdentityBytes, kIdentityMagic);
}

/* Chain and boot count 0; false without a machine. */
static bool begin_page(const lm_nv_identity* identity, const uint8_t* chain,
                       uint8_t page[LM_NV_PAGE_BYTES]) {
  if (!lm_machine_ok(identity->machine, identity->machine_size)) return false;
  memset(page, 0, LM_NV_PAGE_BYTES);
  for (size_t i = 0; i < kPlaces && chain != NULL; i++) {
    fill_chain(page + kChainAt + i * kChainStride, chain);
  }
  fill_boot(page + kBootAt, 0);
  return true;
}

bool lm_nv_make_page(const lm_nv_identity* identity, const uint8_t* chain,
                     uint8_t page[LM_NV_PAGE_BYTES]) {
  if (!begin_page(identity, chain, page)) return false;
  for (size_t i = 0; i < kPlaces; i++) {
    fill_identity(page + kIdentityAt + i * kIdentityStride, identity);
  }
  return true;
}

bool lm_nv_make_seed_page(const lm_nv_identity* identity, const uint8_t seed[LM_SEED_BYTES],
                          const uint8_t* chain, uint8_t page[LM_NV_PAGE_BYTES]) {
  if (!begin_page(identity, chain, page)) return false;
  uint8_t* block = page + kSeedAt;
  fill_head(block, kSeedMachineAt, identity);
  memcpy(block + kKeyAt, seed, LM_SEED_BYTES);
  seal(block, kSeedBytes, kSeedMagic);
  return true;
}

/* Whether the block is of this version and has a machine; gives the machine. */
static bool read_head(const uint8_t* block, size_t machine_at, lm_nv_identity* identity) {
  size_t size = block[kMachineSizeAt];
  const char* machine = (const char*)(block + machine_at);
  if (block[kVersionAt] != kVersion || !lm_machine_ok(machine, size)) return false;
  memcpy(identity->machine, machine, size);
  identity->machine_size = size;
  identity->interval_s = (uint16_t)(block[kIntervalAt] | (unsigned)block[kIntervalAt + 1] << 8);
  return true;
}

/* The identity's block in place 0 or 1, as it stands there. */
static lm_nv_result read_place(const lm_hal* hal, size_t place, uint8_t block[kIdentityBytes],
                               lm_nv_identity* identity) {
  lm_nv_result result =
      read_block(hal, kIdentityAt + place * kIdentityStride, block, kIdentityBytes, kIdentityMagic);
  if (result != kLmNvOk) return result;
  if (!read_head(block, kMachineAt, identity)) return kLmNvMissing;
  memcpy(identity->key, block + kKeyAt, LM_KEY_BYTES);
  memcpy(identity->secret, block + kSecretAt, LM_SECRET_BYTES);
  return kLmNvOk;
}

static lm_nv_result read_seed(const lm_hal* hal, lm_nv_identity* identity) {
  uint8_t block[kSeedBytes];
  lm_nv_result result = read_block(hal, kSeedAt, block, sizeof block, kSeedMagic);
  if (result == kLmNvOk && !read_head(block, kSeedMachineAt, identity)) result = kLmNvMissing;
  if (result == kLmNvOk && lm_nv_derive(block + kKeyAt, identity) != 0) result = kLmNvMissing;
  mbedtls_platform_zeroize(block, sizeof block);
  return result;
}

/* Puts the identity where it is missing: over the seed only once the first place was read back. */
static lm_nv_result settle(const lm_hal* hal, const lm_nv_identity* identity, uint8_t* block,
                           const bool there[kPlaces]) {
  lm_nv_result result = kLmNvOk;
  for (size_t i = 0; i < kPlaces && result == kLmNvOk; i++) {
    if (there[i]) continue;
    fill_identity(block, identity);
    result = write_block(hal, kIdentityAt + i * kIdentityStride, block, kIdentityBytes);
  }
  return result;
}

lm_nv_result lm_nv_read_identity(const lm_hal* hal, lm_nv_identity* identity) {
  uint8_t block[kIdentityBytes];
  bool there[kPlaces];
  lm_nv_result result = kLmNvMissing;
  /* The first place is read last: where both hold one, it counts. */
  for (size_t i = kPlaces; i-- > 0 && result != kLmNvIo;) {
    lm_nv_result place = read_place(hal, i, block, identity);
    there[i] = place == kLmNvOk;
    if (place != kLmNvMissing) result = place;
  }
  if (result == kLmNvMissing) result = read_seed(hal, identity);
  if (result == kLmNvOk) result = settle(hal, identity, block, there);
  mbedtls_platform_zeroize(block, sizeof block);
  return result;
}

lm_nv_result lm_nv_read_chain(const lm_hal* hal, uint8_t chain[LM_DIGEST_BYTES]) {
  uint8_t block[kChainBytes];
  lm_nv_result result = kLmNvMissing;
  for (size_t i = 0; i < kPlaces && result == kLmNvMissing; i++) {
    result = read_block(hal, kChainAt + i * kChainStride, block, sizeof block, kChainMagic);
  }
  if (result == kLmNvOk) memcpy(chain, block + kMagicBytes, LM_DIGEST_BYTES);
  return result;
}

lm_nv_result lm_nv_write_chain(const lm_hal* hal, const uint8_t chain[LM_DIGEST_BYTES]) {
  uint8_t block[kChainBytes];
  fill_chain(block, chain);
  lm_nv_result result = kLmNvOk;
  for (size_t i = 0; i < kPlaces && result == kLmNvOk; i++) {
    result = write_block(hal, kChainAt + i * kChainStride, block, sizeof block);
  }
  return result;
}

static lm_nv_result read_boot(const lm_hal* hal, size_t slot, uint64_t* count) {
  uint8_t block[kBootBytes];
  *count = 0;
  lm_nv_result result =
      read_block(hal, kBootAt + slot * kBootStride, block, sizeof block, kBootMagic);
  if (result != kLmNvOk) return result;
  for (unsigned i = 0; i < 8; i++) *count |= (uint64_t)block[kMagicBytes + i] << (8u * i);
  return kLmNvOk;
}

lm_nv_result lm_nv_count_boot(const lm_hal* hal, uint64_t* boot) {
  uint64_t count[kPlaces];
  lm_nv_result state[kPlaces];
  for (size_t i = 0; i < kPlaces; i++) {
    state[i] = read_boot(hal, i, &count[i]);
    if (state[i] == kLmNvIo) return kLmNvIo;
  }
  if (state[0] != kLmNvOk && state[1] != kLmNvOk) return kLmNvMissing;
  size_t newest = state[0] != kLmNvOk || (state[1] == kLmNvOk && count[1] > count[0]) ? 1 : 0;
  if (count[newest] >= kBootMax) return kLmNvFull;
  uint64_t next = count[newest] + 1;
  uint8_t block[kBootBytes];
  fill_boot(block, next);
  lm_nv_result result = write_block(hal, kBootAt + (1 - newest) * kBootStride, block, sizeof block);
  if (result == kLmNvOk) *boot = next;
  return result;
}
