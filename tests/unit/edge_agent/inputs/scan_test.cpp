// From keys to scans, without a device.
#include "edge-agent/source/wedge/scan.h"

#include <gtest/gtest.h>

#include "tests/unit/edge_agent/inputs/typing.h"

namespace lotmark::agent {
namespace {

using test::KeyPresses;
using test::typed;

class ScanTest : public testing::Test {
 protected:
  // Scans, and of what is none "!" and why; a key a millisecond.
  std::vector<std::string> scans(const KeyPresses& presses) {
    std::vector<std::string> out;
    for (const auto& p : presses) {
      now_ += Millis(1);
      note(reader_->key(p.code, p.value, now_), out);
    }
    return out;
  }
  static void note(const ScanReader::Outcome& outcome, std::vector<std::string>& out) {
    if (outcome) out.push_back(*outcome ? **outcome : "!" + outcome->error().text);
  }
  void use(const ScanOptions& options) { reader_.emplace(options); }

  std::optional<ScanReader> reader_{ScanOptions{}};
  ScanReader::Tick now_{};
};
using Scans = std::vector<std::string>;

TEST_F(ScanTest, EveryCharacterOfTheLayoutIsRead) {
  std::string all;
  for (char c = ' '; c <= '~'; ++c) all += c;
  EXPECT_EQ(scans(typed(all + "\r")), Scans{all});
}

TEST_F(ScanTest, EnterAndTabEndAScanAndAloneAreNone) {
  EXPECT_EQ(scans(typed("0950600013435\r\r\tA-1\t")), (Scans{"0950600013435", "A-1"}));
}

TEST_F(ScanTest, ATabIsACharacterWhereEnterAloneEnds) {
  ScanOptions o;
  o.tab = false;
  use(o);
  EXPECT_EQ(scans(typed("a\tb\r")), Scans{"a\tb"});
}

// A GS1 element string: the separator FNC1 is sent as GS.
TEST_F(ScanTest, Fnc1StaysAsSent) {
  const std::string text =
      "]d2010950600013435210AB\x1d"
      "21007";
  EXPECT_EQ(scans(typed(text + "\r")), Scans{text});
}

TEST_F(ScanTest, ACodeTypedWithAltIsItsCharacter) {
  for (const auto* digits : {"029", "29", "0029"}) {
    KeyPresses keys = typed("A");
    keys.push_back({KEY_LEFTALT, 1});
    for (const char* d = digits; *d != 0; ++d)
      test::press(keys, *d == '0' ? KEY_KP0 : *d == '2' ? KEY_KP2 : KEY_KP9);
    keys.push_back({KEY_LEFTALT, 0});
    for (const auto& p : typed("B\r")) keys.push_back(p);
    EXPECT_EQ(scans(keys), Scans{"A\x1d"
                                 "B"})
        << digits;
  }
}

TEST_F(ScanTest, ACodeBeyondAsciiSpoilsTheScanAndNotTheNext) {
  KeyPresses keys = typed("A");
  keys.push_back({KEY_LEFTALT, 1});
  for (int i = 0; i < 40; ++i) test::press(keys, KEY_KP9);
  keys.push_back({KEY_LEFTALT, 0});
  for (const auto& p : typed("B\rC\r")) keys.push_back(p);
  EXPECT_EQ(scans(keys), (Scans{"!a character that is not ASCII", "C"}));
}

TEST_F(ScanTest, AKeyThatWritesNothingSpoilsTheScan) {
  KeyPresses keys = typed("12");
  test::press(keys, KEY_F5);
  for (const auto& p : typed("34\r56\r")) keys.push_back(p);
  EXPECT_EQ(scans(keys), (Scans{"!a key that writes nothing", "56"}));
}

TEST_F(ScanTest, AKeyThatIsHeldIsOneCharacter) {
  EXPECT_EQ(scans({{KEY_1, 1}, {KEY_1, 2}, {KEY_1, 2}, {KEY_1, 0}, {KEY_ENTER, 1}}), Scans{"1"});
}

TEST_F(ScanTest, LengthsAreHeld) {
  ScanOptions o;
  o.min_length = 3;
  o.max_length = 5;
  use(o);
  EXPECT_EQ(scans(typed("12\r123\r12345\r123456\r1234\r")),
            (Scans{"!shorter than min_length", "123", "12345", "!longer than max_length", "1234"}));
}

TEST_F(ScanTest, HalfAScanIsDroppedAfterItsTime) {
  EXPECT_EQ(scans(typed("123")), Scans{});
  ASSERT_TRUE(reader_->deadline());
  EXPECT_EQ(*reader_->deadline(), now_ + Millis(500));
  EXPECT_FALSE(reader_->tick(now_ + Millis(499)));
  Scans out;
  note(reader_->tick(now_ + Millis(500)), out);
  EXPECT_EQ(out, Scans{"!without its end"});
  EXPECT_FALSE(reader_->deadline());
  EXPECT_EQ(scans(typed("456\r")), Scans{"456"});
}

// Whoever wakes late does not join two halves.
TEST_F(ScanTest, AKeyAfterTheTimeBeginsAnotherScan) {
  EXPECT_EQ(scans(typed("123")), Scans{});
  now_ += Millis(600);
  EXPECT_EQ(scans(typed("456\r")), (Scans{"!without its end", "456"}));
}

TEST_F(ScanTest, WhatIsSkippedEndsWithItsScanOrWithItsTime) {
  EXPECT_EQ(scans(typed("12")), Scans{});
  reader_->skip(now_);
  EXPECT_EQ(scans(typed("34\r56\r")), Scans{"56"});
  reader_->skip(now_);
  EXPECT_FALSE(reader_->tick(now_ + Millis(500)));
  EXPECT_FALSE(reader_->deadline());
  reader_->skip(now_);
  now_ += Millis(600);
  EXPECT_EQ(scans(typed("78\r")), Scans{"78"});
}

TEST_F(ScanTest, LostEventsCutAScanAndLetGoOfHeldKeys) {
  EXPECT_EQ(scans({{KEY_LEFTSHIFT, 1}, {KEY_A, 1}, {KEY_A, 0}}), Scans{});
  Scans out;
  note(reader_->lost(), out);
  EXPECT_EQ(out, Scans{"!cut off"});
  EXPECT_FALSE(reader_->lost());
  EXPECT_EQ(scans(typed("a\r")), Scans{"a"});
}

}  // namespace
}  // namespace lotmark::agent
