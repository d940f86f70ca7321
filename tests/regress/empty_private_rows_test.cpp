// Found by tests/e2e/stack/operators.py: a node that had been founded a second ago logged `error private.damaged`, since
// its look through the private rows found nothing in them that says whose they are.
#include <gtest/gtest.h>

#include <future>

#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/private_watch.h"
#include "tests/scenario/consortium.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {
namespace {

class EmptyPrivateRows : public testing::Test {
 protected:
  EmptyPrivateRows() {
    EXPECT_TRUE(chain::PublicChain::open(folder / "chain.db", c.anchor));
    EXPECT_TRUE(chain::open_private(folder / "private.db"));
  }
  std::string first_look(const KeyId& self) {
    std::promise<std::string> told;
    const node::PrivateWatch watch(
        {folder / "private.db", folder / "chain.db", folder / "check.db", c.anchor, self},
        std::chrono::hours(1), [&](const auto& report, bool) {
          if (!report) return told.set_value(report.error().message());
          std::string out;
          for (const auto& f : report->faults) out += chain::to_line(f);
          told.set_value(out);
        });
    return told.get_future().get();
  }
  Consortium c;
  TempFolder folder;
};

TEST_F(EmptyPrivateRows, AreNoDamageOfANodeThatWasFoundedAMomentAgo) {
  EXPECT_EQ(first_look(c.enterprise.kid()), "");
  EXPECT_EQ(first_look(c.east.kid()), "");
}

}  // namespace
}  // namespace lotmark::test
