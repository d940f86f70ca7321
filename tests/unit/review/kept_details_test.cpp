// Details of a review that a node sealed for itself: of their lot and their review alone, and nobody changes what stands in
// the clear beside them.
#include "ledger-node/review/kept_details.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/must.h"

namespace lotmark::review {
namespace {

using Json = nlohmann::json;
using test::must;

class KeptDetails : public testing::Test {
 protected:
  static sealed::OpeningKey key_of(std::uint8_t number) {
    Scalar scalar;
    scalar.data()[31] = number;
    return must(sealed::OpeningKey::from(scalar));
  }
  Json open(const Json& kept, const DetailsOf& as) const {
    return open_details(kept.dump(), as, chain, &key);
  }
  std::string closed(const Json& kept) const {
    const Json j = open(kept, of);
    EXPECT_FALSE(j.contains("claims")) << j;
    EXPECT_EQ(j.at("findings"), kept.value("findings", Json::array()));
    return j.value("closed", "");
  }

  const Digest chain{{1}};
  const DetailsOf of{Digest{{2}}, false};
  const sealed::OpeningKey key = key_of(9);
  const Json details = {{"findings",
                         {{{"code", 7},
                           {"name", "limit"},
                           {"text", "too warm"},
                           {"object", nullptr},
                           {"more", 0},
                           {"refuses", true},
                           {"claim", 0},
                           {"reading", {{"value", 812}}}}}},
                        {"claims", {{{"channel", "t"}, {"note", std::string(60'000, 'x')}}}}};
  const Json kept = Json::parse(must(keep_details(details, of, chain, &key)));
};

TEST_F(KeptDetails, OpenAsTheyWereAndShowNoReadingInTheClear) {
  EXPECT_EQ(kept["sealed"].size(), 2u);
  EXPECT_EQ(kept.dump().find("reading"), std::string::npos);
  EXPECT_EQ(open(kept, of), details);
  EXPECT_EQ(must(keep_details(details, of, chain, nullptr)), details.dump());
  EXPECT_EQ(open(details, of), details) << "of before a key was configured";
}

TEST_F(KeptDetails, AreOfTheirLotAndTheirReviewAlone) {
  EXPECT_NE(open(kept, {Digest{{3}}, false}).value("closed", ""), "");
  EXPECT_NE(open(kept, {of.start, true}).value("closed", ""), "");
  Json mixed = kept;
  mixed["sealed"][1] =
      Json::parse(must(keep_details(details, {Digest{{3}}, false}, chain, &key)))["sealed"][1];
  EXPECT_NE(closed(mixed), "");
  mixed = kept;
  std::swap(mixed["sealed"][0], mixed["sealed"][1]);
  EXPECT_NE(closed(mixed), "");
}

TEST_F(KeptDetails, AFindingThatWasChangedInTheClearIsTold) {
  for (const auto& [place, value] :
       {std::pair("text", Json("fine")), std::pair("refuses", Json(false)),
        std::pair("code", Json(1))}) {
    Json changed = kept;
    changed["findings"][0][place] = value;
    EXPECT_NE(closed(changed).find("are not those that were sealed"), std::string::npos) << place;
  }
  Json gone = kept;
  gone["findings"] = Json::array();
  EXPECT_NE(closed(gone), "");
}

TEST_F(KeptDetails, WhatWasPutBesideThemIsNotShown) {
  Json more = kept;
  more["claims"] = Json::array({{{"channel", "forged"}}});
  EXPECT_EQ(open(more, of), details);
}

TEST_F(KeptDetails, WhatWasTakenAwayIsTold) {
  Json less = kept;
  less.erase("sealed");
  EXPECT_NE(closed(less).find("taken away"), std::string::npos);
  less["sealed"] = Json::array();
  EXPECT_NE(closed(less), "");
}

TEST_F(KeptDetails, WithoutTheKeyFindingsAreShownAndWhyNoMore) {
  const Json j = open_details(kept.dump(), of, chain, nullptr);
  EXPECT_EQ(j["findings"], kept["findings"]);
  EXPECT_NE(j.value("closed", ""), "");
  const auto other = key_of(10);
  EXPECT_NE(open_details(kept.dump(), of, chain, &other).value("closed", ""), "");
}

}  // namespace
}  // namespace lotmark::review
