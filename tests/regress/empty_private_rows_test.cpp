// Found by tests/e2e/stack/operators.py: a node that had been founded a second ago logged `error private.damaged`, since
// its look through the private rows found nothing in them that says whose they are.
#include <gtest/gtest.h>

#include "tests/scenario/lot/network.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {
namespace {

class EmptyPrivateRows : public testing::Test {
 protected:
  // lotmark_private_faults after a look that found only that.
  bool called_damaged() {
    chain::AuditReport report;
    report.faults.push_back({"private.db", {}, "", "", {}, Errc::kNotFound, "nothing in it", ""});
    auto& node = net.node(c.east);  // a reviewer
    node.private_checked(report, c.clock.now());
    return node.metrics_text().find("lotmark_private_faults 0\n") == std::string::npos;
  }
  Consortium c;
  TempFolder folder;
  Network net{c, folder / "nodes"};
};

TEST_F(EmptyPrivateRows, AreNoDamageUntilABlockLoggedSomeOfThem) {
  EXPECT_FALSE(called_damaged());
  ASSERT_EQ(net.publish("lotmark/v1/yunhe/filler-1/start", c.start_signal().bytes).size(), 3u);
  net.advance(std::chrono::minutes(15), std::chrono::seconds(30));
  EXPECT_TRUE(called_damaged()) << "the chain has a head of the received log";
}

}  // namespace
}  // namespace lotmark::test
