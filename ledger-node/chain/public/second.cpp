#include "ledger-node/chain/public/second.h"

#include <algorithm>

#include "core/crypto/sha256.h"

namespace lotmark::chain {

namespace {

// Eight bytes of SHA-256("lotmark/second/1" || block id), from `at` on.
std::uint64_t draw(const Digest& block_id, std::size_t at) {
  Bytes input = to_bytes(as_bytes("lotmark/second/1"));
  input.insert(input.end(), block_id.view().begin(), block_id.view().end());
  const Digest hash = sha256(input);
  std::uint64_t v = 0;
  for (std::size_t i = at; i < at + 8; ++i) v = v << 8 | hash.view()[i];
  return v;
}

}  // namespace

bool drawn_for_second(const Digest& block_id, std::uint64_t every) {
  return every != 0 && draw(block_id, 0) % every == 0;
}

std::optional<KeyId> second_reviewer(const Digest& block_id, std::vector<KeyId> named,
                                     const KeyId& released_by) {
  std::erase(named, released_by);
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  if (named.empty()) return std::nullopt;
  return named[draw(block_id, 8) % named.size()];
}

}  // namespace lotmark::chain
