#include "core/gs1/ai.h"

#include <gtest/gtest.h>

#include "tests/unit/gs1/ai_values.h"

namespace lotmark::gs1 {
namespace {

bool takes(std::string_view ai, std::string_view value) {
  return static_cast<bool>(judge(ai, value));
}

std::string why_not(std::string_view ai, std::string_view value) {
  const auto verdict = judge(ai, value);
  return verdict ? "taken" : verdict.error().message();
}

TEST(CheckDigit, StandsBehindAnyNumberOfDigits) {
  EXPECT_EQ(mod10_digit("0952114112345"), '4');
  EXPECT_EQ(mod10_digit("09520123456789123"), '5');
  EXPECT_EQ(mod10_digit(""), '0');
  EXPECT_TRUE(mod10_holds("96385074"));
  EXPECT_FALSE(mod10_holds("96385075"));
  EXPECT_FALSE(mod10_holds("9638507x"));
  EXPECT_FALSE(mod10_holds("0"));
}

// The example of GenSpecs 7.9.
TEST(CheckPair, IsTheStandardsOwn) {
  EXPECT_EQ(check_pair("1987654Ad4X4bL5ttr2310c"), "2K");
  EXPECT_EQ(check_pair(""), "22");
  EXPECT_FALSE(check_pair("with space"));
  EXPECT_FALSE(check_pair(std::string(24, '1')));
}

TEST(Ai, IsFoundByAllItsDigitsOnly) {
  EXPECT_EQ(find_ai("01")->first, "01");
  EXPECT_EQ(find_ai("3105")->first, "3100");
  EXPECT_EQ(find_ai("95")->first, "91");
  for (const char* none : {"", "0", "1", "1x", "3106", "310", "01 ", "010", "8", "9a", "999",
                           "7260", "gtin", "80040", "9:"}) {
    EXPECT_EQ(find_ai(none), nullptr) << none;
  }
}

TEST(Ai, IsFoundAtTheFrontOfAText) {
  EXPECT_EQ(ai_at_front("0109521141123454").size, 2u);
  EXPECT_EQ(ai_at_front("2351").size, 3u);
  EXPECT_EQ(ai_at_front("310012").size, 4u);
  EXPECT_EQ(ai_at_front("8").ai, nullptr);
  EXPECT_EQ(ai_at_front("0x").ai, nullptr);
}

TEST(Ai, NoneIsTheBeginningOfAnother) {
  for (const Ai* ai : all_ais()) {
    for (std::size_t size = 2; size < ai->first.size(); ++size) {
      EXPECT_EQ(find_ai(ai->first.substr(0, size)), nullptr) << ai->first;
    }
  }
}

TEST(Ai, TakesItsShortestAndLongestValueAndNoCharacterMore) {
  for (const Ai* ai : all_ais()) {
    const auto shortest = test::value_of(*ai, false);
    const auto longest = test::value_of(*ai, true);
    EXPECT_EQ(why_not(ai->first, shortest), "taken") << ai->first << " " << shortest;
    EXPECT_EQ(why_not(ai->last, longest), "taken") << ai->last << " " << longest;
    EXPECT_LE(longest.size(), kAiValueMax);
    EXPECT_FALSE(takes(ai->first, longest + "1")) << ai->first;
    EXPECT_FALSE(takes(ai->first, "")) << ai->first;
    std::size_t least = 0;
    for (std::size_t i = 0; i < ai->part_count; ++i) {
      if (!ai->parts[i].optional) least += ai->parts[i].min;
    }
    EXPECT_FALSE(takes(ai->first, shortest.substr(0, least - 1))) << ai->first;
  }
}

TEST(Ai, NoRowTakesControlsSpacesOrWhatIsNotAscii) {
  for (const Ai* ai : all_ais()) {
    for (const char c : {'\0', '\n', ' ', '\x1d', '#', '\\', '~', '\x7f', '\x80', '\xff'}) {
      if (c == '#' && ai->parts[0].set == CharSet::kSet39) continue;
      auto value = test::value_of(*ai, true);
      value.back() = c;
      EXPECT_FALSE(takes(ai->first, value)) << ai->first << " " << int{c};
    }
  }
}

TEST(CharSets, HaveAsManyCharactersAsTheirNames) {
  const auto count = [](CharSet set) {
    int n = 0;
    for (int c = 0; c < 256; ++c) n += in_set(set, static_cast<char>(c)) ? 1 : 0;
    return n;
  };
  EXPECT_EQ(count(CharSet::kDigits), 10);
  EXPECT_EQ(count(CharSet::kSet82), 82);
  EXPECT_EQ(count(CharSet::kSet39), 39);
  EXPECT_EQ(count(CharSet::kSet64), 65);  // and the filling
}

TEST(Ai, FaultsNameTheIdentifierAndTheRule) {
  EXPECT_EQ(why_not("01", "09521141123455"), "gtin: AI 01 has a wrong check digit");
  EXPECT_EQ(why_not("01", "9521141123454"), "gtin: AI 01 takes 14 characters");
  EXPECT_EQ(why_not("10", "L 7"), "lot: AI 10 has a character outside GS1's set 82");
  EXPECT_EQ(why_not("17", "281301"), "field-range: AI 17 has a date that does not exist");
  EXPECT_EQ(why_not("253", "123123123123212345678901234567890"),
            "field-range: AI 253 takes 13 to 30 characters");
  EXPECT_EQ(why_not("89", "1"), "usage: AI 89 does not exist");
}

TEST(Ai, AWrongCheckDigitMayBeIgnoredAndNothingElse) {
  EXPECT_TRUE(judge("01", "09521141123455", CheckDigits::kIgnored));
  EXPECT_TRUE(judge("8013", "1987654Ad4X4bL5ttr2310cXX", CheckDigits::kIgnored));
  EXPECT_FALSE(judge("01", "0952114112345x", CheckDigits::kIgnored));
  EXPECT_FALSE(judge("8006", "095211411234540201", CheckDigits::kIgnored));
}

TEST(AiRules, LetPassAndRefuse) {
  struct Case {
    const char* ai;
    const char* right;
    const char* wrong;
  };
  for (const auto& c : std::initializer_list<Case>{
           {"17", "240229", "230229"},
           {"17", "000229", "000230"},
           {"17", "240100", "241300"},
           {"4326", "240131", "240100"},
           {"7250", "20000229", "19000229"},
           {"7003", "2401012359", "2401012400"},
           {"8008", "240101235959", "24010123595960"},
           {"8008", "24010123", "2401012"},
           {"7007", "240101240102", "240101240001"},
           {"7011", "2401012359", "2401012360"},
           {"4309", "18000000003600000000", "18000000013600000000"},
           {"4309", "00000000000000000000", "00000000003600000001"},
           {"4330", "001234-", "001234+"},
           {"4321", "1", "2"},
           {"7252", "9", "3"},
           {"8001", "10001000010090", "10001000010020"},
           {"8001", "00010000100100", "00001000100100"},
           {"8011", "1", "0"},
           {"8011", "120", "012"},
           {"8006", "095211411234540202", "095211411234540302"},
           {"8006", "095211411234540101", "095211411234540001"},
           {"7258", "2/3", "3/2"},
           {"7258", "1/1", "0/1"},
           {"7258", "1/9", "123"},
           {"4307", "DE", "D1"},
           {"422", "276", "000"},
           {"423", "276528", "27652"},
           {"7241", "10", "11"},
           {"7040", "1AB_", "1AB."},
           {"7041", "PX", "px"},
           {"8007", "GB82WEST12345698765432", "GB82WEST12345698765433"},
           {"8007", "DE89370400440532013000", "de89370400440532013000"},
           {"8004", "9521A", "952A1"},
           {"8010", "9521#-/Z", "9521a"},
           {"8014", "1987654Ad4X4bL5ttr2310c2K", "1987654Ad4X4bL5ttr2310c2L"},
           {"4300", "A%20B", "A%2"},
           {"8003", "09521141123454A7", "19521141123454"},
           {"8110", "0123456789", "A123456789"},
           {"8030", "ab-_==", "ab+/"},
           {"8030", "ab-_=", "ab=c"},
           {"8030", "abc", "ab==="},
           {"253", "9521141123454X", "9521141123455X"}}) {
    EXPECT_EQ(why_not(c.ai, c.right), "taken") << c.ai << " " << c.right;
    EXPECT_FALSE(takes(c.ai, c.wrong)) << c.ai << " " << c.wrong;
  }
}

// All texts of up to two bytes and long ones: an answer, whatever it is.
TEST(Ai, AnyBytesGetAnAnswer) {
  for (const Ai* ai : all_ais()) {
    for (const std::size_t size : {1u, 2u, 13u, 91u, 70000u}) {
      for (const char c : {'0', '9', 'A', '%', '/', '\0', '\xff'}) {
        const auto verdict = judge(ai->first, std::string(size, c));
        EXPECT_TRUE(verdict || !verdict.error().text.empty());
      }
    }
  }
}

}  // namespace
}  // namespace lotmark::gs1
