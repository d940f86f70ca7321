// What others wrote may stand in a log line: it must not reach a terminal as anything but text.
#include "core/base/log.h"

#include <gtest/gtest.h>

namespace lotmark {
namespace {

std::string logged(const std::string& value) {
  static const bool once = [] {
    log::setup("test", log::Level::kInfo);
    return true;
  }();
  EXPECT_TRUE(once);
  testing::internal::CaptureStderr();
  log::info("some.event", {{"value", value}});
  std::string line = testing::internal::GetCapturedStderr();
  const auto at = line.find("value=");
  return line.substr(at + 6, line.size() - at - 7);
}

TEST(Log, WordsStandAsTheyAreAndOthersInQuotes) {
  EXPECT_EQ(logged("fridge-1"), "fridge-1");
  EXPECT_EQ(logged("\xe4\xba\x91\xe6\xb2\xb3"), "\xe4\xba\x91\xe6\xb2\xb3");
  EXPECT_EQ(logged(""), "\"\"");
  EXPECT_EQ(logged("two words"), "\"two words\"");
  EXPECT_EQ(logged("a=b"), "\"a=b\"");
  EXPECT_EQ(logged("say \"x\\y\""), "\"say \\\"x\\\\y\\\"\"");
}

TEST(Log, ControlsAreWrittenOutAndNeverSent) {
  EXPECT_EQ(logged("a\nb\r\tc"), "\"a\\nb\\r\\tc\"");
  EXPECT_EQ(logged("\x1b[2J"), "\"\\x1b[2J\"");
  EXPECT_EQ(logged(std::string("a\0b", 3)), "\"a\\x00b\"");
  EXPECT_EQ(logged("del\x7f"), "\"del\\x7f\"");
  EXPECT_EQ(logged("csi\xc2\x9b"
                   "2J"),
            "\"csi\\xc2\\x9b2J\"")
      << "C1 as UTF-8";
  EXPECT_EQ(logged("csi\x9b"
                   "2J"),
            "\"csi\\x9b2J\"")
      << "C1 as a byte";
  EXPECT_EQ(logged("cut \xe4\xba"), "\"cut \\xe4\\xba\"");
}

}  // namespace
}  // namespace lotmark
