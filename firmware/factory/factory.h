// Makes the non-volatile page of a device: a fresh key, one given, or a seed that the device makes its key of; the
// machine's name, the chain.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "firmware/app/crypto_mbedtls.h"
#include "firmware/app/nv.h"

namespace lotmark::firmware {

struct FactoryOptions {
  std::string nv;       // file to write, mode 0600; must not exist
  std::string machine;  // 1 to 64 bytes
  // 64 hex digits; empty: the device signs nothing until it is enrolled over its line.
  std::string chain;
  // PEM file, PKCS#8 or SEC1, of an unencrypted P-256 key; empty: a new key, which never leaves the
  // page.
  std::string key;
  // A board's whole EEPROM, kEepromBytes with the page at its start, for a board without a random generator: without
  // `key` it holds a seed, of which the device makes its key on its first power-up and wipes it.
  bool eeprom = false;
  std::uint16_t interval_s = 0;  // of a sensor node, between two readings; 0: the program's own
};

constexpr std::size_t kEepromBytes = 4096;

struct DeviceIdentity {
  std::string public_key;  // 130 hex digits: uncompressed point
  std::string kid;         // 32 hex digits
};

// Writes and syncs the page. On failure there is no page and `error` says what was wrong.
std::optional<DeviceIdentity> make_device(const FactoryOptions& options, std::string& error);

// Writes `text` to a new or existing file. False with `error` set on failure.
bool write_text(const std::string& file, const std::string& text, std::string& error);

}  // namespace lotmark::firmware
