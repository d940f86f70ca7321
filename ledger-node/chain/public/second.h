// Which released lots are looked at a second time, and by whom: drawn by the block's id, so that neither the producer nor
// a reviewer chooses. docs/operate/audit.md states the rule.
#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.h"

namespace lotmark::chain {

inline constexpr std::uint64_t kSecondEvery =
    20;  // one lot in so many, where nobody says otherwise

// True for one block id in `every`; never with 0.
bool drawn_for_second(const Digest& block_id, std::uint64_t every);
// Who looks again, of the reviewers that the opening names without the one that released it; nobody if it names no
// other. One that is named twice counts once.
std::optional<KeyId> second_reviewer(const Digest& block_id, std::vector<KeyId> named,
                                     const KeyId& released_by);

}  // namespace lotmark::chain
