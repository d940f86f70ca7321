// What is asked about a key that may be in other hands since some block, and the answer: lots that rest on it.
#pragma once

#include <set>

#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::taint {

struct Suspicion {
  KeyId key;
  std::uint64_t block = 0;  // since
  std::uint64_t time = 0;   // of that block, ms UTC; above all times while it is not on the chain
};

// Behind a reason of `why`: what is dated before the suspicion by nobody but who may hold the key. An enterprise's node
// tells from its intake log, others cannot.
inline constexpr std::string_view kDatesItself = " (dates itself earlier)";

struct TaintedLot {
  Gtin gtin;
  LotNumber lot;
  std::optional<std::uint64_t> block;  // nothing: not on the chain
  std::string product;
  std::string enterprise;
  // application, release, block, votes, device CHANNEL..., enroller, author, start: in words, each once.
  std::set<std::string> why;
};

// By GTIN and lot.
using TaintedLots = std::map<std::pair<std::string, std::string>, TaintedLot>;

}  // namespace lotmark::taint
