#include "core/gs1/element_string.h"

#include <gtest/gtest.h>

#include "tests/unit/gs1/ai_values.h"

namespace lotmark::gs1 {
namespace {

using Elements = std::vector<AiValue>;

// Bracketed, or the fault.
std::string elements(std::string_view scan) {
  const auto read = read_elements(scan);
  return read ? bracketed(*read) : read.error().message();
}

constexpr const char* kItem = "(01)09521141123454(17)281231(10)L-7(21)42";

TEST(ElementString, OfEveryCarrierSaysTheSame) {
  for (const char* front : {"", "]C1", "]d2", "]Q3", "]e0", "]J1", "\x1d", "]C1\x1d"}) {
    const std::string scan = std::string(front) +
                             "01095211411234541728123110L-7\x1d"
                             "2142";
    EXPECT_EQ(elements(scan), kItem) << front;
  }
  EXPECT_EQ(elements(kItem), kItem);
}

TEST(ElementString, SeparatorsThatAreNotNeededAreReadOver) {
  EXPECT_EQ(elements("0109521141123454\x1d"
                     "17281231\x1d"
                     "10L-7\x1d"
                     "2142\x1d"),
            kItem);
  EXPECT_FALSE(
      read_elements("\x1d\x1d"
                    "0109521141123454"));
  EXPECT_FALSE(
      read_elements("10L-7\x1d\x1d"
                    "2142"));
}

TEST(ElementString, WithoutItsSeparatorAValueRunsOn) {
  EXPECT_EQ(elements("]d210L-72142"), "(10)L-72142");
  EXPECT_EQ(elements("]d210L-72142" + std::string(20, '1')), "lot: AI 10 takes 1 to 20 characters");
}

TEST(ElementString, DigitsAloneAreAGtin) {
  EXPECT_EQ(elements("09521141123454"), "(01)09521141123454");
  EXPECT_EQ(elements("9521141123454"), "(01)09521141123454");
  EXPECT_EQ(elements("036000291452"), "(01)00036000291452");
  EXPECT_EQ(elements("96385074"), "(01)00000096385074");
  EXPECT_EQ(elements("]E09521141123454"), "(01)09521141123454");
  EXPECT_EQ(elements("]E496385074"), "(01)00000096385074");
  EXPECT_EQ(elements("]I109521141123454"), "(01)09521141123454");
  EXPECT_EQ(elements("96385075"), "gtin: AI 01 has a wrong check digit");
  EXPECT_EQ(elements("]E0952114112345"), "gtin: AI 01 has a wrong check digit");
  EXPECT_EQ(elements("]E095211412"), "gtin: AI 01 has a wrong check digit");
  EXPECT_EQ(elements("]E0952114"), "usage: a GTIN has 8, 12, 13 or 14 digits");
  EXPECT_EQ(elements("]E0952114112345x"), "usage: a GTIN has 8, 12, 13 or 14 digits");
  // With its prefix eight digits are what they say.
  EXPECT_EQ(elements("]d217281231"), "(17)281231");
}

TEST(ElementString, OtherSymbologiesAreNamedSo) {
  for (const char* scan : {"]C00109521141123454", "]Q1https://a/01/09521141123454",
                           "]d10109521141123454", "]", "]d", "]z9"}) {
    EXPECT_EQ(elements(scan), "usage: the symbology carries no GS1 elements") << scan;
  }
}

TEST(ElementString, BracketsOfAValueStayInIt) {
  EXPECT_EQ(read_elements("(10)a(b)(c(21)(1")->front().value, "a(b)(c");
  EXPECT_EQ(read_elements("(10)a(b)(c(21)(1")->back().value, "(1");
  EXPECT_EQ(*read_elements("(10)a\\(21)b"), (Elements{{"10", "a(21)b"}}));
  EXPECT_EQ(bracketed(Elements{{"10", "a(21)b"}}), "(10)a\\(21)b");
  EXPECT_EQ(elements("(10)a\\b"), "lot: AI 10 has a character outside GS1's set 82");
}

TEST(ElementString, TheSameTwiceCountsOnceAndAnotherValueIsAFault) {
  EXPECT_EQ(elements("(10)L(10)L"), "(10)L");
  EXPECT_EQ(elements("(10)L(10)M"), "usage: AI 10 stands twice with different values");
}

TEST(ElementString, FaultsNameThePlace) {
  EXPECT_EQ(elements(""), "usage: a scan without elements");
  EXPECT_EQ(elements("\x1d"), "usage: a scan without elements");
  EXPECT_EQ(elements("hello"), "usage: no application identifier at byte 0");
  EXPECT_EQ(elements("0109521141123454xx"), "usage: no application identifier at byte 16");
  EXPECT_EQ(elements("(01)"), "gtin: AI 01 takes 14 characters");
  EXPECT_EQ(elements("(xx)1"), "usage: no application identifier at byte 0");
  EXPECT_EQ(elements("(01"), "usage: no application identifier at byte 0");
  EXPECT_EQ(elements("(01)0952114112345"), "gtin: AI 01 takes 14 characters");
  EXPECT_EQ(elements("010952114112345"), "gtin: AI 01 takes 14 characters");
  EXPECT_EQ(elements("10"), "lot: AI 10 takes 1 to 20 characters");
}

TEST(ElementString, SizesAreLimited) {
  EXPECT_EQ(read_elements(std::string(kScanMax + 1, '1')).code(), Errc::kTooLarge);
  std::string many;
  for (const Ai* ai : all_ais()) {
    if (ai->first != ai->last && ai->first[0] == '3') continue;
    many += "(" + std::string(ai->first) + ")" + test::value_of(*ai, false);
  }
  EXPECT_EQ(read_elements(many).code(), Errc::kTooLarge);
  std::string brackets(kScanMax, '(');
  EXPECT_FALSE(read_elements(brackets));
  EXPECT_FALSE(read_elements("(10)" + brackets.substr(10)));
}

TEST(ElementString, EveryIdentifierTravelsInBothForms) {
  for (const Ai* ai : all_ais()) {
    const Elements two = {{std::string(ai->first), test::value_of(*ai, true)}, {"98", "end"}};
    EXPECT_EQ(*read_elements(bracketed(two)), two) << ai->first;
    EXPECT_EQ(*read_elements("]d2" + raw_elements(two)), two) << ai->first;
    const Elements turned = {two[1], two[0]};
    EXPECT_EQ(*read_elements("]d2" + raw_elements(turned)), turned) << ai->first;
  }
}

TEST(ElementString, EveryCharacterOfAValueTravels) {
  for (int c = 0; c < 256; ++c) {
    const Elements two = {{"10", std::string("(21") + static_cast<char>(c) + "x"}, {"21", "("}};
    if (!judge(two[0])) continue;
    EXPECT_EQ(*read_elements(bracketed(two)), two) << c;
    EXPECT_EQ(*read_elements(raw_elements(two)), two) << c;
  }
}

TEST(ElementString, ItsLinkHasTheKeyInFront) {
  EXPECT_EQ(canonical_link(*link_of_scan(kItem)),
            "https://id.gs1.org/01/09521141123454/10/L-7/21/42?17=281231");
  EXPECT_EQ(canonical_link(*link_of_scan("]E09521141123454")),
            "https://id.gs1.org/01/09521141123454");
  EXPECT_EQ(link_of_scan("(10)L").code(), Errc::kUsage);
}

// Each beginning of a scan and each with a byte changed.
TEST(ElementString, CutAndChangedScansGiveRightValuesOrAFault) {
  for (const std::string& scan :
       {std::string(kItem), std::string("]d201095211411234541728123110L-7\x1d"
                                        "2142")}) {
    for (std::size_t i = 0; i < scan.size(); ++i) {
      std::string changed = scan;
      for (const char c : {'(', ')', ']', '\\', '0', '\x1d', '\0', '\xff'}) {
        changed[i] = c;
        for (const auto& text : {changed, scan.substr(0, i)}) {
          const auto read = read_elements(text);
          if (!read) continue;
          for (const AiValue& e : *read) EXPECT_TRUE(judge(e)) << text;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lotmark::gs1
