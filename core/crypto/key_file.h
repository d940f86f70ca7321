// P-256 private keys in PEM files (PKCS#8 or SEC1), mode 0600.
#pragma once

#include <filesystem>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark {

// 32 bytes of secret that are wiped when let go of. Moves, never copies.
class Scalar {
 public:
  Scalar() = default;
  Scalar(Scalar&& o) noexcept : bytes_(o.bytes_) { o.wipe(); }
  Scalar& operator=(Scalar&& o) noexcept;
  Scalar(const Scalar&) = delete;
  Scalar& operator=(const Scalar&) = delete;
  ~Scalar() { wipe(); }
  ByteView view() const { return bytes_; }
  std::uint8_t* data() { return bytes_.data(); }

 private:
  void wipe();
  std::array<std::uint8_t, 32> bytes_{};
};

// A fresh key from the operating system's generator.
Scalar new_scalar();
// Writes PKCS#8 PEM, mode 0600, and syncs it; refuses to overwrite (conflict).
Status write_key_file(const std::filesystem::path& file, const Scalar& key);
// key-bad if it is no P-256 key; io if it cannot be read; denied if others may read it.
Result<Scalar> read_key_file(const std::filesystem::path& file);

}  // namespace lotmark
