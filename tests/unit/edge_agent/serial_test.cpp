// Lines of scales and probes, without a port.
#include "edge-agent/source/serial/serial.h"

#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

// "name=value ..." of what the pattern found; "-" if the line does not match.
std::string matched(std::string_view pattern, std::string_view line, bool comma = false) {
  const auto p = LinePattern::read(pattern, comma);
  if (!p) return p.error().text;
  const auto numbers = p->match(line);
  if (!numbers) return "-";
  std::string out;
  for (const auto& n : *numbers) out += (out.empty() ? "" : " ") + n.name + "=" + n.value.text();
  return out;
}

TEST(LinePattern, FindsTheNumbersOfALine) {
  EXPECT_EQ(matched("ST,GS,{w}kg", "ST,GS,+  12.345kg"), "w=12.345");
  EXPECT_EQ(matched("ST,GS,{w} kg", " ST,GS, 0012.345   kg  "), "w=12.345");
  EXPECT_EQ(matched("T={t} H={h}%", "T=-18.5 \t H=41%"), "t=-18.5 h=41");
  EXPECT_EQ(matched("{a};{};{b}", "1;2;-.5e2"), "a=1 b=-50");
  EXPECT_EQ(matched("{w} kg", "1.5E kg"), "-");
  EXPECT_EQ(matched("{w}E", "1.5E"), "w=1.5");
  EXPECT_EQ(matched("{w}", "- 7."), "w=-7");
  EXPECT_EQ(matched("a\\*\\{{x}\\\\", "a*{5\\"), "x=5");
}

TEST(LinePattern, ADecimalCommaWhereTheDeviceWritesOne) {
  EXPECT_EQ(matched("{w} kg", "12,5 kg", true), "w=12.5");
  EXPECT_EQ(matched("{w} kg", "12,5 kg", false), "-");
  EXPECT_EQ(matched("{w} kg", "12.5 kg", true), "-");
}

TEST(LinePattern, TheWholeLineMustMatch) {
  for (const char* line : {"", "ST,GS,12kg2", "xST,GS,12kg", "ST,GS,kg", "ST,GS,+-1kg",
                           "US,GS,12kg", "ST,GS,1.2.3kg", "ST,GS,12", "ST,GS,0x12kg"}) {
    EXPECT_EQ(matched("ST,GS,{w}kg", line), "-") << line;
  }
}

TEST(LinePattern, AnyTextStandsForWhatDoesNotMatter) {
  EXPECT_EQ(matched("*{w}kg*", "ST,GS,   12.3kg,OK"), "w=12.3");
  EXPECT_EQ(matched("*a*b{x}", "aab b a b7"), "x=7");
  EXPECT_EQ(matched("US*", "US,GS,12kg"), "");
  EXPECT_EQ(matched("*", ""), "");
}

// Behind a * the rest of a damaged number is none.
TEST(LinePattern, NoNumberBeginsWithinAnother) {
  for (const char* line : {"1.2.3kg", "5-12kg", "12,5kg", "1 2.3.4kg", "--12kg"}) {
    EXPECT_EQ(matched("*{w}kg", line), "-") << line;
  }
}

TEST(LinePattern, ManyStarsOnALongLineTakeNoTime) {
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a{}";
  EXPECT_EQ(matched(pattern + "b", std::string(512, 'a')), "-");
  std::string line;
  for (int i = 0; i < 250; ++i) line += "a1";
  EXPECT_EQ(matched(pattern + "b", line), "-");
}

TEST(LinePattern, RefusesWhatIsNone) {
  for (const char* bad : {"", "{w", "{w} {w}", "x\\"}) {
    EXPECT_FALSE(LinePattern::read(bad, false)) << bad;
  }
  EXPECT_FALSE(LinePattern::read(std::string(257, 'x'), false));
}

// What comes in chunks of each size; a spoiled line is "!".
std::vector<std::string> cut(const std::string& bytes, bool whole, std::size_t chunk) {
  SerialLines lines;
  lines.begin(whole);
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size(); at += chunk) {
    lines.feed(std::string_view(bytes).substr(at, chunk));
    while (auto line = lines.next()) out.push_back(line->spoiled ? "!" : line->text);
  }
  return out;
}
using Lines = std::vector<std::string>;

TEST(SerialLines, EndAtAnyControlCharacter) {
  for (std::size_t chunk : {1u, 2u, 7u, 1000u}) {
    EXPECT_EQ(cut("a\r\n\x02"
                  "b\tc\x03\n\nd\r",
                  true, chunk),
              (Lines{"a", "b\tc", "d"}))
        << chunk;
  }
}

TEST(SerialLines, WhatWasCutOffAtTheBeginningIsNoLine) {
  EXPECT_EQ(cut("2.345kg\r\n12.345kg\r\n", false, 3), (Lines{"12.345kg"}));
}

TEST(SerialLines, AByteThatCameWrongSpoilsItsLineAlone) {
  for (std::size_t chunk : {1u, 3u, 1000u}) {
    EXPECT_EQ(cut(std::string("1\n2\0"
                              "3\n4\n",
                              8),
                  true, chunk),
              (Lines{"1", "!", "4"}))
        << chunk;
  }
}

TEST(SerialLines, OfALongLineNothingIsKept) {
  const std::string most(512, 'x');
  EXPECT_EQ(cut(most + "\n" + most + "y\nz\n", true, 100), (Lines{most, "!", "z"}));
}

TEST(SerialPort, AbsentOneIsAnError) {
  SerialPort port;
  EXPECT_EQ(port.open({"/dev/lotmark-none", 9600, 8, "none", 1}).code(), Errc::kIo);
  EXPECT_FALSE(port.is_open());
  EXPECT_FALSE(valid_baud(9601));
}

}  // namespace
}  // namespace lotmark::agent
