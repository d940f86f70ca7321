// What counts as a sighting of a unit, and when it is seen often.
#include "tests/unit/api/units.h"

namespace lotmark::api::test {
namespace {

class UnitSightings : public Units {
 protected:
  // Shown in one network after the other, `most` of them, until it is seen often. Two networks count as one once in 4,096
  // (Sightings::PlaceHash): it may take one more than the rules say, and never takes four.
  nlohmann::json seen_until_often(const std::string& serial, int first, int most = 4,
                                  const http::Headers& more = {}) {
    nlohmann::json last;
    for (int network = first; network < first + most; ++network) {
      auto headers = from_network(network);
      headers.insert(more.begin(), more.end());
      last = verify("A-1", serial, headers);
      if (!last["warnings"].empty()) break;
    }
    return last;
  }
};

TEST_F(UnitSightings, ASerialFromFiveNetworksIsSeenOften) {
  serve();
  for (int network = 0; network < 4; ++network)
    EXPECT_TRUE(verify("A-1", "S1", from_network(network))["warnings"].empty());
  EXPECT_TRUE(verify("A-1", "S1", from_network(3))["warnings"].empty()) << "one of the four";
  const auto often = seen_until_often("S1", 4);
  EXPECT_EQ(often["warnings"], nlohmann::json{"seen-often"});
  EXPECT_EQ(often["verdict"], "released");
  EXPECT_TRUE(verify("A-1", "S2", from_network(9))["warnings"].empty());
  EXPECT_NE(as_text(get("/metrics").body).find("lotmark_api_sighted_units 2\n"),
            std::string_view::npos);
}

TEST_F(UnitSightings, WhatNobodySawIsNoSighting) {
  serve();
  for (int network = 0; network < 9; ++network) {
    const auto headers = from_network(network);
    get(target("A-1", "S1"), headers, "HEAD");
    auto ahead = headers;
    ahead["Sec-Purpose"] = "prefetch;prerender";
    get(target("A-1", "S1"), ahead);
    for (const auto& [name, value] :
         {std::pair("Sec-Fetch-Site", "cross-site"), std::pair("Sec-Fetch-Dest", "image"),
          std::pair("Sec-Fetch-Dest", "script"), std::pair("Sec-Fetch-Dest", "iframe"),
          std::pair("Sec-Fetch-Dest", "style")}) {
      auto embedded = headers;
      embedded[name] = value;
      EXPECT_EQ(verify("A-1", "S1", embedded)["item"]["state"], "known");
    }
    verify("A-1", "S5000", headers);
    verify("A-2", "S1", headers);
    verify("A-3", "S1", headers);
  }
  EXPECT_NE(as_text(get("/metrics").body).find("lotmark_api_sighted_units 0\n"),
            std::string_view::npos);
}

TEST_F(UnitSightings, WhatAPageOfOursAsksForIsASighting) {
  serve("[sightings]\nplaces = 2\n");
  const http::Headers ours = {{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Dest", "empty"}};
  EXPECT_EQ(seen_until_often("S1", 0, 1, ours)["warnings"], nlohmann::json::array());
  EXPECT_EQ(seen_until_often("S1", 1, 4, ours)["warnings"], nlohmann::json{"seen-often"});
}

TEST_F(UnitSightings, ARegionThatTheProxyNamesCountsInPlaceOfTheNetwork) {
  serve("[sightings]\nplaces = 2\n");
  for (int network = 0; network < 9; ++network) {
    auto headers = from_network(network);
    headers["X-Lotmark-Client-Region"] = "CN-53";
    EXPECT_TRUE(verify("A-1", "S1", headers)["warnings"].empty());
  }
}

TEST_F(UnitSightings, SightingsCanBeSwitchedOff) {
  serve("[sightings]\nenabled = false\n");
  for (int network = 0; network < 9; ++network)
    EXPECT_TRUE(verify("A-1", "S1", from_network(network))["warnings"].empty());
}

}  // namespace
}  // namespace lotmark::api::test
