#include "firmware/app/nv.h"

#include <string.h>

#include <mbedtls/platform_util.h>

#include "core/embedded/frame.h"

enum {
  kMagicBytes = 4,
  kCrcBytes = 4,
  kVersion = 1,

  kIdentityAt = 0,
  kVersionAt = kMagicBytes,
  kMachineSizeAt = kVersionAt + 1,
  kKeyAt = 8,
  kMachineAt = kKeyAt + LM_KEY_BYTES,
  kIdentityBytes = kMachineAt + LM_MACHINE_BYTES_MAX + kCrcBytes,

  kChainAt = 128,
  kChainBytes = kMagicBytes + LM_DIGEST_BYTES + kCrcBytes,

  kBootAt = 192,
  kBootStride = 32,
  kBootSlots = 2,
  kBootBytes = kMagicBytes + 8 + kCrcBytes
};

_Static_assert(kIdentityAt + kIdentityBytes <= kChainAt, "identity overlaps chain");
_Static_assert(kChainAt + kChainBytes <= kBootAt, "chain overlaps boot slots");
_Static_assert(kBootAt + kBootSlots * kBootStride <= LM_NV_PAGE_BYTES, "page too small");
_Static_assert(kBootBytes <= kBootStride, "boot slots overlap");

static const char kIdentityMagic[] = "LMNV";
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
  uint8_t back[kChainBytes > kBootBytes ? kChainBytes : kBootBytes];
  if (size > sizeof back) return kLmNvIo;
  if (hal->nv_write(hal->ctx, at, block, size) != 0) return kLmNvIo;
  if (hal->nv_read(hal->ctx, at, back, size) != 0) return kLmNvIo;
  return memcmp(back, block, size) == 0 ? kLmNvOk : kLmNvIo;
}

static void fill_chain(uint8_t block[kChainBytes], const uint8_t* chain) {
  memcpy(block + kMagicBytes, chain, LM_DIGEST_BYTES);
  seal(block, kChainBytes, kChainMagic);
}

static void fill_boot(uint8_t block[kBootBytes], uint64_t count) {
  for (unsigned i = 0; i < 8; i++) block[kMagicBytes + i] = (uint8_t)(count >> (8u * i));
  seal(block, kBootBytes, kBootMagic);
}

bool lm_nv_make_page(const lm_nv_identity* identity, const uint8_t* chain,
                     uint8_t page[LM_NV_PAGE_BYTES]) {
  if (!lm_machine_ok(identity->machine, identity->machine_size)) return false;
  memset(page, 0, LM_NV_PAGE_BYTES);
  uint8_t* block = page + kIdentityAt;
  block[kVersionAt] = kVersion;
  block[kMachineSizeAt] = (uint8_t)identity->machine_size;
  memcpy(block + kKeyAt, identity->key, LM_KEY_BYTES);
  memcpy(block + kMachineAt, identity->machine, identity->machine_size);
  seal(block, kIdentityBytes, kIdentityMagic);
  if (chain != NULL) fill_chain(page + kChainAt, chain);
  fill_boot(page + kBootAt, 0);
  return true;
}

lm_nv_result lm_nv_read_identity(const lm_hal* hal, lm_nv_identity* identity) {
  uint8_t block[kIdentityBytes];
  lm_nv_result result = read_block(hal, kIdentityAt, block, sizeof block, kIdentityMagic);
  if (result == kLmNvOk) {
    size_t size = block[kMachineSizeAt];
    const char* machine = (const char*)(block + kMachineAt);
    if (block[kVersionAt] != kVersion || !lm_machine_ok(machine, size)) {
      result = kLmNvMissing;
    } else {
      memcpy(identity->key, block + kKeyAt, LM_KEY_BYTES);
      memcpy(identity->machine, machine, size);
      identity->machine_size = size;
    }
  }
  mbedtls_platform_zeroize(block, sizeof block);
  return result;
}

lm_nv_result lm_nv_read_chain(const lm_hal* hal, uint8_t chain[LM_DIGEST_BYTES]) {
  uint8_t block[kChainBytes];
  lm_nv_result result = read_block(hal, kChainAt, block, sizeof block, kChainMagic);
  if (result == kLmNvOk) memcpy(chain, block + kMagicBytes, LM_DIGEST_BYTES);
  return result;
}

lm_nv_result lm_nv_write_chain(const lm_hal* hal, const uint8_t chain[LM_DIGEST_BYTES]) {
  uint8_t block[kChainBytes];
  fill_chain(block, chain);
  return write_block(hal, kChainAt, block, sizeof block);
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
  uint64_t count[kBootSlots];
  lm_nv_result state[kBootSlots];
  for (size_t i = 0; i < kBootSlots; i++) {
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
