// Found by tests/fuzz/peer.cpp: GET /control/v1/receipts/06901234567892/%FF threw inside the node's lock. The refusal
// repeats the lot it did not find, percent-decoded, and the JSON writer throws on text that is not UTF-8.
#include <gtest/gtest.h>

#include "ledger-node/peer/call.h"

namespace lotmark::node {
namespace {

TEST(RefusalNotUtf8, CanBeWrittenAndKeepsItsError) {
  const auto route = parse_route("/control/v1/receipts/06901234567892/%FFA");
  ASSERT_TRUE(route);
  const Reply reply = reply_error(fail(Errc::kNotFound, "no released lot " + route->parts[4]));
  EXPECT_EQ(reply.status, 404);
  const Error read = problem_error(reply);
  EXPECT_EQ(read.code, Errc::kNotFound);
  EXPECT_EQ(read.text,
            "no released lot \xef\xbf\xbd"
            "A");  // U+FFFD in its place
}

}  // namespace
}  // namespace lotmark::node
