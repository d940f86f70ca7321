// A few seeds in every build; scripts/sim runs thousands.
#include <gtest/gtest.h>

#include "tests/sim/workers.h"

namespace lotmark::sim {
namespace {

TEST(Seeds, KeepEveryGuarantee) {
  const RunFolder folder;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const auto r = run_seed(seed, folder.path());
    ASSERT_FALSE(r.violation) << "seed " << seed << " (" << r.plan << "): " << *r.violation << "\n"
                              << r.tail;
  }
}

TEST(Seeds, RepeatThemselvesInAnotherFolder) {
  const RunFolder one;
  const RunFolder other;
  for (const std::uint64_t seed : {4, 7, 9}) {
    const auto a = run_seed(seed, one.path());
    (void)run_seed(seed + 100, one.path());  // what ran before changes nothing
    const auto b = run_seed(seed, other.path());
    EXPECT_EQ(a.digest, b.digest) << "seed " << seed;
    EXPECT_EQ(a.steps, b.steps);
  }
}

TEST(Seeds, DifferFromOneAnother) {
  const RunFolder folder;
  EXPECT_NE(run_seed(4, folder.path()).digest, run_seed(5, folder.path()).digest);
}

}  // namespace
}  // namespace lotmark::sim
