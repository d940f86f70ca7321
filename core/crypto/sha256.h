// SHA-256 (FIPS 180-4), OpenSSL behind it.
#pragma once

#include <initializer_list>

#include "core/base/bytes.h"

namespace lotmark {

Digest sha256(ByteView data);
// Over the parts one after another.
Digest sha256(std::initializer_list<ByteView> parts);

// For what arrives in pieces. Not copyable; one thread at a time.
class Sha256 {
 public:
  Sha256();
  void update(ByteView data);
  Digest finish();  // starts anew afterwards

 private:
  alignas(8) std::array<std::uint8_t, 128> state_;  // SHA256_CTX, kept out of the header
};

}  // namespace lotmark
