#include "core/gs1/epc_uri.h"

#include <gtest/gtest.h>

#include "core/gs1/epc.h"
#include "core/gs1/identity.h"

namespace lotmark::gs1 {
namespace {

const std::vector<std::string> kPrefixes = {"952114", "9521141", "952114112345", "0614141"};

struct Pair {
  const char* urn;
  const char* path;
};

// One of each scheme, with the shortest and longest of what the company numbers itself.
constexpr Pair kBothWays[] = {
    {"urn:epc:id:sgtin:9521141.012345.7", "/01/09521141123454/21/7"},
    {"urn:epc:id:sgtin:952114112345.0.32a%2Fb", "/01/09521141123454/21/32a%2Fb"},
    {"urn:epc:id:sgtin:9521141.812345.6789%2F%26%25%22!%3F()",
     "/01/89521141123450/21/6789%2F%26%25%22%21%3F%28%29"},
    {"urn:epc:id:sgtin:9521141.012345.a.b.c", "/01/09521141123454/21/a.b.c"},
    {"urn:epc:id:sscc:9521141.1234567890", "/00/195211412345678900"},
    {"urn:epc:id:sgln:9521141.12345.32a%2Fb", "/414/9521141123454/254/32a%2Fb"},
    {"urn:epc:id:sgln:9521141.12345.0", "/414/9521141123454"},
    {"urn:epc:id:sgln:952114112345..0", "/414/9521141123454"},
    {"urn:epc:id:pgln:9521141.12345", "/417/9521141123454"},
    {"urn:epc:id:pgln:952114112345.", "/417/9521141123454"},
    {"urn:epc:id:grai:9521141.12345.A%2F1", "/8003/09521141123454A%2F1"},
    {"urn:epc:id:grai:952114112345..1", "/8003/095211411234541"},
    {"urn:epc:id:giai:9521141.A%3C.b", "/8004/9521141A%3C.b"},
    {"urn:epc:id:gsrn:9521141.0000000123", "/8018/952114100000001237"},
    {"urn:epc:id:gsrnp:9521141.0000000123", "/8017/952114100000001237"},
    {"urn:epc:id:gdti:9521141.12345.PO-4711", "/253/9521141123454PO-4711"},
    {"urn:epc:id:sgcn:9521141.12345.04711", "/255/952114112345404711"},
    {"urn:epc:id:cpi:9521141.1-A%23%2F.1234", "/8010/95211411-A%23%2F/8011/1234"},
    {"urn:epc:id:ginc:9521141.xyz47%2F11", "/401/9521141xyz47%2F11"},
    {"urn:epc:id:gsin:9521141.222333444", "/402/95211412223334440"},
    {"urn:epc:id:itip:9521141.012345.01.02.987", "/8006/095211411234540102/21/987"},
    {"urn:epc:id:upui:9521141.012345.51qIgY)%3C%26Jp3*j7",
     "/01/09521141123454/235/51qIgY%29%3C%26Jp3%2Aj7"},
    {"urn:epc:class:lgtin:9521141.012345.L%22(1)", "/01/09521141123454/10/L%22%281%29"},
    {"urn:epc:idpat:sgtin:9521141.012345.*", "/01/09521141123454"},
    {"urn:epc:idpat:itip:9521141.012345.01.02.*", "/8006/095211411234540102"},
    {"urn:epc:idpat:grai:9521141.12345.*", "/8003/09521141123454"},
    {"urn:epc:idpat:gdti:952114112345..*", "/253/9521141123454"},
    {"urn:epc:idpat:sgcn:9521141.12345.*", "/255/9521141123454"},
    {"urn:epc:idpat:cpi:9521141.AB12.*", "/8010/9521141AB12"},
};

std::string path_or_fault(std::string_view urn) {
  const auto link = link_of_urn(urn);
  return link ? link_uri(*link) : link.error().message();
}

// The company prefix that the URN names.
std::vector<std::string> prefix_in(std::string_view urn) {
  const auto begin = urn.find_first_of("0123456789");
  return {std::string(urn.substr(begin, urn.find('.', begin) - begin))};
}

TEST(EpcUri, EverySchemeIsALinkAndBack) {
  for (const auto& [urn, path] : kBothWays) {
    EXPECT_EQ(path_or_fault(urn), path) << urn;
    const auto link = read_link_path(path);
    ASSERT_TRUE(link) << path << ": " << link.error().message();
    EXPECT_EQ(urn_of_link(*link, prefix_in(urn)), urn) << path;
  }
}

TEST(EpcUri, AUnitPackIsOfTheClassOfItsGtin) {
  EXPECT_EQ(path_or_fault("urn:epc:idpat:upui:9521141.012345.*"), "/01/09521141123454");
}

TEST(EpcUri, TheLongestPrefixThatFitsIsTaken) {
  const auto link = *read_link_path("/01/09521141123454/21/7");
  EXPECT_EQ(urn_of_link(link, kPrefixes), "urn:epc:id:sgtin:952114112345.0.7");
  const std::vector<std::string> none = {"952115", "95211", "9521141123454", "95211x", ""};
  EXPECT_FALSE(urn_of_link(link, none));
  EXPECT_FALSE(urn_of_link(link, {}));
}

TEST(EpcUri, WhatHasNoUrnHasNone) {
  for (const char* path :
       {"/415/9521141123454/8020/R", "/8013/1987654Ad4X4bL5ttr2310c2K",
        "/414/9521141123454/7040/1ABC", "/417/9521141123454/7040/1ABC", "/8004/9521141A/7040/1ABC",
        "/8018/952114100000001237/8019/1", "/8006/095211411234540102/10/L", "/8004/9521141"}) {
    const auto link = read_link_path(path);
    ASSERT_TRUE(link) << path << ": " << link.error().message();
    const std::vector<std::string> prefixes = {"9521141", "1987654"};
    EXPECT_FALSE(urn_of_link(*link, prefixes)) << path;
  }
  Link wrong;
  wrong.key = {"01", "123"};
  EXPECT_FALSE(urn_of_link(wrong, kPrefixes));
}

TEST(EpcUri, OfALinkOnlyTheIdentityCounts) {
  const auto link = read_link_path("/way/01/09521141123454/22/V/10/L/21/7", "17=281231&x");
  EXPECT_EQ(urn_of_link(*link, prefix_in("9521141.")), "urn:epc:id:sgtin:9521141.012345.7");
  EXPECT_EQ(urn_of_link(*read_link_path("/01/09521141123454/22/V"), prefix_in("9521141.")),
            "urn:epc:idpat:sgtin:9521141.012345.*");
  EXPECT_EQ(urn_of_link(*read_link_path("/414/9521141123454/254/0"), prefix_in("9521141.")),
            "urn:epc:id:sgln:9521141.12345.0");
}

TEST(EpcUri, EscapesAreReadWhateverTheirCaseAndWrittenUpper) {
  EXPECT_EQ(path_or_fault("urn:epc:id:sgtin:9521141.012345.a%2fb%41"),
            "/01/09521141123454/21/a%2FbA");
}

TEST(EpcUri, FaultsAreNamed) {
  EXPECT_EQ(path_or_fault("urn:epc:tag:sgtin-96:1.9521141.012345.7"),
            "usage: no EPC URN of an id, a class or a pattern");
  EXPECT_EQ(path_or_fault("urn:epc:id:gid:1.2.3"), "usage: no scheme of GS1's keys");
  EXPECT_EQ(path_or_fault("urn:epc:id:sgtin:9521141.01234.7"),
            "usage: prefix and reference are none of the scheme sgtin");
  EXPECT_EQ(path_or_fault("urn:epc:id:sgtin:9521141.012345"),
            "usage: a component too few for the scheme sgtin");
  EXPECT_EQ(path_or_fault("urn:epc:id:sscc:9521141.1234567890.1"),
            "usage: a component too many for the scheme sscc");
  EXPECT_EQ(path_or_fault("urn:epc:id:sgtin:9521141.012345.a/b"),
            "usage: a character must be escaped (TDS 6.3.1)");
  EXPECT_EQ(path_or_fault("urn:epc:id:sgtin:9521141.012345."),
            "usage: the last component is empty");
  EXPECT_EQ(path_or_fault("urn:epc:idpat:sgtin:9521141.*.*"),
            "usage: prefix and reference are none of the scheme sgtin");
  EXPECT_EQ(path_or_fault("urn:epc:idpat:sgtin:9521141.012345.7"),
            "usage: a pattern of a class ends in .*");
  EXPECT_EQ(path_or_fault("urn:epc:idpat:sgln:9521141.12345.*"),
            "usage: the scheme has no classes");
  EXPECT_EQ(path_or_fault("urn:epc:id:sgcn:9521141.12345.A"),
            "field-range: AI 255 takes digits only");
  EXPECT_EQ(path_or_fault("urn:epc:id:cpi:9521141.A.012"),
            "field-range: AI 8011 begins with a zero");
  EXPECT_EQ(path_or_fault("urn:epc:id:itip:9521141.012345.03.02.7"),
            "field-range: AI 8006 counts a piece beyond all");
}

TEST(EpcUri, WhatIsNoneIsRefused) {
  for (const char* urn : {"",
                          "urn",
                          "urn:epc:",
                          "urn:epc:id:",
                          "urn:epc:id:sgtin",
                          "urn:epc:id:sgtin:",
                          "urn:epc:id::",
                          "urn:epc:id:sgtin:.",
                          "urn:epc:id:sgtin:..",
                          "urn:epc:id:sgtin:9521141",
                          "urn:epc:id:sgtin:9521141.",
                          "urn:epc:id:sgtin:9521141..7",
                          "urn:epc:id:sgtin:95211.01234567.7",
                          "urn:epc:id:sgtin:9521141123454..7",
                          "urn:epc:id:sgtin:952114a.012345.7",
                          "urn:epc:id:sgtin:9521141.01234a.7",
                          "URN:EPC:ID:SGTIN:9521141.012345.7",
                          "urn:epc:id:sgtin:9521141.012345.%",
                          "urn:epc:id:sgtin:9521141.012345.%4",
                          "urn:epc:id:sgtin:9521141.012345.%00",
                          "urn:epc:id:sgtin:9521141.012345.a b",
                          "urn:epc:id:sgtin:9521141.012345.\xc3\xa4",
                          "urn:epc:id:sgtin:9521141.012345.123456789012345678901",
                          "urn:epc:id:sgtin:9521141.012345.*#",
                          "urn:epc:id:lgtin:9521141.012345.L",
                          "urn:epc:class:sgtin:9521141.012345.L",
                          "urn:epc:idpat:lgtin:9521141.012345.*",
                          "urn:epc:id:pgln:952114112345",
                          "urn:epc:id:pgln:952114112345.0",
                          "urn:epc:id:giai:9521141",
                          "urn:epc:id:giai:9521141.",
                          "urn:epc:id:giai:9521141.123456789012345678901234",
                          "urn:epc:id:cpi:9521141.a.1",
                          "urn:epc:id:cpi:9521141.A",
                          "urn:epc:id:itip:9521141.012345.1.2.7",
                          "urn:epc:id:itip:9521141.012345.01.02",
                          "urn:epc:idpat:sscc:9521141.*",
                          "urn:epc:idpat:giai:9521141.*",
                          "urn:epc:id:sgtin:9521141.012345.7?x=1",
                          "urn:epc:raw:96.x00"}) {
    EXPECT_FALSE(link_of_urn(urn)) << urn;
  }
  EXPECT_EQ(link_of_urn("urn:epc:id:giai:9521141." + std::string(kEpcUriMax, '1')).code(),
            Errc::kTooLarge);
  std::string dots = "urn:epc:id:itip:9521141";
  EXPECT_FALSE(link_of_urn(dots.append(400, '.')));
}

// Each beginning of a right URN, and each with one byte changed: no answer but a link that is one, or a fault.
TEST(EpcUri, CutAndChangedUrnsGiveALinkThatIsOneOrAFault) {
  for (const auto& [text, path] : kBothWays) {
    const std::string urn(text);
    for (std::size_t i = 0; i < urn.size(); ++i) {
      std::string changed = urn;
      for (const char c : {'.', '%', '0', 'z', '\0', '\xff'}) {
        changed[i] = c;
        const auto link = link_of_urn(changed);
        EXPECT_TRUE(!link || judge(*link)) << changed;
      }
      const auto cut = link_of_urn(urn.substr(0, i));
      EXPECT_TRUE(!cut || judge(*cut)) << urn.substr(0, i);
    }
  }
}

// A tag read by core/gs1/epc.h says the same in both of its texts.
TEST(EpcUri, AgreesWithTheTextsOfTags) {
  const Bytes tag = {0x30, 0x66, 0xC4, 0x40, 0x90, 0x47, 0xE1, 0x40, 0x07, 0x5B, 0xCD, 0x15};
  const auto id = read_epc({tag, 96});
  ASSERT_TRUE(id);
  EXPECT_EQ(canonical_identity(id->urn), id->link);
}

}  // namespace
}  // namespace lotmark::gs1
