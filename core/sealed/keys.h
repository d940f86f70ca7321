// The keys of sealed segments (docs/format/sealed.md): a segment's content key, and its readers' P-256 keys, which
// are for encryption alone and sign nothing.
#pragma once

#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/crypto/key_file.h"

namespace lotmark::sealed {

// 32 bytes that open one segment; wiped when let go of. Moves, never copies.
class ContentKey {
 public:
  static constexpr std::size_t kSize = 32;
  ContentKey() = default;  // zeros: no key
  // A fresh one from the operating system's generator.
  static ContentKey random();
  // Copies from exactly 32 bytes.
  static std::optional<ContentKey> from(ByteView bytes);
  ContentKey(ContentKey&& o) noexcept : bytes_(o.bytes_) { o.wipe(); }
  ContentKey& operator=(ContentKey&& o) noexcept;
  ContentKey(const ContentKey&) = delete;
  ContentKey& operator=(const ContentKey&) = delete;
  ~ContentKey() { wipe(); }
  ByteView view() const { return bytes_; }

 private:
  void wipe();
  std::array<std::uint8_t, kSize> bytes_{};
};

// SHA-256("lotmark/sealed/1" || content key): stands in the committed segment, so that no other key opens the same
// ciphertext to something else.
Digest key_check(const ContentKey& key);

// Whom a content key is wrapped for.
struct ReaderKey {
  PublicKey point;
  KeyId kid;
  // key-bad if the bytes are no point of the curve.
  static Result<ReaderKey> from(const PublicKey& point);
};

// A reader's private key: for key agreement, never for signing. Safe to share between threads; moves, never copies.
class OpeningKey {
 public:
  // key-bad if the scalar is out of range. Key files: core/crypto/key_file.h.
  static Result<OpeningKey> from(const Scalar& scalar);
  OpeningKey(OpeningKey&&) noexcept;
  OpeningKey& operator=(OpeningKey&&) noexcept;
  ~OpeningKey();

  const KeyId& kid() const { return reader_.kid; }
  const PublicKey& public_key() const { return reader_.point; }
  const ReaderKey& reader() const { return reader_; }

  // ECDH (SP 800-56A, x coordinate) with another's point; key-bad if that is not on the curve. The caller makes a key of
  // it by a KDF, never uses it as it is.
  Result<Scalar> agree(const PublicKey& other) const;

 private:
  struct Impl;
  OpeningKey(std::unique_ptr<Impl> impl, ReaderKey reader);
  std::unique_ptr<Impl> impl_;
  ReaderKey reader_;
};

}  // namespace lotmark::sealed
