// What a node remembers of its own signing is proven by its signatures where there are any. A sum in each row shows
// damage to the rest: a term without a turn, a payload that is not signed yet. It is no defence against a forger.
#pragma once

#include <string_view>

#include "core/base/bytes.h"

namespace lotmark::chain {

// Of a row of `table` (standing, own_vote, signing, flag, store): its numbers and its blobs, empty where null.
Digest memory_sum(std::string_view table, std::uint64_t a, std::uint64_t b, ByteView x, ByteView y);

}  // namespace lotmark::chain
