// [marks] of node.toml.
#include <gtest/gtest.h>

#include "tests/must.h"
#include "tests/unit/node/node_toml.h"

namespace lotmark::node {
namespace {

using lotmark::test::must;

class MarksInAConfiguration : public testing::Test {
 protected:
  test::NodeToml toml;
};

TEST_F(MarksInAConfiguration, HaveDefaults) {
  const auto c = toml.with("");
  ASSERT_TRUE(c) << c.error().message();
  EXPECT_EQ(c->marks.report_s, 60u);
  EXPECT_EQ(c->marks.days_back, 30u);
  EXPECT_EQ(c->marks.signer_day, 50'000u);
}

TEST_F(MarksInAConfiguration, AreReadAndPrinted) {
  const auto c = toml.with("[marks]\nreport_s = 5\ndays_back = 7\nsigner_day = 900\n");
  ASSERT_TRUE(c) << c.error().message();
  const auto again = toml.read(print_config(*c));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->marks.report_s, 5u);
  EXPECT_EQ(again->marks.days_back, 7u);
  EXPECT_EQ(again->marks.signer_day, 900u);
}

TEST_F(MarksInAConfiguration, WhoMayDoMoreThanMarkIsReadAndPrinted) {
  EXPECT_FALSE(must(toml.with("")).control_operators);
  const auto c = must(toml.with("operators = [\"officer-3\", \"api-3\"]\n"));
  EXPECT_EQ(c.control_operators, (std::vector<std::string>{"officer-3", "api-3"}));
  EXPECT_EQ(must(toml.read(print_config(c))).control_operators, c.control_operators);
  const auto none = must(toml.with("operators = []\n"));
  EXPECT_EQ(must(toml.read(print_config(none))).control_operators, std::vector<std::string>{});
  EXPECT_FALSE(toml.with("operators = \"officer-3\"\n"));
  EXPECT_FALSE(toml.with("operators = [3]\n"));
}

TEST_F(MarksInAConfiguration, AFaultIsNamedWithItsLine) {
  for (const char* fault : {"report_s = 0", "days_back = 0", "signer_day = -1", "reports = 1"}) {
    const auto c = toml.with("[marks]\n" + std::string(fault) + "\n");
    ASSERT_FALSE(c) << fault;
    EXPECT_NE(c.error().text.find("node.toml:16: marks."), std::string::npos) << c.error().text;
  }
}

}  // namespace
}  // namespace lotmark::node
