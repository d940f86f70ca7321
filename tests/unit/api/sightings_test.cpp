#include "api/sightings/sightings.h"

#include <gtest/gtest.h>

#include <set>

namespace lotmark::api {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPlaces[] = {"a", "b", "c", "d", "e", "f"};

class Sighted : public ::testing::Test {
 protected:
  // Seen once in each of the first `count` places, a second apart.
  bool seen_in(std::size_t count, const UnitKey& unit) {
    bool often = false;
    for (std::size_t i = 0; i < count; ++i) often = sightings.see(unit, kPlaces[i], now += 1s);
    return often;
  }

  const UnitKey one{{"06901234567892"}, {"A-1"}, "S1"};
  const UnitKey other{{"06901234567892"}, {"A-1"}, "S2"};
  Sightings::Instant now{1000h};
  // Under this key no two of the places have one hash for a unit that is seen.
  static Digest make_key() { return Digest{{7}}; }
  Sightings sightings{{.enabled = true, .places = 5, .window = 3600s, .entries = 4}, make_key};
};

TEST_F(Sighted, FiveDifferentPlacesWithinTheWindowAreOften) {
  EXPECT_FALSE(seen_in(4, one));
  EXPECT_FALSE(sightings.is_often(one, now));
  EXPECT_TRUE(sightings.see(one, "e", now += 1s));
  EXPECT_TRUE(sightings.is_often(one, now));
  EXPECT_FALSE(sightings.is_often(other, now));
  EXPECT_EQ(sightings.counts().seen, 5u);
  EXPECT_EQ(sightings.counts().often, 1u);
}

TEST_F(Sighted, OnePlaceAHundredTimesIsNotOften) {
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(sightings.see(one, "home", now += 1s));
}

TEST_F(Sighted, WhatIsOlderThanTheWindowDoesNotCount) {
  EXPECT_FALSE(seen_in(4, one));
  EXPECT_FALSE(sightings.see(one, "e", now + 3600s - 3s)) << "the first is an hour ago";
  now += 3600s;
  EXPECT_FALSE(sightings.is_often(one, now));
  EXPECT_EQ(sightings.counts().units, 1u) << "seen last within the hour";
  EXPECT_FALSE(sightings.is_often(one, now + 3600s));
  EXPECT_EQ(sightings.counts().units, 0u);
}

TEST_F(Sighted, APlaceCountsFromItsNewestSighting) {
  EXPECT_FALSE(seen_in(4, one));
  const auto first = now;
  now = first + 3000s;
  EXPECT_FALSE(seen_in(4, one));
  EXPECT_TRUE(sightings.see(one, "e", first + 3700s));
}

// Threads take the time before they take the lock.
TEST_F(Sighted, TimesOutOfOrderLeaveNothingWithoutAPlace) {
  sightings.see(one, "a", now + 10s);
  sightings.see(other, "a", now);
  EXPECT_FALSE(sightings.is_often(other, now + 3600s + 5s));
  EXPECT_FALSE(sightings.is_often(one, now + 3600s + 5s));
  EXPECT_EQ(sightings.counts().units, 2u);
  EXPECT_FALSE(sightings.is_often(one, now + 3600s + 10s));
  EXPECT_EQ(sightings.counts().units, 0u);
}

TEST_F(Sighted, BeyondTheRoomTheOneSeenLongestAgoGoes) {
  EXPECT_TRUE(seen_in(5, one));
  for (int i = 0; i < 3; ++i)
    sightings.see({one.gtin, one.lot, "x" + std::to_string(i)}, "a", now += 1s);
  EXPECT_TRUE(sightings.see(one, "a", now += 1s)) << "four have room";
  for (int i = 0; i < 100; ++i)
    sightings.see({one.gtin, one.lot, "y" + std::to_string(i)}, "a", now += 1s);
  EXPECT_EQ(sightings.counts().units, 4u);
  EXPECT_EQ(sightings.counts().forgotten, 100u);
  EXPECT_FALSE(sightings.is_often(one, now));
}

TEST_F(Sighted, ADayLaterNothingIsLeft) {
  EXPECT_TRUE(seen_in(5, one));
  std::uint8_t keys = 0;
  Sightings long_memory({.enabled = true, .places = 2, .window = 86'400s, .entries = 4},
                        [&keys] { return Digest{{++keys}}; });
  const auto begin = now;
  long_memory.see(one, "a", begin);
  EXPECT_TRUE(long_memory.see(one, "b", begin + 23h));
  EXPECT_FALSE(long_memory.is_often(one, begin + 24h));
  EXPECT_EQ(keys, 2) << "the key is another one";
  EXPECT_EQ(long_memory.counts().units, 0u);
}

TEST_F(Sighted, SwitchedOffKeepsNothing) {
  Sightings off({.enabled = false, .places = 2, .window = 3600s, .entries = 4});
  for (const char* place : kPlaces) EXPECT_FALSE(off.see(one, place, now));
  EXPECT_EQ(off.counts().units, 0u);
  EXPECT_EQ(off.metrics_text(), "");
}

TEST_F(Sighted, MetricsAreCountsAlone) {
  seen_in(5, one);
  EXPECT_EQ(sightings.metrics_text(),
            "lotmark_api_sightings_total 5\nlotmark_api_sightings_often_total 1\n"
            "lotmark_api_sighted_units_forgotten_total 0\nlotmark_api_sighted_units 1\n");
}

TEST(SightingPlace, IsANetworkAsCoarseAsItCounts) {
  EXPECT_EQ(sighting_place("192.0.2.7", ""), sighting_place("192.0.2.200", ""));
  EXPECT_NE(sighting_place("192.0.2.7", ""), sighting_place("192.0.3.7", ""));
  EXPECT_EQ(sighting_place("2001:db8:17:4::/64", ""), sighting_place("2001:db8:17:5::/64", ""));
  EXPECT_NE(sighting_place("2001:db8:17:4::/64", ""), sighting_place("2001:db8:18:4::/64", ""));
  EXPECT_EQ(sighting_place("2001:db8::/64", ""), sighting_place("2001:db8:0:1::/64", ""));
  EXPECT_NE(sighting_place("2001:db8::/64", ""), sighting_place("2001:db8:1::/64", ""));
  EXPECT_EQ(sighting_place("::/64", ""), "network 0:0:0::/48");
}

TEST(SightingPlace, IsTheRegionWhereAProxyNamesOne) {
  EXPECT_EQ(sighting_place("192.0.2.7", "CN-53"), sighting_place("198.51.100.1", "CN-53"));
  EXPECT_NE(sighting_place("192.0.2.7", "CN-53"), sighting_place("192.0.2.7", "CN-54"));
}

}  // namespace
}  // namespace lotmark::api
