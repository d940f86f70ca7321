// Bytes, views of them, and fixed-size values that cannot be mistaken for one another.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lotmark {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

// N bytes with a meaning of their own: a Digest is not a KeyId though both are bytes.
template <std::size_t N, class Tag>
struct Fixed {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  auto operator<=>(const Fixed&) const = default;
  ByteView view() const { return {bytes.data(), N}; }
  std::uint8_t* data() { return bytes.data(); }
  const std::uint8_t* data() const { return bytes.data(); }

  // Copies from a view of exactly N bytes; nothing else makes a value.
  static std::optional<Fixed> from(ByteView v) {
    if (v.size() != N) return std::nullopt;
    Fixed f;
    std::copy(v.begin(), v.end(), f.bytes.begin());
    return f;
  }
};

using Digest = Fixed<32, struct DigestTag>;  // SHA-256: an id, a root, a hash
using KeyId = Fixed<16, struct KeyIdTag>;    // first half of SHA-256 of a SubjectPublicKeyInfo
using PublicKey = Fixed<65, struct PublicKeyTag>;  // uncompressed P-256 point
using Signature = Fixed<64, struct SignatureTag>;  // ES256, r || s
using Salt = Fixed<16, struct SaltTag>;
using Nonce = Fixed<16, struct NonceTag>;
using LifeId = Fixed<8, struct LifeTag>;  // made with an outbox; numbers start again in a new one

inline ByteView as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}
inline std::string_view as_text(ByteView b) {
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}
inline Bytes to_bytes(ByteView v) { return {v.begin(), v.end()}; }

}  // namespace lotmark

template <std::size_t N, class Tag>
struct std::hash<lotmark::Fixed<N, Tag>> {
  std::size_t operator()(const lotmark::Fixed<N, Tag>& f) const noexcept {
    std::size_t h;  // the bytes are hashes or random: any eight of them spread well
    std::memcpy(&h, f.bytes.data(), sizeof h);
    return h;
  }
};
