#include "core/gs1/identity.h"

#include <gtest/gtest.h>

namespace lotmark::gs1 {
namespace {

std::string of(std::string_view uri) { return canonical_identity(uri).value_or("none"); }
std::string id(const std::string& path) { return "https://id.gs1.org/" + path; }

TEST(Identity, OfEveryEpcScheme) {
  EXPECT_EQ(of("urn:epc:id:sgtin:9521141.012345.A%2F7"), id("01/09521141123454/21/A%2F7"));
  EXPECT_EQ(of("urn:epc:id:sscc:952012.03456789123"), id("00/095201234567891235"));
  EXPECT_EQ(of("urn:epc:id:sgln:9521141.12345.5678"), id("414/9521141123454/254/5678"));
  EXPECT_EQ(of("urn:epc:id:sgln:9521141.12345.0"), id("414/9521141123454"));
  EXPECT_EQ(of("urn:epc:id:pgln:9521141.12345"), id("417/9521141123454"));
  EXPECT_EQ(of("urn:epc:id:grai:9521141.12345.77"), id("8003/0952114112345477"));
  EXPECT_EQ(of("urn:epc:class:lgtin:9521141.012345.L(1)"), id("01/09521141123454/10/L%281%29"));
  EXPECT_EQ(of("urn:epc:idpat:sgtin:9521141.012345.*"), id("01/09521141123454"));
}

TEST(Identity, OfALinkOnlyTheFinestQualifierStays) {
  EXPECT_EQ(of("http://shop.example/x/01/9521141123454/22/V/10/L/21/S?17=281231#a"),
            id("01/09521141123454/21/S"));
  EXPECT_EQ(of("https://shop.example/01/09521141123454/22/V/10/L"), id("01/09521141123454/10/L"));
  EXPECT_EQ(of("https://shop.example/01/09521141123454/22/V/"), id("01/09521141123454"));
  EXPECT_EQ(of("https://shop.example/414/9521141123454/254/0"), id("414/9521141123454"));
  EXPECT_EQ(of("https://shop.example/414/9521141123454/254/00"), id("414/9521141123454/254/00"));
  EXPECT_EQ(of("https://shop.example/8010/9521A/8011/7"), id("8010/9521A/8011/7"));
}

TEST(Identity, OfAllWaysToWriteItIsOne) {
  for (const char* uri :
       {"urn:epc:id:sgtin:9521141.012345.a%2Fb", "urn:epc:id:sgtin:952114112345.0.a%2fb",
        "https://id.gs1.org/01/09521141123454/21/a%2Fb",
        "HTTP://SHOP.EXAMPLE:80/01/9521141123454/21/a%2fb",
        "https://shop.example/gtin/9521141123454/ser/%61%2fb/",
        "https://a/b/c/01/09521141123454/10/L/21/a%2Fb?x#y"}) {
    EXPECT_EQ(of(uri), id("01/09521141123454/21/a%2Fb")) << uri;
  }
}

// Events tell of things as they are marked, wrongly marked ones included.
TEST(Identity, AWrongCheckDigitStays) {
  EXPECT_EQ(of("https://a/01/09521141123455/10/L"), id("01/09521141123455/10/L"));
  EXPECT_EQ(of("https://a/414/9521141123455"), id("414/9521141123455"));
}

TEST(Identity, OfAnythingElseThereIsNone) {
  for (const char* uri :
       {"", "42", "urn:", "urn:epc:id:gid:1.2.3", "urn:epc:id:sgtin:1.2.3",
        "urn:epcglobal:cbv:bizstep:shipping", "urn:uuid:0", "https://shop.example/about",
        "https://shop.example/01/97803", "https://a/99/9521141123454",
        "https://a/01/09521141123454/99/x", "https://a/01/09521141123454/21/S/10/L",
        "https://a/01/09521141123454//", "ftp://a/01/09521141123454", "https:/01/09521141123454",
        "geo:1,2", "https://a/01/09521141123454/10/%"}) {
    EXPECT_EQ(of(uri), "none") << uri;
  }
  EXPECT_EQ(of("https://a/01/09521141123454?x=" + std::string(kLinkMax, 'x')), "none");
  EXPECT_EQ(of("urn:epc:id:giai:9521141." + std::string(100000, '1')), "none");
}

TEST(Identity, OfAnIdentityIsItself) {
  for (const char* path :
       {"00/095201234567891235", "01/09521141123454",
        "01/09521141123454/21/%22%25%26%27%28%29%2A%2B%2C", "01/09521141123454/235/T",
        "253/9521141123454X", "255/952114112345401", "401/9521X", "402/95211411234567892",
        "414/9521141123454/7040/1ABC", "415/9521141123454/8020/R", "417/9521141123454",
        "8003/09521141123454X", "8004/9521A", "8006/095211411234540102/21/S", "8010/9521%23A",
        "8013/1987654Ad4X4bL5ttr2310c2K", "8017/952114100000001237",
        "8018/952114100000001237/8019/1"}) {
    EXPECT_EQ(of(id(path)), id(path));
  }
}

std::string class_of(const std::string& path) {
  const auto above = class_of_identity(id(path));
  return above ? above->substr(id("").size()) : "none";
}

TEST(Identity, TheClassOfAnInstanceOrLot) {
  EXPECT_EQ(class_of("01/09521141123454/21/S"), "01/09521141123454");
  EXPECT_EQ(class_of("01/09521141123454/10/L"), "01/09521141123454");
  EXPECT_EQ(class_of("01/09521141123454/235/T"), "01/09521141123454");
  EXPECT_EQ(class_of("8003/0952114112345477"), "8003/09521141123454");
  EXPECT_EQ(class_of("253/9521141123454A%2F1"), "253/9521141123454");
  EXPECT_EQ(class_of("255/952114112345401"), "255/9521141123454");
  EXPECT_EQ(class_of("8010/9521%23A/8011/7"), "8010/9521%23A");
  EXPECT_EQ(class_of("8006/095211411234540102/21/S"), "8006/095211411234540102");
  EXPECT_EQ(class_of("8006/095211411234540102/10/L"), "8006/095211411234540102");
}

TEST(Identity, ClassesPlacesAndPartiesHaveNoClass) {
  for (const char* path :
       {"01/09521141123454", "8003/09521141123454", "253/9521141123454", "255/9521141123454",
        "8010/9521A", "8006/095211411234540102", "00/095201234567891235", "414/9521141123454",
        "414/9521141123454/254/1", "417/9521141123454", "8004/9521A", "8018/952114100000001237",
        "401/9521X", "402/95211411234567892"}) {
    EXPECT_EQ(class_of(path), "none") << path;
  }
}

TEST(Identity, OfWhatIsNotCanonicalThereIsNoClass) {
  for (const char* uri :
       {"", "urn:epc:id:sgtin:9521141.012345.7", "https://a/01/09521141123454/21/S",
        "https://id.gs1.org/01/9521141123454/21/S",
        "https://id.gs1.org/01/09521141123454/10/L/21/S",
        "https://id.gs1.org/01/09521141123454/21/S?x",
        "https://id.gs1.org/01/09521141123454/21/%61"}) {
    EXPECT_FALSE(class_of_identity(uri)) << uri;
  }
}

}  // namespace
}  // namespace lotmark::gs1
