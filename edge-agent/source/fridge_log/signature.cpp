#include "edge-agent/source/fridge_log/signature.h"

#include <algorithm>

#include "core/crypto/p256.h"
#include "core/crypto/sha256.h"

namespace lotmark::agent::fridge {

namespace {

constexpr std::size_t kNumber = 32;

void copy_reversed(ByteView from, std::uint8_t* to) {
  std::reverse_copy(from.begin(), from.end(), to);
}

}  // namespace

Digest signed_digest(std::string_view text) {
  Sha256 hash;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    hash.update(as_bytes(line));
    if (end == std::string_view::npos) break;
    hash.update(as_bytes("\r\n"));
    text.remove_prefix(end + 1);
  }
  Digest digest = hash.finish();
  std::ranges::reverse(digest.bytes);
  return digest;
}

Status verify(const Log& log, std::string_view text) {
  const ByteView key(log.public_key);
  const ByteView sig(log.signature);
  PublicKey point;
  point.bytes[0] = 4;
  Signature signature;
  for (std::size_t at = 0; at < 2 * kNumber; at += kNumber) {
    copy_reversed(key.subspan(at, kNumber), point.data() + 1 + at);
    copy_reversed(sig.subspan(at, kNumber), signature.data() + at);
  }
  LM_ASSIGN(const auto verifier, Verifier::from(point));
  if (verifier.verify(signed_digest(text.substr(0, log.signed_bytes)), signature)) return {};
  return fail(Errc::kCoseSignature, "the logger's signature does not hold: the file was changed");
}

}  // namespace lotmark::agent::fridge
