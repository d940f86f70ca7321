#include "api/accept.h"

#include <gtest/gtest.h>

namespace lotmark::api {
namespace {

TEST(Accept, TheBetterWantedOfTheTwoIsServed) {
  EXPECT_EQ(wants_json(""), false);
  EXPECT_EQ(wants_json("*/*"), false);
  EXPECT_EQ(wants_json("application/json"), true);
  EXPECT_EQ(wants_json("application/*"), true);
  EXPECT_EQ(wants_json("text/html, application/json"), false);
  EXPECT_EQ(wants_json("text/html;q=0.5, application/json"), true);
  EXPECT_EQ(wants_json("application/json;q=0.2, */*"), false);
  EXPECT_EQ(wants_json("text/html;q=0, */*;q=0.1"), true);
  EXPECT_EQ(wants_json("image/png, application/json;q=0"), std::nullopt);
}

TEST(Accept, IsReadAsTheStandardHasIt) {
  EXPECT_EQ(wants_json("Application/JSON"), true);
  EXPECT_EQ(wants_json("application/json;seq=0"), true);
  EXPECT_EQ(wants_json("application/json;Q=0.1, text/html"), false);
  EXPECT_EQ(wants_json("application/json\t;\tq=0.9\t,\ttext/html;q=0.5"), true);
  EXPECT_EQ(wants_json("application/json;v=\"a,b;q=0\", text/html;q=0.9"), true);
  EXPECT_EQ(wants_json("application/json;q=2, text/html;q=0.1"), false);
  EXPECT_EQ(wants_json("application/json;q=0.001"), true);
  EXPECT_EQ(wants_json(" \t"), false);
}

TEST(Accept, OfATypeTheMostSpecificElementDecides) {
  EXPECT_EQ(quality_of("", "text/html"), 1000);
  EXPECT_EQ(quality_of("*/*;q=0.1, text/*;q=0.2, text/html;q=0.3", "text/html"), 300);
  EXPECT_EQ(quality_of("*/*;q=0.1, text/*;q=0.2, text/html;q=0.3", "text/plain"), 200);
  EXPECT_EQ(quality_of("*/*;q=0.1, text/*;q=0.2, text/html;q=0.3", "image/png"), 100);
  EXPECT_EQ(quality_of("text/html", "image/png"), 0);
  EXPECT_EQ(quality_of("text/html;q=0, */*", "text/html"), 0);
}

TEST(Accept, ByItsNameAloneATypeIsWantedOnlyByName) {
  EXPECT_EQ(named_quality("", "application/linkset+json"), 0);
  EXPECT_EQ(named_quality("*/*, application/*", "application/linkset+json"), 0);
  EXPECT_EQ(named_quality("*/*, Application/Linkset+JSON;q=0.7", "application/linkset+json"), 700);
  EXPECT_EQ(named_quality("application/linkset+json;q=0", "application/linkset+json"), 0);
}

TEST(AcceptLanguage, TheClosestRangeDecides) {
  const struct {
    const char* header;
    const char* tag;
    int quality;
  } cases[] = {
      {"", "en", 1000},
      {" ", "en", 1000},
      {"en", "en", 1000},
      {"EN-gb", "en-GB", 1000},
      {"en", "en-GB", 1000},
      {"en-GB;q=0.8", "en", 800},
      {"en-GB;q=0.8, en;q=0.6", "en", 600},
      {"zh-Hans-CN", "zh", 1000},
      {"*;q=0.3, de", "en", 300},
      {"de, *;q=0", "en", 0},
      {"de", "en", 0},
      {"e", "en", 0},
      {"en", "e", 0},
      {"en-", "en", 1000},
      {"-", "en", 0},
      {",,;q=1,", "en", 0},
      {"en;q=2", "en", 0},
      {"en;q=0, en-GB", "en", 0},
  };
  for (const auto& c : cases)
    EXPECT_EQ(language_quality(c.header, c.tag), c.quality) << c.header << " / " << c.tag;
}

}  // namespace
}  // namespace lotmark::api
