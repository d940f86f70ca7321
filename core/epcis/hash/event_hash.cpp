#include "core/epcis/hash/event_hash.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"

namespace lotmark::epcis {

namespace {

constexpr std::string_view kHashUriStart = "ni:///sha-256;";
constexpr std::string_view kHashUriEnd = "?ver=CBV2.0";

}  // namespace

Result<Digest> event_hash(const Json& event, const Context& context) {
  LM_ASSIGN(const std::string text, pre_hash(event, context));
  return sha256(as_bytes(text));
}

std::string hash_uri(const Digest& hash) {
  return std::string(kHashUriStart).append(to_hex(hash)).append(kHashUriEnd);
}

std::optional<Digest> hash_of_uri(std::string_view uri) {
  if (!uri.starts_with(kHashUriStart)) return std::nullopt;
  uri.remove_prefix(kHashUriStart.size());
  if (!uri.ends_with(kHashUriEnd)) return std::nullopt;
  uri.remove_suffix(kHashUriEnd.size());
  if (std::ranges::any_of(uri, [](char c) { return c >= 'A' && c <= 'F'; })) return std::nullopt;
  return fixed_from_hex<Digest>(uri);
}

}  // namespace lotmark::epcis
