#include "ledger-node/chain/public/programme_at.h"

namespace lotmark::chain {

const Programme* programme_at(const PublicChain& chain, std::string_view id, std::uint64_t ms) {
  const auto later = chain.first_after(ms);
  if (!later) return nullptr;
  const std::uint64_t before = later->value_or(chain.size());
  const Membership* m = chain.statements().of_block(before > 0 ? before - 1 : 0);
  return m != nullptr ? m->programme(id) : nullptr;
}

}  // namespace lotmark::chain
