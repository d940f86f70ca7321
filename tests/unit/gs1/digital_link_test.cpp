#include "core/gs1/digital_link.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace lotmark::gs1 {
namespace {

TEST(DigitalLink, ReadsGtinLotAndSerial) {
  auto link = parse_path("/01/06901234567892/10/A-2026%2F01/21/S%2b1");
  ASSERT_TRUE(link) << link.error().message();
  EXPECT_EQ(link->gtin.text, "06901234567892");
  EXPECT_EQ(link->lot->text, "A-2026/01");
  EXPECT_EQ(link->serial, "S+1");
  EXPECT_EQ(path_of(*link), "/01/06901234567892/10/A-2026%2F01/21/S%2B1");
}

TEST(DigitalLink, QualifiersMayBeLeftOut) {
  EXPECT_FALSE(parse_path("/01/06901234567892")->lot);
  auto item = parse_path("/01/06901234567892/21/7");
  EXPECT_FALSE(item->lot);
  EXPECT_EQ(item->serial, "7");
}

TEST(DigitalLink, OneSlashAtTheEndIsReadOver) {
  EXPECT_TRUE(parse_path("/01/06901234567892/10/A/"));
  EXPECT_FALSE(parse_path("/01/06901234567892/10/A//"));
}

TEST(DigitalLink, ShorterGtinsArePadded) {
  EXPECT_EQ(parse_path("/01/6901234567892/10/A")->gtin.text, "06901234567892");
  EXPECT_EQ(parse_path("/01/690123456789/10/A").code(), Errc::kGtin);
}

TEST(DigitalLink, BadValuesNameTheirRule) {
  EXPECT_EQ(parse_path("/01/06901234567893/10/A").code(), Errc::kGtin);
  EXPECT_EQ(parse_path("/01/0690123456789x/10/A").code(), Errc::kGtin);
  EXPECT_EQ(parse_path("/01/06901234567892/10/").code(), Errc::kUsage);
  EXPECT_EQ(parse_path("/01/06901234567892/10/%20").code(), Errc::kLot);
  EXPECT_EQ(parse_path("/01/06901234567892/10/%00").code(), Errc::kLot);
  EXPECT_EQ(parse_path("/01/06901234567892/10/" + std::string(21, 'A')).code(), Errc::kLot);
  EXPECT_EQ(parse_path("/01/06901234567892/10/A/21/%E4").code(), Errc::kFieldRange);
}

TEST(DigitalLink, OtherFormsAreNoLink) {
  for (const char* path :
       {"", "/", "/01", "/gtin/06901234567892", "/01/06901234567892/21/1/10/A",
        "/01/06901234567892/10/A/10/B", "/01/06901234567892/10", "/01/06901234567892/99/A",
        "/01/06901234567892/10/%4", "/x/01/06901234567892", "01/06901234567892"}) {
    EXPECT_EQ(parse_path(path).code(), Errc::kUsage) << path;
  }
}

// The page reads the same cases (tests/unit/js/page.test.mjs): one address, one meaning.
TEST(DigitalLink, AgreesWithThePageOnEveryCase) {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/digital_link.json");
  const auto cases = nlohmann::json::parse(in);
  EXPECT_GT(cases.size(), 70u);
  for (const auto& c : cases) {
    const auto link = c.contains("uri") ? parse_uri(c["uri"].get<std::string>())
                                        : parse_path(c["path"].get<std::string>(),
                                                     c.value("query", std::string()));
    if (c.contains("refused")) {
      EXPECT_EQ(name(link.code()), c["refused"].get<std::string>()) << c;
      continue;
    }
    ASSERT_TRUE(link) << c << ": " << link.error().message();
    EXPECT_EQ(link->gtin.text, c["gtin"].get<std::string>()) << c;
    EXPECT_EQ(link->lot.has_value(), !c["lot"].is_null()) << c;
    if (link->lot && !c["lot"].is_null()) {
      EXPECT_EQ(link->lot->text, c["lot"].get<std::string>()) << c;
    }
  }
}

TEST(DigitalLink, AttributesNeedValuesAndDoNotRepeatThePath) {
  EXPECT_TRUE(parse_path("/01/06901234567892/10/A", "17=281231&linkType=gs1:pip&x"));
  EXPECT_FALSE(parse_path("/01/06901234567892/10/A", "17="));
  EXPECT_FALSE(parse_path("/01/06901234567892/10/A", "17"));
  EXPECT_FALSE(parse_path("/01/06901234567892/10/A", "10=B"));
}

TEST(DigitalLink, EveryCharacterOfTheSetTravels) {
  for (int c = 0; c < 256; ++c) {
    const LotNumber lot{std::string("x") + static_cast<char>(c)};
    if (!valid(lot)) continue;
    auto back = parse_uri(digital_link("id.example/", {"06901234567892"}, lot));
    ASSERT_TRUE(back) << c;
    EXPECT_EQ(back->lot, lot);
  }
}

TEST(DigitalLink, IsBuiltForAnOrigin) {
  const Gtin g{"06901234567892"};
  EXPECT_EQ(digital_link("https://lot.example/", g, {"A-2026/01"}),
            "https://lot.example/01/06901234567892/10/A-2026%2F01");
  EXPECT_EQ(digital_link("lot.example:8443", g, {"A"}),
            "https://lot.example:8443/01/06901234567892/10/A");
}

TEST(ElementString, IsWhatStandsUnderTheCode) {
  EXPECT_EQ(element_string({"06901234567892"}, {"A-2026/01"}, {20281231}),
            "(01)06901234567892(10)A-2026/01(17)281231");
}

TEST(CheckDigit, FitsTheGtinItMakes) {
  EXPECT_EQ(check_digit("0690123456789"), '2');
  EXPECT_EQ(check_digit("0000000000000"), '0');
  EXPECT_FALSE(check_digit("069012345678"));
  EXPECT_FALSE(check_digit("069012345678x"));
}

// A row of GS1's own cases that this subset covers: key 01 and at most the qualifiers 10 and 21.
// One row is the engine with GTIN-13 switched off, while the others of its kind have it on, as we
// do.
bool covered(const std::string& uri) {
  if (uri == "https://a/01/2112345678900") return false;
  return uri.find("/01/") != std::string::npos && uri.find("/22/") == std::string::npos &&
         uri.find("8004") == std::string::npos;
}

std::string elements_of(const DigitalLink& link) {
  std::string e = "^01" + link.gtin.text;
  if (link.lot) e += "10" + link.lot->text;
  if (link.serial) e += (link.lot ? "^21" : "21") + *link.serial;
  return e;
}

TEST(DigitalLink, AgreesWithTheSyntaxEnginesCases) {
  const std::filesystem::path file = LOTMARK_SOURCE_DIR "/../shared/data/digital-link/parse.tsv";
  std::ifstream in(file);
  if (!in) GTEST_SKIP() << "not here: " << file << ", the syntax engine's cases were NOT run";
  std::string line;
  int rows = 0;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    const std::string uri = line.substr(first + 1, second - first - 1);
    if (!covered(uri)) continue;
    ++rows;
    const bool right = line.starts_with("true");
    auto link = parse_uri(uri);
    EXPECT_EQ(static_cast<bool>(link), right) << uri;
    if (!right || !link) continue;
    const std::string expected = line.substr(second + 1);
    EXPECT_TRUE(expected.starts_with(elements_of(*link))) << uri << ": " << elements_of(*link);
  }
  EXPECT_GT(rows, 8);
}

}  // namespace
}  // namespace lotmark::gs1
