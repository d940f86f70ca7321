// What agencies' reports on the chain say became of one unit. Implemented on chain.db by ChainLots.
#pragma once

#include "api/unit/unit_source.h"

namespace lotmark::api {

// Safe to call from several threads.
class ChainUses {
 public:
  virtual ~ChainUses() = default;
  // In the order of reports on the chain; each with its block and report.
  virtual Result<std::vector<UnitMark>> uses_of(const UnitKey& unit) = 0;
};

}  // namespace lotmark::api
