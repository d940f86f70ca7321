#include "tests/sim/scenario.h"

#include <gtest/gtest.h>

#include "tests/sim/workers.h"

namespace lotmark::sim {
namespace {

std::filesystem::path folder() {
  return std::filesystem::path(LOTMARK_SOURCE_DIR) / "tests/sim/scenarios";
}

std::vector<std::filesystem::path> files(const std::filesystem::path& in) {
  std::vector<std::filesystem::path> out;
  for (const auto& f : std::filesystem::directory_iterator(in)) {
    if (f.path().extension() == ".txt") out.push_back(f.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string test_name(const testing::TestParamInfo<std::filesystem::path>& info) {
  std::string name = info.param.stem();
  return name[0] >= '0' && name[0] <= '9' ? "case_" + name : name;
}

class Scenarios : public testing::TestWithParam<std::filesystem::path> {};
INSTANTIATE_TEST_SUITE_P(All, Scenarios, testing::ValuesIn(files(folder())), test_name);
INSTANTIATE_TEST_SUITE_P(TakeOver, Scenarios, testing::ValuesIn(files(folder() / "takeover")),
                         test_name);
INSTANTIATE_TEST_SUITE_P(Rules, Scenarios, testing::ValuesIn(files(folder() / "rules")), test_name);
INSTANTIATE_TEST_SUITE_P(Cutting, Scenarios, testing::ValuesIn(files(folder() / "cutting")),
                         test_name);

TEST_P(Scenarios, EndAsTheySay) {
  const auto scenario = read_scenario(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().text;
  for (const Ordering ordering : scenario->orderings) {
    const RunFolder place;
    const Status done = play(*scenario, ordering, place.path());
    EXPECT_TRUE(done) << (ordering == Ordering::kLocal ? "local: " : "engine: ")
                      << done.error().text;
  }
}

std::string fault_of(const std::string& lines) {
  const auto s = parse_scenario("nodes prov-1 prov-2 prov-3 quorum 2\n" + lines, "a.txt");
  return s ? "none" : s.error().text;
}

TEST(ScenarioWords, UnknownOnesAreRefusedByFileAndLine) {
  EXPECT_EQ(fault_of("advance 1s\nvanish prov-1"), "a.txt:3: no command \"vanish\"");
  EXPECT_EQ(fault_of("crash prov-9"), "a.txt:2: no node \"prov-9\"");
  EXPECT_EQ(fault_of("expect peace"), "a.txt:2: nothing called \"peace\" can be expected");
  EXPECT_EQ(fault_of("crash prov-1 before lunch"),
            "a.txt:2: no moment \"lunch\": promise, vote or block");
}

TEST(ScenarioWords, AllFaultsAreToldAtOnce) {
  EXPECT_EQ(fault_of("advance soon\nheal now\nadvance 1s"),
            "a.txt:2: \"soon\" stands where a time belongs: 300ms, 5s, 2min\n"
            "a.txt:3: \"now\" is too much");
}

TEST(ScenarioWords, SettingsStandAboveCommands) {
  EXPECT_EQ(fault_of("advance 1s\nprimary prov-2"),
            "a.txt:3: \"primary\" stands above all commands");
  const auto none = parse_scenario("advance 1s", "b.txt");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().text, "b.txt:1: \"nodes ... quorum N\" comes first");
}

TEST(ScenarioWords, AWrongExpectationNamesItsLineAndWhatIsSo) {
  const auto s = parse_scenario(
      "nodes prov-1 prov-2 prov-3 quorum 2\nsubmit LOT1\nadvance 5s\nexpect not final LOT1\n",
      "c.txt");
  ASSERT_TRUE(s);
  const RunFolder place;
  const Status done = play(*s, Ordering::kLocal, place.path());
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().text.starts_with(
      "c.txt:4: expect not final LOT1: LOT1 of drug-east is final on prov-1\n"))
      << done.error().text;
}

}  // namespace
}  // namespace lotmark::sim
