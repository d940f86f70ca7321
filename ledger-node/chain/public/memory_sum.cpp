#include "ledger-node/chain/public/memory_sum.h"

#include "core/crypto/sha256.h"

namespace lotmark::chain {

Digest memory_sum(std::string_view table, std::uint64_t a, std::uint64_t b, ByteView x,
                  ByteView y) {
  Bytes all = to_bytes(as_bytes(table));
  const auto number = [&](std::uint64_t v) {
    for (int shift = 56; shift >= 0; shift -= 8)
      all.push_back(static_cast<std::uint8_t>(v >> shift));
  };
  number(a);
  number(b);
  for (const ByteView part : {x, y}) {
    number(part.size());
    all.insert(all.end(), part.begin(), part.end());
  }
  return sha256(all);
}

}  // namespace lotmark::chain
