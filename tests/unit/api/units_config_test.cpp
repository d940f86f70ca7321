// The tables [units] and [sightings] of api.toml.
#include <gtest/gtest.h>

#include "api/config.h"
#include "tests/unit/api/api_fixture.h"

namespace lotmark::api {
namespace {

class UnitsTables : public ::testing::Test {
 protected:
  UnitsTables() {
    for (const char* name : {"chain.db", "anchor", "a.db", "b.db", "marks.db", "api.key"})
      dir.write(name, "x");
  }
  Result<ApiConfig> read(std::string_view tables) {
    return read_api_config(
        dir.write("api.toml",
                  "[api]\nchain_db = \"chain.db\"\nanchor = \"anchor\"\norigin = \"https://x\"\n" +
                      std::string(tables)));
  }
  test::TempDir dir;
};

TEST_F(UnitsTables, WithoutThemSightingsAreKeptAndNothingElseIsThere) {
  const auto c = read("");
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_TRUE(c->units.private_dbs.empty());
  EXPECT_TRUE(c->units.node.empty());
  EXPECT_TRUE(c->sightings.enabled);
  EXPECT_EQ(c->sightings.places, 5u);
  EXPECT_EQ(c->sightings.window.count(), 3600);
  EXPECT_EQ(c->sightings.entries, 1'000'000u);
}

TEST_F(UnitsTables, WhatIsPrintedReadsTheSame) {
  const auto c = read(
      "[units]\nprivate_dbs = [\"a.db\", \"b.db\"]\nmarks_db = \"marks.db\"\n"
      "node = \"http://127.0.0.1:1\"\nnode_kid = \"00112233445566778899aabbccddeeff\"\n"
      "key = \"api.key\"\n"
      "[sightings]\nenabled = false\nplaces = 3\nwindow_s = 60\nentries = 7\n");
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->units.private_dbs.at(1), dir.path() / "b.db");
  const auto printed = print_config(*c);
  const auto again = read_api_config(dir.write("again.toml", printed));
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(print_config(*again), printed);
  EXPECT_FALSE(again->sightings.enabled);
  EXPECT_EQ(again->sightings.window.count(), 60);
  EXPECT_EQ(again->units.key, dir.path() / "api.key");
}

TEST_F(UnitsTables, AllFaultsComeAtOnceWithTheirLines) {
  const auto c = read(
      "[units]\nprivate_dbs = [\"a.db\", \"a.db\", \"none.db\"]\nnode = \"http://127.0.0.1:1\"\n"
      "node_kid = \"00\"\nmarks = \"marks.db\"\n"
      "[sightings]\nenabled = 1\nplaces = 1\nwindow_s = 59\nentries = 0\nplace = 3\n");
  ASSERT_EQ(c.code(), Errc::kConfig);
  for (const char* expected :
       {":6: units.private_dbs: stands twice", ":6: units.private_dbs: no such file",
        ":8: units.node_kid: must be a kid", ":7: units.node: node, node_kid and key go together",
        ":9: units.marks: unknown key", ":11: sightings.enabled: must be true or false",
        ":12: sightings.places: must be a number from 2 to 16",
        ":13: sightings.window_s: must be a number from 60 to 86400",
        ":14: sightings.entries: must be a number from 1 to 10000000",
        ":15: sightings.place: unknown key"}) {
    EXPECT_NE(c.error().text.find(expected), std::string::npos) << expected << "\nin\n"
                                                                << c.error().text;
  }
}

}  // namespace
}  // namespace lotmark::api
