// What a gateway answers a start signal with.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"

namespace lotmark::test {

inline Digest chain_of(std::uint8_t byte) {
  Digest d;
  d.bytes.fill(byte);
  return d;
}

// An arrival's bytes as far as the device looks: shape, and an id in the payload.
inline Bytes arrival_naming(const Digest& id) {
  Bytes payload{0xa3, 0x00, 0x58, 0x20};
  payload.insert(payload.end(), id.bytes.begin(), id.bytes.end());
  for (int b : {0x01, 0x18, 0x64, 0x02, 0x00}) payload.push_back(static_cast<std::uint8_t>(b));
  Bytes out{
      0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26, 0xa0, 0x58, static_cast<std::uint8_t>(payload.size())};
  out.insert(out.end(), payload.begin(), payload.end());
  out.insert(out.end(), {0x58, 0x40});
  out.insert(out.end(), 64, 0x11);
  return out;
}

}  // namespace lotmark::test
