// Files of a refrigerator logger through the program, which is killed while it tells them.
#include "core/crypto/sha256.h"
#include "tests/integration/edge_agent/agent_program.h"
#include "tests/unit/edge_agent/inputs/fridge_tag.h"

namespace lotmark::agent {
namespace {

class FridgeLogProgramTest : public test::AgentProgramTest {
 protected:
  void start() {
    std::filesystem::create_directory(dir_ / "drop");
    start_agent("[[source]]\nname = \"fridge\"\ntype = \"fridge-log\"\nfolder = \"" +
                (dir_ / "drop") + "\"\nserial = \"160400000001\"\nkeys = [\"" + tag_.key_hex() +
                "\"]\nutc_offset = \"+02:00\"\n");
  }
  // The days of a month before `last`, the newest first.
  static std::vector<test::LoggedDay> days(int last) {
    std::vector<test::LoggedDay> out;
    for (int d = last; d > 0; --d) {
      test::LoggedDay day{fmt::format("2026-03-{:02}", d)};
      day.min = fmt::format("+{}.{}", d / 10, d % 10);
      day.max = "+9.0";
      day.average = "+5.0";
      out.push_back(day);
    }
    return out;
  }
  test::FridgeTag tag_;
};

TEST_F(FridgeLogProgramTest, EachDayIsToldOnceThoughTheProgramIsKilledAndFilesOverlap) {
  const std::string first = tag_.file("2026-03-20 23:59", days(20));
  const std::string second = tag_.file("2026-03-30 23:59", days(30));
  start();
  dir_.write("drop/first.txt", first);
  // Killed at any moment between the first bundle and the last.
  EXPECT_TRUE(test::eventually([&] { return !values("fridge-min").empty(); }));
  start();
  EXPECT_TRUE(came("fridge-min", 20));
  dir_.write("drop/second.txt", second);
  start();
  EXPECT_TRUE(came("fridge-min", 30));
  const auto text = [](const std::string& file) {
    return "sha256:" + to_hex(sha256(as_bytes(file)));
  };
  EXPECT_TRUE(test::eventually([&] { return node_->texts()["fridge-file"].size() == 2; }));
  auto texts = node_->texts();
  EXPECT_EQ(texts["fridge-file"].front().second, text(first));
  EXPECT_EQ(texts["fridge-file"].back().second, text(second));
  std::vector<std::int64_t> expected;
  for (std::int64_t d = 1; d <= 30; ++d) expected.push_back(d);
  EXPECT_EQ(values("fridge-min"), expected);
  auto series = node_->series();
  EXPECT_EQ(to_iso(from_ms(static_cast<std::int64_t>(series["fridge-min"].front().first))),
            "2026-03-01T01:05:00.000Z");
  const auto clocks = node_->clocks();
  EXPECT_GT(std::ranges::count(clocks, ClockState::kRecorded), 0);
}

}  // namespace
}  // namespace lotmark::agent
