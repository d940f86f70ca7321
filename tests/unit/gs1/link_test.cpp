#include "core/gs1/link.h"

#include <gtest/gtest.h>

#include "tests/unit/gs1/ai_values.h"

namespace lotmark::gs1 {
namespace {

constexpr LinkLeniency kShort{.short_gtin = true};
constexpr LinkLeniency kNames{.names = true};

Link link(std::string_view uri, LinkLeniency leniency = {}) {
  auto read = read_link(uri, leniency);
  EXPECT_TRUE(read) << uri << ": " << (read ? "" : read.error().message());
  return read ? *read : Link{};
}

std::string refusal(std::string_view uri, LinkLeniency leniency = {}) {
  const auto read = read_link(uri, leniency);
  return read ? "taken: " + link_uri(*read) : read.error().message();
}

bool link_refused(const std::string& uri, LinkLeniency leniency = {}) {
  return !read_link(uri, leniency);
}

std::string at(const std::string& rest) { return "https://shop.example" + rest; }

TEST(Link, ReadsEveryPartOfAUri) {
  const auto l = link(
      "https://shop.example:8443/my/way/01/09521141123454/22/V/10/L%2F7/21/42"
      "?17=281231&linkType=gs1:pip&x&3103=000195#top");
  EXPECT_EQ(l.stem, "https://shop.example:8443/my/way");
  EXPECT_EQ(l.key, (AiValue{"01", "09521141123454"}));
  EXPECT_EQ(l.qualifiers, (std::vector<AiValue>{{"22", "V"}, {"10", "L/7"}, {"21", "42"}}));
  EXPECT_EQ(l.attributes, (std::vector<AiValue>{{"17", "281231"}, {"3103", "000195"}}));
  EXPECT_EQ(l.others, (std::vector<std::string>{"linkType=gs1:pip", "x"}));
}

TEST(Link, IsWrittenAsItWasRead) {
  EXPECT_EQ(link_uri(link(at("/way/01/09521141123454/10/a%2fb?x=%2f&17=281231"))),
            at("/way/01/09521141123454/10/a%2Fb?17=281231&x=%2f"));
  EXPECT_EQ(canonical_link(link(at("/way/01/09521141123454/10/a%2fb?x=1&17=281231"))),
            "https://id.gs1.org/01/09521141123454/10/a%2Fb?17=281231");
  EXPECT_EQ(link_uri(link(at("/8010/9521%23-%2FZ/8011/7"))), at("/8010/9521%23-%2FZ/8011/7"));
}

TEST(Link, SchemesAreAllLowerOrAllUpper) {
  for (const char* scheme : {"http", "https", "HTTP", "HTTPS"}) {
    EXPECT_FALSE(link_refused(std::string(scheme) + "://a/01/09521141123454")) << scheme;
  }
  for (const char* scheme : {"Https", "hTTP", "ftp", "javascript", "", " https"}) {
    EXPECT_TRUE(link_refused(std::string(scheme) + "://a/01/09521141123454")) << scheme;
  }
}

TEST(Link, TheLastKeyOfThePathCounts) {
  EXPECT_EQ(link(at("/01/01/01/09521141123454/10/x")).stem, at("/01/01"));
  EXPECT_EQ(link(at("/01/09521141123454/00/095201234567891235")).key.ai, "00");
  EXPECT_EQ(link("https://a//01/09521141123454").stem, "https://a/");
}

TEST(Link, OfARequestHasTheWayAsItsStem) {
  const auto l = read_link_path("/way/01/09521141123454", "17=281231&linkType=all");
  ASSERT_TRUE(l);
  EXPECT_EQ(l->stem, "/way");
  EXPECT_EQ(link_uri(*l), "/way/01/09521141123454?17=281231&linkType=all");
  EXPECT_EQ(read_link_path("/01/09521141123454")->stem, "");
  for (const char* path : {"", "/", "//", "/01", "/01/", "01/09521141123454", "/01/09521141123454/",
                           "/01/09521141123454/10", "/01/09521141123454?17=281231",
                           "/01/09521141123454#x", "/hello/world", "/10/L", "/99/x"}) {
    EXPECT_EQ(read_link_path(path).code(), Errc::kUsage) << path;
  }
}

TEST(Link, OneSlashAtTheEndIsTakenOffForAResolver) {
  EXPECT_EQ(without_last_slash("/01/09521141123454/"), "/01/09521141123454");
  EXPECT_EQ(without_last_slash("/01/09521141123454//"), "/01/09521141123454/");
  EXPECT_EQ(without_last_slash("/01/09521141123454"), "/01/09521141123454");
  EXPECT_EQ(without_last_slash("/"), "/");
  EXPECT_EQ(without_last_slash(""), "");
}

TEST(Link, QualifiersAreOfTheKeyAndInOrder) {
  for (const char* path :
       {"/01/09521141123454/22/a/10/b/21/c", "/01/09521141123454/22/a/21/c",
        "/01/09521141123454/235/t", "/414/9521141123454/254/e", "/414/9521141123454/7040/1ABC",
        "/417/9521141123454/7040/1ABC", "/8004/9521A/7040/1ABC",
        "/8006/095211411234540102/10/b/21/c", "/8010/9521A/8011/12",
        "/8017/952114112345678906/8019/1", "/8018/952114112345678906/8019/1",
        "/415/9521141123454/8020/R", "/253/9521141123454X", "/255/9521141123454012", "/401/9521X",
        "/402/95211411234567892", "/8003/09521141123454X", "/8013/1987654Ad4X4bL5ttr2310c2K"}) {
    EXPECT_EQ(refusal(at(path)), "taken: " + at(path));
  }
  EXPECT_EQ(refusal(at("/01/09521141123454/10/b/22/a")),
            "usage: qualifiers of key 01 are 22,10,21|235, in this order");
  EXPECT_EQ(refusal(at("/00/095201234567891235/10/b")), "usage: key 00 has no qualifiers");
  for (const char* path : {"/01/09521141123454/21/c/10/b", "/01/09521141123454/10/b/10/b",
                           "/01/09521141123454/22/a/235/t", "/01/09521141123454/235/t/10/b",
                           "/01/09521141123454/17/281231", "/414/9521141123454/254/e/7040/1ABC",
                           "/8006/095211411234540102/235/t", "/01/09521141123454/89/x"}) {
    EXPECT_TRUE(link_refused(at(path))) << path;
  }
}

TEST(Link, AttributesMayBeAttributesAndNothingTwice) {
  EXPECT_EQ(refusal(at("/01/09521141123454?10=L")), "usage: AI 10 belongs into the path");
  EXPECT_EQ(refusal(at("/01/09521141123454?21=S")), "usage: AI 21 belongs into the path");
  EXPECT_EQ(refusal(at("/01/09521141123454?8011=1")), "usage: AI 8011 is no attribute of a link");
  EXPECT_EQ(refusal(at("/01/09521141123454?01=09521141123454")), "usage: AI 01 stands twice");
  EXPECT_EQ(refusal(at("/01/09521141123454?17=281231&17=281231")), "usage: AI 17 stands twice");
  EXPECT_EQ(refusal(at("/01/09521141123454?89=1")), "usage: AI 89 of the query does not exist");
  EXPECT_EQ(refusal(at("/01/09521141123454?17=")), "usage: AI 17 has no value");
  EXPECT_EQ(refusal(at("/01/09521141123454?17")), "usage: AI 17 has no value");
  EXPECT_EQ(refusal(at("/01/09521141123454?17=281301")),
            "field-range: AI 17 has a date that does not exist");
  EXPECT_TRUE(link_refused(at("/01/09521141123454?1234567890123456789=1")));
  // The lot is an attribute where the path goes by the other alternative.
  EXPECT_FALSE(link_refused(at("/01/09521141123454/235/t?10=L")));
  EXPECT_FALSE(link_refused(at("/00/095201234567891235?02=09521141123454&37=25&10=L")));
}

TEST(Link, OfTheQueryOnlyNumbersAreOurs) {
  EXPECT_EQ(link(at("/01/09521141123454?&&a=1&&b&=c&%31%37=x&-1=2&")).others,
            (std::vector<std::string>{"a=1", "b", "=c", "%31%37=x", "-1=2"}));
  EXPECT_TRUE(link(at("/01/09521141123454?")).others.empty());
}

TEST(Link, APlusIsItselfInThePathAndASpaceInTheQuery) {
  EXPECT_EQ(link(at("/01/09521141123454/10/a+b")).qualifiers[0].value, "a+b");
  EXPECT_TRUE(link_refused(at("/01/09521141123454?240=a+b")));
  EXPECT_EQ(link(at("/01/09521141123454?240=a%2Bb")).attributes[0].value, "a+b");
}

TEST(Link, ShortGtinsAndNamesOnlyWhereTheyAreLetPass) {
  EXPECT_TRUE(link_refused(at("/01/9521141123454")));
  EXPECT_EQ(link(at("/01/9521141123454"), kShort).key.value, "09521141123454");
  EXPECT_EQ(link(at("/01/96385074"), kShort).key.value, "00000096385074");
  EXPECT_EQ(link(at("/8004/9521A?01=036000291452"), kShort).attributes[0].value, "00036000291452");
  EXPECT_TRUE(link_refused(at("/01/952114112345"), kShort));
  EXPECT_TRUE(link_refused(at("/02/9521141123454"), kShort));
  EXPECT_TRUE(link_refused(at("/gtin/09521141123454")));
  EXPECT_EQ(link_uri(link(at("/gtin/09521141123454/lot/L/ser/S"), kNames)),
            at("/01/09521141123454/10/L/21/S"));
  EXPECT_TRUE(link_refused(at("/gtins/09521141123454"), kNames));
}

TEST(Link, WrongCheckDigitsOnlyForComparing) {
  EXPECT_EQ(refusal(at("/01/09521141123455")), "gtin: AI 01 has a wrong check digit");
  EXPECT_FALSE(link_refused(at("/01/09521141123455"), {.check_digits = true}));
  EXPECT_TRUE(link_refused(at("/01/0952114112345"), {.check_digits = true}));
}

TEST(Link, WhatIsNoUriIsRefused) {
  for (const char* uri : {"",
                          "https",
                          "https://",
                          "https:///01/09521141123454",
                          "https://a",
                          "https://a?/01/09521141123454",
                          "https://a#/01/09521141123454",
                          "https://u@a/01/09521141123454",
                          "https://a$/01/09521141123454",
                          "https://a/01/09521141123454/10/a b",
                          "https://a/01/09521141123454/10/a\"b",
                          "https://a/01/09521141123454/10/<",
                          "https://a/01/09521141123454/10/\\",
                          "//a/01/09521141123454",
                          "https://a/01/09521141123454/10/%",
                          "https://a/01/09521141123454/10/%4",
                          "https://a/01/09521141123454/10/%zz",
                          "https://a/01/09521141123454/10/%00",
                          "https://a/01/09521141123454/10/%E4",
                          "https://a/01/09521141123454/10/\xc3\xa4",
                          "https://a/01//10/L",
                          "https://a/%301/09521141123454",
                          "https://a/01/09521141123454/../10/L",
                          "https://a/01/09521141123454/10/a;b%0A",
                          "https://a/01/09521141123454/10/"}) {
    EXPECT_TRUE(link_refused(uri)) << uri;
  }
  EXPECT_TRUE(link_refused(std::string("https://a/01/09521141123454/10/a\0b", 34)));
}

TEST(Link, SizesAreLimited) {
  EXPECT_EQ(read_link(at("/01/09521141123454?x=" + std::string(kLinkMax, 'x'))).code(),
            Errc::kTooLarge);
  EXPECT_EQ(read_link_path("/01/09521141123454", std::string(kLinkMax, 'x')).code(),
            Errc::kTooLarge);
  std::string others = "a";
  for (std::size_t i = 1; i < kLinkOthersMax; ++i) others += "&a";
  EXPECT_TRUE(read_link_path("/01/09521141123454", others));
  EXPECT_EQ(read_link_path("/01/09521141123454", others + "&a").code(), Errc::kTooLarge);
  std::string ais = "91=x";
  while (ais.size() < 8000) ais += "&91=x";
  EXPECT_EQ(read_link_path("/01/09521141123454", ais).code(), Errc::kTooLarge);
  std::string deep;
  while (deep.size() < 8000) deep += "/10/x";
  EXPECT_EQ(read_link_path(deep).code(), Errc::kUsage);
}

// Each identifier that may be a key, with each of its qualifiers, and as an attribute each that may be one.
TEST(Link, EveryKeyQualifierAndAttributeTravels) {
  for (const Ai* ai : all_ais()) {
    Link l;
    l.stem = "https://a";
    l.key = ai->key ? AiValue{std::string(ai->first), test::value_of(*ai, true)}
                    : AiValue{"8003", "09521141123454"};
    if (!ai->key && !ai->attribute) continue;
    if (!ai->key) l.attributes = {{std::string(ai->first), test::value_of(*ai, true)}};
    const auto alternatives = ai->key ? std::string(ai->qualifiers) : std::string();
    const auto first = alternatives.substr(0, alternatives.find_first_of(",|"));
    if (!first.empty()) l.qualifiers = {{first, test::value_of(*find_ai(first), true)}};
    ASSERT_TRUE(judge(l)) << ai->first;
    const auto back = read_link(link_uri(l));
    ASSERT_TRUE(back) << link_uri(l) << ": " << back.error().message();
    EXPECT_EQ(*back, l);
    const auto of_elements = link_of_elements(elements_of(l));
    ASSERT_TRUE(of_elements) << ai->first;
    EXPECT_EQ(canonical_link(*of_elements), canonical_link(l));
  }
}

TEST(Link, EveryCharacterOfASerialTravels) {
  for (int c = 0; c < 256; ++c) {
    Link l;
    l.key = {"01", "09521141123454"};
    l.qualifiers = {{"21", std::string("x") + static_cast<char>(c)}};
    if (!judge(l)) continue;
    const auto back = read_link_path(link_path(l));
    ASSERT_TRUE(back) << c;
    EXPECT_EQ(*back, l);
  }
}

TEST(Link, OfElementsTakesTheFirstKeyAndTheAlternativeThatTakesMost) {
  const auto made = [](std::vector<AiValue> elements) {
    const auto l = link_of_elements(elements);
    return l ? link_path(*l) + "?" + link_query(*l) : l.error().message();
  };
  EXPECT_EQ(made({{"17", "281231"}, {"21", "S"}, {"01", "09521141123454"}, {"10", "L"}}),
            "/01/09521141123454/10/L/21/S?17=281231");
  EXPECT_EQ(made({{"01", "09521141123454"}, {"10", "L"}, {"235", "T"}}),
            "/01/09521141123454/235/T?10=L");
  EXPECT_EQ(made({{"10", "L"}}), "usage: no key of a link among the elements");
  EXPECT_EQ(made({}), "usage: no key of a link among the elements");
  EXPECT_EQ(made({{"01", "09521141123454"}, {"8020", "R"}}),
            "usage: AI 8020 is no attribute of a link");
  EXPECT_EQ(made({{"01", "09521141123454"}, {"17", "281301"}}),
            "field-range: AI 17 has a date that does not exist");
}

}  // namespace
}  // namespace lotmark::gs1
