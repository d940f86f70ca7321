// What strangers wrote never reaches a terminal as anything but letters.
#include "cli/output.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/cut_shown.h"
#include "cli/files.h"
#include "cli/shown.h"
#include "core/base/clock.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

struct Printed {
  explicit Printed(Screen screen = {}) : output(out, err, screen) {}
  std::ostringstream out, err;
  Output output;
};

TEST(CutPlan, WhereNoLotHoldsItUpSaysWhyNothingGoes) {
  Printed printed;
  show_plan({{"blocks", 0u}, {"first", 1u}}, printed.output);
  EXPECT_EQ(
      printed.out.str(),
      "nothing may be cut from block 1 on yet: a lot that is under way may still need what is "
      "there\n");
}

TEST(Shown, ControlsAndBidiBecomeNumbers) {
  EXPECT_EQ(shown("\x1b[2Jreleased\r\n"), "\\x1b[2Jreleased\\x0d\\x0a");
  EXPECT_EQ(shown("\x1b]52;c;cHduZWQ=\x07"), "\\x1b]52;c;cHduZWQ=\\x07");
  EXPECT_EQ(shown("a\x7f\xc2\x9b"
                  "31m"),
            "a\\x7f\\x9b31m");
  EXPECT_EQ(shown("Cel\u202e \u2066x\u2069 \u200f\u061c\u2028"),
            "Cel\\u202e \\u2066x\\u2069 \\u200f\\u061c\\u2028");
  EXPECT_EQ(shown("a\nb", Newlines::kKept), "a\nb");
}

TEST(Shown, BytesThatAreNoUtf8BecomeNumbers) {
  EXPECT_EQ(shown("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(shown("a\x9b"
                  "31m"),
            "a\\x9b31m");
  EXPECT_EQ(shown("\xc0\x9b \xed\xa0\x80 \xe2\x80"), "\\xc0\\x9b \\xed\\xa0\\x80 \\xe2\\x80");
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
}

TEST(Shown, OrdinaryTextOfAnyScriptStays) {
  const std::string text = "疫苗 H, 2..8 °C, café 🙂 \u200d";
  EXPECT_EQ(shown(text), text);
  EXPECT_TRUE(is_utf8(text));
}

TEST(Output, LinesCellsAndErrorsAreSafe) {
  Printed p({true, true});
  p.output.line("note: \x1b[1A\nreleased", Paint::kGood);
  EXPECT_EQ(p.out.str(), "\x1b[32mnote: \\x1b[1A\\x0areleased\x1b[0m\n");
  p.out.str("");
  p.output.table({{}, {{{"product", "A\x1b[2J\nB"}}, {{"lot", "x"}}}});
  EXPECT_EQ(p.out.str(), "product  A\\x1b[2J\\x0aB\nlot      x\n");
  p.output.complain("the node says \x1b[2J\nand more");
  EXPECT_EQ(p.err.str(), "lotmark: the node says \\x1b[2J\nand more\n");
}

TEST(Output, JsonIsAlwaysTextAndMeansTheSame) {
  Printed p;
  const nlohmann::json value = {{"product", "A\x7f\u202e\xc2\x85"}};
  EXPECT_EQ(p.output.value(value), Exit::kDone);
  EXPECT_EQ(nlohmann::json::parse(p.out.str()), value);
  EXPECT_EQ(p.out.str().find("\u202e"), std::string::npos);
  p.out.str("");
  EXPECT_EQ(p.output.value({{"gtin", "\xff\xfe"}}), Exit::kDone);
  EXPECT_EQ(nlohmann::json::parse(p.out.str())["gtin"], "\ufffd\ufffd");
}

TEST(Output, AFieldIsExactInAFileAndSafeOnATerminal) {
  const nlohmann::json value = {{"why", "a\x1b[2J"}};
  Printed file;
  file.output.field = "why";
  file.output.value(value);
  EXPECT_EQ(file.out.str(), "a\x1b[2J\n");
  Printed terminal({true, false});
  terminal.output.field = "why";
  terminal.output.value(value);
  EXPECT_EQ(terminal.out.str(), "a\\x1b[2J\n");
}

TEST(Files, NoMoreIsReadThanWasAskedFor) {
  EXPECT_EQ(read_file_start("/dev/zero", 100)->size(), 100u);
  EXPECT_EQ(read_file("/dev/zero", 100).code(), Errc::kTooLarge);
}

TEST(Clock, TimesOutsideTheCalendarAreMilliseconds) {
  EXPECT_EQ(to_iso(from_ms(9'000'000'000'000'000)), "9000000000000000 ms since 1970");
  EXPECT_EQ(to_iso(from_ms(253'402'300'799'999)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(to_iso(from_ms(253'402'300'800'000)), "253402300800000 ms since 1970");
}

}  // namespace
}  // namespace lotmark::cli::test
