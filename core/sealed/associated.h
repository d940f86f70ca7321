// Inside core/sealed: the parts of a sealed segment by themselves.
#pragma once

#include <array>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/wire/private_level.h"

namespace lotmark::sealed {

// The protected header {1: 3}: A256GCM.
inline constexpr std::array<std::uint8_t, 3> kProtected = {0xa1, 0x01, 0x03};

// A sealed segment's content: cbor([iv, check, ciphertext]).
Bytes content_bytes(ByteView iv, const Digest& check, ByteView ciphertext);

// What is encrypted: cbor([name, media, content]).
Bytes plain_bytes(const Segment& plain);
// The segment it stands for, with salt and audience of `sealed`. seal if the bytes are none.
Result<Segment> read_plain(ByteView bytes, const Segment& sealed);

}  // namespace lotmark::sealed
