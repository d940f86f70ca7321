#include "api/epcis/page_token.h"

#include <charconv>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"

namespace lotmark::api::epcis {

namespace {

constexpr std::size_t kNumber = 8;
constexpr std::size_t kBound = 8;  // bytes of the hash that bind a token to its query

void put(Bytes& out, std::uint64_t v) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(v >> shift));
}

std::uint64_t get(ByteView bytes, std::size_t place) {
  std::uint64_t v = 0;
  for (const auto b : bytes.subspan(place * kNumber, kNumber)) v = v << 8 | b;
  return v;
}

Bytes body(const PagePlace& p) {
  Bytes out;
  put(out, static_cast<std::uint64_t>(p.key));
  put(out, p.n);
  put(out, p.given);
  return out;
}

Bytes bound(Bytes token, std::string_view query) {
  Bytes input = token;
  const auto text = as_bytes(query);
  input.insert(input.end(), text.begin(), text.end());
  const Digest digest = sha256(input);
  const auto part = digest.view().first(kBound);
  token.insert(token.end(), part.begin(), part.end());
  return token;
}

}  // namespace

std::string write_token(const PagePlace& place, std::string_view query) {
  return to_hex(bound(body(place), query));
}

bool may_be_token(std::string_view text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [at, ec] = std::from_chars(text.data(), end, number);
  if (ec == std::errc{} && at == end && number >= 0) return true;
  return !text.empty() && from_hex(text).has_value();
}

std::optional<PagePlace> read_token(std::string_view token, std::string_view query) {
  const auto bytes = from_hex(token);
  if (!bytes || bytes->size() != 3 * kNumber + kBound) return std::nullopt;
  const PagePlace p{static_cast<std::int64_t>(get(*bytes, 0)), get(*bytes, 1), get(*bytes, 2)};
  if (bound(body(p), query) != *bytes) return std::nullopt;
  return p;
}

}  // namespace lotmark::api::epcis
