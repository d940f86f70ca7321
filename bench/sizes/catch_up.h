// A new node that catches up with another one, both whole, calls from hand to hand.
#pragma once

#include <filesystem>

#include "tests/scenario/consortium.h"

namespace lotmark::bench {

struct CaughtUp {
  double seconds = 0;
  double before_mib = 0;  // both nodes open
  double peak_mib = 0;
  double wal_mib = 0;  // the largest the new node's log of pages was
};

// `folder` / prov-1 has the chain; a review node is made beside it.
Result<CaughtUp> catch_up(const test::Consortium& c, const std::filesystem::path& folder,
                          std::uint64_t blocks);

}  // namespace lotmark::bench
